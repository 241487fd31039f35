"""Rotations on the local clock: hand-overs, changes of the clocks, skipped days."""

from datetime import timedelta
from itertools import pairwise

import pytest

from andon.oncall import rules
from tests.rules.oncall.builders import rota, span, told, utc, version

HOUR = timedelta(hours=1)


def shifts(found, start, end):
    return rules.shifts(rota=found, period=span(start, end))


def test_a_week_each_in_order_and_round_again():
    assert told(shifts(rota(), "2026-01-05 09:00", "2026-01-27 00:00")) == [
        "ann 2026-01-05 09:00..2026-01-12 09:00",
        "ben 2026-01-12 09:00..2026-01-19 09:00",
        "cat 2026-01-19 09:00..2026-01-26 09:00",
        "ann 2026-01-26 09:00..2026-02-02 09:00",
    ]


def test_the_rotation_also_runs_backwards_from_its_first_hand_over():
    assert told(shifts(rota(), "2025-12-22 09:00", "2026-01-05 09:00")) == [
        "ben 2025-12-22 09:00..2025-12-29 09:00",
        "cat 2025-12-29 09:00..2026-01-05 09:00",
    ]


@pytest.mark.parametrize(
    ("start", "hours"),
    [("2027-03-15 09:00", 168), ("2027-03-22 09:00", 167), ("2027-10-25 08:00", 169)],
)
def test_r52_shift_made_across_dst_keeps_its_length_rule(start, hours):
    shift = rules.who(rota=rota(), at=utc(start))
    assert shift.period.starts_at == utc(start)
    assert shift.period.length == hours * HOUR


def test_r55_handover_is_a_wall_time():
    found = shifts(rota(), "2027-03-15 09:00", "2027-11-20 00:00")
    winter = {"09:00"} | {
        f"{s.period.starts_at:%H:%M}" for s in found if s.period.starts_at.month == 11
    }
    summer = {f"{s.period.starts_at:%H:%M}" for s in found if 4 <= s.period.starts_at.month <= 9}
    assert (winter, summer) == ({"09:00"}, {"08:00"})


@pytest.mark.parametrize(
    "zone",
    [
        "Etc/GMT+12",
        "Pacific/Honolulu",
        "America/New_York",
        "UTC",
        "Europe/London",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
    ],
)
def test_r53_daily_rota_outside_utc_alternates(zone):
    found = shifts(
        rota(version(zone, unit="day", people="ann ben")), "2026-03-01 00:00", "2026-12-01 00:00"
    )
    people = [s.person for s in found]
    assert len(people) >= 275
    assert all(a != b for a, b in pairwise(people))
    assert all(a.period.ends_at == b.period.starts_at for a, b in pairwise(found))


def test_a_skipped_day_leaves_no_gap():
    found = rota(version("Pacific/Apia", unit="day", starts_on="2011-12-29"))
    assert told(shifts(found, "2011-12-29 19:00", "2012-01-01 19:00")) == [
        "ann 2011-12-29 19:00..2011-12-30 10:00",
        "ben 2011-12-30 10:00..2011-12-30 19:00",
        "cat 2011-12-30 19:00..2011-12-31 19:00",
        "ann 2011-12-31 19:00..2012-01-01 19:00",
    ]


def test_a_shift_without_length_is_dropped_and_not_counted_as_served():
    found = rota(version("Pacific/Apia", unit="day", handover="00:00", starts_on="2011-12-29"))
    assert told(shifts(found, "2011-12-29 10:00", "2012-01-01 10:00")) == [
        "ann 2011-12-29 10:00..2011-12-30 10:00",
        "ben 2011-12-30 10:00..2011-12-31 10:00",
        "cat 2011-12-31 10:00..2012-01-01 10:00",
    ]
    years_later = rules.who(rota=found, at=utc("2014-06-01 12:00"))
    days = (utc("2014-06-01 12:00") - utc("2011-12-31 10:00")).days
    assert years_later.person == ("cat", "ann", "ben")[days % 3]


def test_a_shift_without_length_is_not_counted_backwards_either():
    found = rota(version("Pacific/Apia", unit="day", handover="00:00", starts_on="2012-01-01"))
    assert told(shifts(found, "2011-12-28 10:00", "2011-12-31 11:00")) == [
        "ann 2011-12-28 10:00..2011-12-29 10:00",
        "ben 2011-12-29 10:00..2011-12-30 10:00",
        "cat 2011-12-30 10:00..2011-12-31 10:00",
        "ann 2011-12-31 10:00..2012-01-01 10:00",
    ]


def test_r56_missing_and_double_hours():
    missing = rota(version(unit="day", handover="01:30"))
    assert told(shifts(missing, "2027-03-28 01:00", "2027-03-29 00:00"))[0].endswith(
        "2027-03-28 01:00..2027-03-29 00:30"
    )
    double = told(shifts(missing, "2027-10-31 00:30", "2027-11-01 00:00"))
    assert double[0].endswith("2027-10-31 00:30..2027-11-01 01:30")
    lord_howe = rota(version("Australia/Lord_Howe", unit="day", handover="02:15"))
    assert rules.who(rota=lord_howe, at=utc("2027-10-02 15:30")).period.starts_at == utc(
        "2027-10-02 15:30"
    )


def test_an_hourly_rotation_that_divides_the_day_follows_the_local_clock():
    found = shifts(
        rota(version(unit="hour", every=6, handover="03:00")),
        "2027-03-28 00:00",
        "2027-03-29 00:00",
    )
    assert [f"{s.period.starts_at:%d %H:%M}" for s in found] == [
        "27 21:00",
        "28 02:00",
        "28 08:00",
        "28 14:00",
        "28 20:00",
    ]


@pytest.mark.parametrize("every", [5, 7, 36])
def test_an_hourly_rotation_that_does_not_divide_the_day_runs_on_elapsed_time(every):
    found = shifts(rota(version(unit="hour", every=every)), "2027-03-20 00:00", "2027-04-05 00:00")
    assert {s.period.length for s in found} == {every * HOUR}
    assert (found[0].period.starts_at - utc("2026-01-05 09:00")) % (every * HOUR) == timedelta(0)


def test_the_hour_lost_in_spring_is_nobodys_turn():
    found = rota(version(unit="hour", handover="00:00", starts_on="2027-03-28"))
    assert told(shifts(found, "2027-03-28 00:00", "2027-03-28 03:00")) == [
        "ann 2027-03-28 00:00..2027-03-28 01:00",
        "ben 2027-03-28 01:00..2027-03-28 02:00",
        "cat 2027-03-28 02:00..2027-03-28 03:00",
    ]


def test_r59_twelve_hour_shifts_and_month_ends():
    found = rota(version(unit="hour", every=12, handover="20:00", people="night day"))
    for start, end in (
        ("2028-02-27 00:00", "2028-03-02 00:00"),
        ("2027-03-26 12:00", "2027-03-30 12:00"),
        ("2027-10-29 00:00", "2027-11-02 00:00"),
        ("2027-12-30 00:00", "2028-01-02 00:00"),
    ):
        for shift in shifts(found, start, end):
            local = rules.say_instant(shift.period.starts_at, "Europe/London")
            assert ("20:00" in local) == (shift.person == "night"), local


@pytest.mark.parametrize(
    "name", ["PST8PDT", "EST", "GB", "US/Pacific", "Asia/Calcutta", "Etc/GMT+5"]
)
def test_r57_old_zone_names_work(name):
    found = shifts(rota(version(name)), "2027-03-01 00:00", "2027-04-01 00:00")
    assert len(found) >= 5
    assert " 09:00 " in rules.say_instant(found[1].period.starts_at, name)
