"""Rotas that do not run every day: turns are counted per shift served, so that everybody serves."""

from collections import Counter
from datetime import timedelta

import pytest

from andon.oncall import rules
from tests.rules.oncall.builders import asked, edit, rota, span, told, utc, version

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
