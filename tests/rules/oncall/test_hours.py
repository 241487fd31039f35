"""Working hours, bank holidays, and times that people type."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from andon.catalogue.types import WorkingHours
from andon.core.periods import first_instant, last_instant
from andon.oncall import queries, rules
from andon.oncall.rules import UnableToReadTime
from tests.rules.oncall.builders import span, utc

LONDON = WorkingHours()
WEEKDAYS = "Mon-Fri 09:00-17:00 Europe/London"


def bank_holiday(day):
    return "Early May bank holiday" if day == date(2027, 5, 3) else ""


def hours(at, working_hours=LONDON):
    return rules.hours(working_hours=working_hours, at=utc(at), holidays=bank_holiday)


@pytest.mark.parametrize(
    ("at", "working", "next_start", "reason"),
    [
        (
            "2027-05-01 02:00",
            False,
            "2027-05-04 08:00",
            "Sat 1 May 2027 is not a working day (Mon-Fri)",
        ),
        (
            "2027-05-03 10:00",
            False,
            "2027-05-04 08:00",
            "Mon 3 May 2027 is a bank holiday (Early May bank holiday)",
        ),
        (
            "2027-05-04 02:00",
            False,
            "2027-05-04 08:00",
            "Tue 4 May 2027 03:00 Europe/London is before working hours begin at 09:00",
        ),
        (
            "2027-05-04 10:00",
            True,
            "2027-05-04 10:00",
            f"Tue 4 May 2027 11:00 Europe/London is in working hours ({WEEKDAYS})",
        ),
        (
            "2027-05-07 16:00",
            False,
            "2027-05-10 08:00",
            "Fri 7 May 2027 17:00 Europe/London is after working hours end at 17:00",
        ),
    ],
)
def test_hours_say_why_and_when_they_next_begin(at, working, next_start, reason):
    found = hours(at)
    assert (found.working, found.next_start, found.reason) == (working, utc(next_start), reason)


def test_r50_office_hours_do_not_move_with_dst():
    for day in ("2027-03-26", "2027-03-29", "2027-10-29", "2027-11-01"):
        midnight = utc(f"{day} 00:00")
        local = hours(f"{day} 03:00").next_start.astimezone(ZoneInfo("Europe/London"))
        assert (local.date(), local.time()) == (midnight.date(), time(9))


def test_the_hours_of_a_night_team_belong_to_the_day_they_begin():
    night = WorkingHours(starts=time(17, 30), ends=time(9), days=frozenset({4, 5, 6}))
    assert hours("2027-05-02 03:00", night).working
    assert not hours("2027-04-30 03:00", night).working
    for start, length in (
        ("2027-03-27 17:30", 14.5),
        ("2027-10-30 16:30", 16.5),
        ("2027-01-09 17:30", 15.5),
    ):
        window = span(start, f"{utc(start).date() + timedelta(days=1)} 12:00")
        (worked,) = rules.working_periods(working_hours=night, period=window)
        assert (worked.starts_at, worked.length) == (utc(start), timedelta(hours=length))


def test_hours_start_at_the_first_occurrence_and_end_at_the_last():
    """When the clocks go back, the two overlap; never a gap."""
    evening = WorkingHours(starts=time(22), ends=time(1, 30), days=frozenset({5}))
    morning = WorkingHours(starts=time(1, 30), ends=time(9), days=frozenset({6}))
    window = span("2027-10-30 12:00", "2027-10-31 12:00")
    found = [
        rules.working_periods(working_hours=shift, period=window) for shift in (evening, morning)
    ]
    assert found == [
        [span("2027-10-30 21:00", "2027-10-31 01:30")],
        [span("2027-10-31 00:30", "2027-10-31 09:00")],
    ]


def test_working_periods_are_cut_to_the_period_and_leave_out_holidays():
    found = rules.working_periods(
        working_hours=LONDON,
        period=span("2027-04-30 10:00", "2027-05-05 09:00"),
        holidays=bank_holiday,
    )
    assert found == [
        span("2027-04-30 10:00", "2027-04-30 16:00"),
        span("2027-05-04 08:00", "2027-05-04 16:00"),
        span("2027-05-05 08:00", "2027-05-05 09:00"),
    ]


def test_working_hours_around_the_clock_count_each_instant_once():
    always = WorkingHours(
        timezone="America/Havana", starts=time(0), ends=time(0), days=frozenset(range(7))
    )
    window = span("2027-03-01 00:00", "2027-12-01 00:00")
    assert rules.working_periods(working_hours=always, period=window) == [window]


def test_working_hours_that_never_begin_hold_nothing_for_ever():
    found = hours("2027-05-04 10:00", WorkingHours(days=frozenset()))
    assert not found.working
    assert found.next_start == utc("2027-05-04 10:00")
    assert "no working hours begin" in found.reason


@pytest.mark.parametrize(
    ("zone", "local", "first", "last"),
    [
        ("Europe/London", "2027-10-31 01:30", "2027-10-31 00:30", "2027-10-31 01:30"),
        ("Europe/London", "2027-03-28 01:30", "2027-03-28 01:00", "2027-03-28 01:00"),
        ("America/New_York", "2027-11-07 01:30", "2027-11-07 05:30", "2027-11-07 06:30"),
        ("America/New_York", "2027-03-14 02:30", "2027-03-14 07:00", "2027-03-14 07:00"),
        ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-03 14:45", "2027-04-03 15:15"),
        ("Australia/Lord_Howe", "2027-10-03 02:15", "2027-10-02 15:30", "2027-10-02 15:30"),
        ("Pacific/Apia", "2011-12-30 09:00", "2011-12-30 10:00", "2011-12-30 10:00"),
    ],
)
def test_r56_first_and_last_occurrence(zone, local, first, last):
    wall = datetime.fromisoformat(local)
    assert first_instant(wall.date(), wall.time(), ZoneInfo(zone)) == utc(first)
    assert last_instant(wall.date(), wall.time(), ZoneInfo(zone)) == utc(last)


def test_a_typed_time_that_does_not_exist_is_refused_with_the_next_valid_one():
    with pytest.raises(UnableToReadTime) as refused:
        rules.instant_from_wall(
            local=datetime.fromisoformat("2027-03-28 01:30"), timezone="Europe/London"
        )
    assert refused.value.data["problem"] == "missing"
    assert "2027-03-28 02:00" in refused.value.message


def test_a_typed_time_that_happens_twice_is_asked_for():
    local = datetime.fromisoformat("2027-10-31 01:30")
    with pytest.raises(UnableToReadTime) as refused:
        rules.instant_from_wall(local=local, timezone="Europe/London")
    assert refused.value.data["problem"] == "ambiguous"
    for occurrence, instant in (("first", "2027-10-31 00:30"), ("second", "2027-10-31 01:30")):
        found = rules.instant_from_wall(
            local=local, timezone="Europe/London", occurrence=occurrence
        )
        assert found == utc(instant)


def test_an_ordinary_typed_time_and_an_unknown_zone():
    local = datetime.fromisoformat("2027-07-01 09:00")
    assert rules.instant_from_wall(local=local, timezone="Europe/London") == utc("2027-07-01 08:00")
    with pytest.raises(UnableToReadTime, match="not an IANA time zone"):
        rules.instant_from_wall(local=local, timezone="Mars/Olympus")


def test_bank_holidays_come_from_the_library():
    england, scotland = queries.find_holidays(code="GB-ENG"), queries.find_holidays(code="GB-SCT")
    assert england(date(2027, 5, 3))
    assert (england(date(2027, 8, 30)) != "", scotland(date(2027, 8, 30))) == (True, "")
    assert queries.find_holidays(code="DE-BY")(date(2027, 1, 6))
    assert queries.find_holidays(code="")(date(2027, 12, 25)) == ""
    found = queries.hours_at(working_hours=LONDON, at=utc("2027-05-03 10:00"))
    assert found.reason.startswith("Mon 3 May 2027 is a bank holiday (")
    assert found.next_start == utc("2027-05-04 08:00")


@pytest.mark.parametrize("code", ["XX", "GB-XX", "nonsense", "GB-"])
def test_an_unknown_holiday_calendar_is_refused_but_never_stops_paging(code):
    if code != "GB-":
        with pytest.raises(queries.UnableToFindHolidays, match="GB-ENG"):
            queries.find_holidays(code=code)
    found = queries.hours_at(working_hours=WorkingHours(holidays=code), at=utc("2027-05-04 10:00"))
    assert found.working
