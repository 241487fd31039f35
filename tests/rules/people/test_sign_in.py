"""Guessing is slowed; nobody is kept out of their own account by a stranger's guesses."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from andon.people import rules
from andon.people.types import SignInTry, Wait

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
HOME, AWAY = "192.0.2.7", "198.51.100.9"


def tries(
    count: int, *, name: str = "ann", network: str = AWAY, device: str = "", ago: float = 60
) -> list[SignInTry]:
    at = NOW - timedelta(seconds=ago)
    return [SignInTry(at, name, network, device) for _ in range(count)]


def wait(
    known: Sequence[SignInTry], *, name: str = "ann", network: str = AWAY, device: str = ""
) -> Wait | None:
    return rules.sign_in_wait(tries=known, name=name, network=network, device=device, now=NOW)


def test_the_tenth_wrong_password_is_looked_at_and_the_eleventh_is_not() -> None:
    assert wait(tries(9)) is None
    refused = wait(tries(10))
    assert refused is not None
    assert refused.until == NOW + timedelta(minutes=14)
    assert "under this name from your network" in refused.reason


def test_a_try_counts_for_a_quarter_of_an_hour() -> None:
    assert wait(tries(10, ago=899)) is not None
    assert wait(tries(10, ago=900)) is None


def test_wrong_passwords_of_others_behind_the_same_proxy_lock_nobody_out_for_everybody() -> None:
    assert wait(tries(10), name="ann") is not None
    assert wait(tries(10), name="ben") is None


def test_guesses_at_a_name_from_elsewhere_do_not_keep_its_owner_out() -> None:
    attack = [one for n in range(200) for one in tries(1, network=f"203.0.113.{n}")]
    assert wait(attack, network=HOME) is None
    assert wait([*attack, *tries(3, network=HOME)], network=HOME) is not None, "but few may fail"


def test_a_browser_that_is_known_is_not_held_up_by_strangers_at_the_same_address() -> None:
    attack = tries(500, network=HOME)
    assert wait(attack, network=HOME) is not None
    assert wait(attack, network=HOME, device="d1") is None
    own = tries(10, network=HOME, device="d1")
    assert wait(own, network=HOME, device="d1") is not None, "whoever stole it guesses no faster"


def test_spraying_names_from_one_place_is_slowed() -> None:
    sprayed = [one for n in range(40) for one in tries(1, name=f"person-{n}", ago=40 - n)]
    refused = wait(sprayed, name="person-41")
    assert refused is not None
    assert refused.until == NOW + timedelta(seconds=29), "half a minute after the last"
    assert wait(sprayed, name="person-41", network=HOME) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("somewhere", "unknown"),
    ],
)
def test_one_line_of_ipv6_is_one_place(address: str, network: str) -> None:
    assert rules.network_of(address=address) == network
