"""Which ways count as broken, whom that leaves out of reach, and what is said of it."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.core.trouble import Trouble
from andon.paging.rules import ways
from andon.paging.types import Way

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
MAIL, NTFY = ("email", "ann@example.org"), ("ntfy", "https://ntfy.example/t-1")
DEAD_MAIL = Way("email", "", NOW, fails_since=NOW, failures=1, said="no SMTP server is configured")
DEAD_NTFY = Way("ntfy", "ntfy.example", NOW, fails_since=NOW, failures=1, said="cannot connect")
ONE_SERVER = "Push messages to one of the servers cannot be sent"


def said(people: list[list[tuple[str, str]]], *broken: Way, fallback: int = 0) -> list[Trouble]:
    return ways.troubles(
        broken=broken,
        reach=ways.reach(people=people, broken=broken),
        fallback={("email", ""): fallback},
        now=NOW,
    )


@pytest.mark.parametrize(
    ("people", "broken", "words"),
    [
        (
            [[MAIL], [MAIL]],
            [DEAD_MAIL],
            "Mail cannot be sent, and there is no other way to anybody: nobody can be paged",
        ),
        (
            [[MAIL], [MAIL, NTFY]],
            [DEAD_MAIL],
            "Mail cannot be sent; 1 of 2 people cannot be paged at all",
        ),
        (
            [[MAIL, NTFY]],
            [DEAD_MAIL],
            "Mail cannot be sent; everybody has another address that can be used",
        ),
        (
            [[NTFY], [MAIL]],
            [DEAD_NTFY],
            f"{ONE_SERVER}; 1 of 2 people cannot be paged at all",
        ),
        (
            [[], []],
            [],
            "Nobody can be paged: nobody in the catalogue has a usable address",
        ),
    ],
)
def test_what_is_said_names_how_many_cannot_be_paged(
    people: list[list[tuple[str, str]]], broken: list[Way], words: str
) -> None:
    (one,) = said(people, *broken)
    assert one.what == words
    assert one.is_ours


def test_a_way_that_nobody_depends_on_is_no_trouble() -> None:
    assert said([[NTFY]], DEAD_MAIL) == []
    assert said([], DEAD_MAIL) == []
    assert said([[NTFY]], DEAD_MAIL, fallback=1)[0].what == (
        "Mail cannot be sent: the fallback contact is not told of anything by it"
    )


def test_both_ways_broken_are_both_said() -> None:
    first, second = said([[MAIL], [NTFY]], DEAD_MAIL, DEAD_NTFY)
    assert "nobody can be paged" in first.what
    assert "nobody can be paged" in second.what


@pytest.mark.parametrize(
    ("failures", "has_worked", "broken"),
    [(0, False, False), (0, True, False), (1, True, False), (2, True, True), (1, False, True)],
)
def test_one_failure_is_a_hiccup_unless_it_has_never_worked(
    failures: int, has_worked: bool, broken: bool
) -> None:
    worked_at = NOW - timedelta(hours=1) if has_worked else None
    way = Way("email", "", NOW, worked_at=worked_at, failures=failures)
    assert ways.is_broken(way=way) is broken


@pytest.mark.parametrize(
    ("way", "seconds"),
    [
        (Way("email", "", NOW, worked_at=NOW), 300),
        (Way("email", "", NOW, worked_at=NOW, failures=1), 10),
        (Way("email", "", NOW, worked_at=NOW, failures=2), 30),
        (Way("email", "", NOW, failures=1), 30),
    ],
)
def test_what_does_not_work_is_looked_at_sooner(way: Way, seconds: int) -> None:
    assert not ways.is_due(way=way, now=NOW + timedelta(seconds=seconds - 1))
    assert ways.is_due(way=way, now=NOW + timedelta(seconds=seconds))
    assert ways.is_due(way=None, now=NOW)


def test_the_name_of_a_trouble_is_short_whatever_the_host() -> None:
    long = ways.name(kind="webhook", server=f"{'x' * 250}.example:8443")
    assert len(f"alarm-{long}") <= 60
    assert long != ways.name(kind="webhook", server="other.example")
