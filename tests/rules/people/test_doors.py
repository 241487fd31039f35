"""Who is meant by what somebody types, and when a link opens an account."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.people.rules import (
    BY_MAIL,
    MOST_BY_MAIL,
    TRIES,
    WINDOW,
    link_refusal,
    mail_wait,
    sign_in_wait,
    typed_name,
    who_is_meant,
)
from andon.people.types import Door, DoorLink, LinkPurpose, Named, SignInTry

NOW = datetime(2026, 11, 27, 22, 3, tzinfo=UTC)
PEOPLE = (
    Named("ann", "Ann Ashby", ("ann@example.org", "a.ashby@example.org")),
    Named("ben", "Ben Osei", ("ben@example.org",)),
    Named("ben-2", "Ben  Osei", ("b.osei@example.org",)),
    Named("eva", "Éva Ürge", ("eva@example.org", "desk@example.org")),
    Named("fay", "Fay", ("desk@example.org", "")),
)


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("ann", "ann"),
        ("ANN", "ann"),
        ("Ann Ashby", "ann"),
        ("  ann   ASHBY ", "ann"),
        ("Ann@Example.ORG", "ann"),
        ("a.ashby@example.org", "ann"),
        ("éva ürge", "eva"),
        ("ben", "ben"),  # a short name goes before a name that two share
        ("Ben Osei", ""),
        ("b.osei@example.org", "ben-2"),
        ("desk@example.org", ""),  # an address that two share is nobody's
        ("fay", "fay"),
        ("", ""),
        ("nobody", ""),
        ("ann@example", ""),
    ],
)
def test_people_are_known_by_slug_address_or_name_in_any_case(typed: str, slug: str) -> None:
    assert who_is_meant(typed=typed_name(typed), people=PEOPLE) == slug


@given(st.text(max_size=300))
def test_whatever_is_typed_means_one_person_or_nobody(typed: str) -> None:
    name = typed_name(typed + "\ud800")
    assert "\x00" not in name
    assert name.encode("utf-8"), "a database takes it"
    assert len(name) <= 254
    assert who_is_meant(typed=name, people=PEOPLE) in {"", *(one.slug for one in PEOPLE)}


def link(*, ended: bool = False, age: timedelta = timedelta()) -> DoorLink:
    made = NOW - age
    ended_at = made if ended else None
    return DoorLink(LinkPurpose.SIGN_IN, "ann", "Ann Ashby", made + BY_MAIL, ended_at)


def test_a_link_opens_once_and_for_a_while() -> None:
    assert link_refusal(link=link(), now=NOW) == ""
    assert link_refusal(link=link(age=BY_MAIL - timedelta(seconds=1)), now=NOW) == ""
    assert "too old" in link_refusal(link=link(age=BY_MAIL), now=NOW)
    assert "has been used" in link_refusal(link=link(ended=True), now=NOW)


def test_a_person_gets_a_few_links_in_a_while() -> None:
    made = [NOW - timedelta(minutes=n) for n in range(1, MOST_BY_MAIL)]
    assert mail_wait(made=made, now=NOW) is None
    wait = mail_wait(made=[*made, NOW], now=NOW)
    assert wait is not None
    assert wait.until == min(made) + WINDOW
    assert mail_wait(made=[*made, NOW], now=wait.until) is None


@pytest.mark.parametrize(
    ("door", "words"), [(Door.PASSWORD, "wrong passwords"), (Door.LINK, "sign-in links asked for")]
)
def test_who_waits_is_told_what_there_was_too_much_of(door: Door, words: str) -> None:
    tries = [SignInTry(NOW, "ann", "192.0.2.1", "")] * TRIES
    wait = sign_in_wait(tries=tries, name="ann", network="192.0.2.1", device="", now=NOW, door=door)
    assert wait is not None
    assert wait.reason == f"Too many {words} under this name from your network"
