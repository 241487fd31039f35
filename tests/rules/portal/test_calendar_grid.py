"""A rota's weeks as a table, across changes of the clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from andon.core.periods import Period
from andon.oncall.types import Shift
from andon.web.portal import calendar_grid

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize("day", ["2026-03-26", "2026-10-22", "2026-11-21"])
def test_weeks_are_seven_local_days_whatever_the_clocks_do(day: str) -> None:
    weeks = calendar_grid.weeks(now=at(f"{day}T12:00"), zone=LONDON, count=3)
    assert len(weeks) == 3
    assert all(one.starts_at.astimezone(LONDON).weekday() == 0 for one in weeks)
    assert all(one.starts_at.astimezone(LONDON).hour == 0 for one in weeks)
    drawn = calendar_grid.draw(
        weeks=weeks, answered=weeks, shifts=[], names={}, zone=LONDON, now=at(f"{day}T12:00")
    )
    days = [one.day for week in drawn for one in week]
    assert len(days) == 21
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=1)}
    assert sum(one.today for week in drawn for one in week) == 1


def test_a_hand_over_day_shows_both_people_and_when() -> None:
    now = at("2026-11-18T12:00")
    shifts = [
        Shift(Period(at("2026-11-09T09:00"), at("2026-11-16T09:00")), "ann"),
        Shift(Period(at("2026-11-16T09:00"), at("2026-11-23T09:00")), "ben", override=7),
    ]
    weeks = calendar_grid.weeks(now=now, zone=LONDON, count=1)
    names = {"ann": "Ann", "ben": "Ben"}
    [week] = calendar_grid.draw(
        weeks=weeks, answered=weeks, shifts=shifts, names=names, zone=LONDON, now=now
    )
    assert [(b.name, b.when) for b in week[0].blocks] == [("Ann", ""), ("Ben", "09:00")]
    assert [(b.name, b.when) for b in week[1].blocks] == [("Ben", "")]
    assert all(block.override for block in week[3].blocks)
    assert week[0].past
    assert week[2].today
    assert {b.colour for b in week[0].blocks} == {1, 2}


def test_a_day_that_nobody_has_is_empty() -> None:
    now = at("2026-11-18T12:00")
    weeks = calendar_grid.weeks(now=now, zone=LONDON, count=1)
    [week] = calendar_grid.draw(
        weeks=weeks, answered=weeks, shifts=[], names={}, zone=LONDON, now=now
    )
    assert all(day.blocks == () for day in week)


def test_before_a_rota_was_declared_nobody_is_said_of_no_day() -> None:
    now = at("2026-11-18T12:00")
    weeks = calendar_grid.weeks(now=now, zone=LONDON, count=1)
    [week] = calendar_grid.draw(
        weeks=weeks,
        answered=weeks,
        shifts=[],
        names={},
        zone=LONDON,
        now=now,
        known_from=at("2026-11-18T10:00"),
    )
    assert [day.known for day in week] == [False, False, True, True, True, True, True]
