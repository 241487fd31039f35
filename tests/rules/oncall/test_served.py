"""Rotas that do not run every day: turns are counted per shift served, so that everybody serves."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from andon.core.periods import Period
from andon.oncall import rules
from tests.rules.oncall.builders import asked, edit, rota, span, told, utc, version
from tests.rules.oncall.test_editing import edits, moments, walls, zones

DAY = timedelta(days=1)


def daily(people, **more):
    return rota(version(unit="day", people=people, asked=asked(), **more), covers="working-hours")


def on_call(found, at):
    return rules.who(rota=found, at=at).person


def test_a_turn_follows_a_working_day_and_the_weekend_is_nobodys():
    found = daily("ann ben cat dan eve fay gus")
    assert told(rules.shifts(rota=found, period=span("2026-01-08 09:00", "2026-01-14 09:00"))) == [
        "dan 2026-01-08 09:00..2026-01-09 09:00",
        "eve 2026-01-09 09:00..2026-01-12 09:00",
        "fay 2026-01-12 09:00..2026-01-13 09:00",
        "gus 2026-01-13 09:00..2026-01-14 09:00",
    ]


@pytest.mark.parametrize("size", range(2, 15))
@pytest.mark.parametrize("week", [0, 400, -60])
def test_everybody_serves_whatever_the_size_of_the_list(size, week):
    """Fourteen people of a daily rota would serve the same weekday for ever; two never at all."""
    found = daily(" ".join(f"p{n}" for n in range(size)))
    monday = utc("2026-01-05 12:00") + 7 * week * DAY
    served = Counter(on_call(found, monday + day * DAY) for day in range(7 * size) if day % 7 < 5)
    assert served == dict.fromkeys((f"p{n}" for n in range(size)), 5)


def test_eight_hours_within_working_hours_are_no_turn_of_a_rota_for_the_rest():
    """Three people and three slots a day: one of them would have none but weekends."""
    hours = asked(working=False)
    found = rota(version(unit="hour", every=8, people="ann ben cat", asked=hours))
    evenings = [
        on_call(found, utc(f"2026-01-{day:02} {clock}"))
        for day in range(5, 17)
        for clock in ("18:00", "02:00")
    ]
    assert all(6 <= count <= 10 for count in Counter(evenings).values())
    assert len(Counter(evenings)) == 3
    plain = rota(version(unit="hour", every=8, people="ann ben cat"))
    working = {on_call(plain, utc(f"2026-01-{day:02} 10:00")) for day in range(5, 10)}
    assert working == {"ann"}


def test_a_slot_of_two_days_is_a_turn_when_one_of_them_is_worked():
    found = rota(version(unit="day", every=2, people="ann ben cat", asked=asked("mon tue")))
    starts = [
        one.period.starts_at.weekday()
        for one in rules.shifts(rota=found, period=span("2026-01-05 09:00", "2026-03-02 09:00"))
    ]
    assert set(starts) <= {6, 0, 1}
    assert len(starts) == 12


def test_weekly_turns_and_hours_without_a_day_change_nothing():
    for more in ({"unit": "week"}, {"unit": "day", "asked": asked("")}):
        plain = rota(version(unit=more["unit"]))
        found = rota(version(**{"asked": asked(), **more}))
        window = span("2026-01-01 00:00", "2026-03-01 00:00")
        assert rules.shifts(rota=found, period=window) == rules.shifts(rota=plain, period=window)


def test_other_working_days_are_an_edit_and_move_nobody_now():
    wednesday = utc("2026-01-07 12:00")
    before = daily("ann ben cat dan")
    after = edit(before, wednesday, asked=asked("mon tue wed sat"))
    assert [on_call(after, wednesday + n * DAY) for n in range(6)] == [
        "cat",
        "dan",
        "dan",
        "dan",
        "dan",
        "ann",
    ]


@settings(max_examples=200, deadline=None)
@given(
    zone=zones,
    unit=st.sampled_from(["hour", "day"]),
    every=st.sampled_from([1, 2, 3, 6]),
    wall=walls,
    at=moments,
    days=st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1),
    working=st.booleans(),
)
def test_turns_tile_time_and_follow_the_order_from_any_instant(
    zone, unit, every, wall, at, days, working
):
    hours = asked(" ".join(days), "08:00", "18:30", working=working)
    found = rota(
        version(zone, unit=unit, every=every, handover=wall, people="a b c d e", asked=hours)
    )
    around = rules.shifts(rota=found, period=Period(at - 9 * DAY, at + 9 * DAY))
    assert [one for one in around if at in one.period] == [rules.who(rota=found, at=at)]
    for earlier, later in pairwise(around):
        assert earlier.period.ends_at == later.period.starts_at
        assert "abcde".index(later.person) == ("abcde".index(earlier.person) + 1) % 5


@settings(max_examples=150, deadline=None)
@given(case=edits(), working=st.booleans())
def test_a_rota_begins_to_count_what_is_served_without_moving_anybody_now(case, working):
    found, at, people = case
    assume(found.versions[-1].period.starts_at < at)
    after = edit(found, at, people=" ".join(people), asked=asked(working=working))
    running = rules.who(rota=found, at=at)
    if running.period.starts_at < at or running.person in people:
        assert rules.who(rota=after, at=at) == running
    ahead = rules.shifts(rota=after, period=Period(at, at + 60 * DAY))
    for earlier, later in pairwise(ahead):
        assert earlier.period.ends_at == later.period.starts_at
        assert earlier.person != later.person or len(people) == 1
