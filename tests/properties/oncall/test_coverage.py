"""Coverage in every zone of the database, over ten years: no gap, nobody twice."""

from datetime import timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from andon.catalogue.rules.zones import gaps
from andon.core.periods import Period
from andon.oncall import rules
from tests.rules.oncall.builders import rota, span, version


def every_clock():
    """Return the zones of the database, those that are one clock under several names once."""
    folder = resources.files("tzdata") / "zoneinfo"
    names = sorted(available_timezones() - {"Factory", "localtime"})
    return sorted({(folder / name).read_bytes(): name for name in names}.values())


ZONES = every_clock()
TEN_YEARS = span("2021-01-01 00:00", "2031-01-01 00:00")
RHYTHMS = {
    "week at 09:00": {"unit": "week"},
    "day at 01:30": {"unit": "day", "handover": "01:30"},
    "day at midnight": {"unit": "day", "handover": "00:00"},
    "twelve hours": {"unit": "hour", "every": 12, "handover": "02:30"},
    "one hour": {"unit": "hour", "every": 1, "handover": "00:00"},
    "five hours": {"unit": "hour", "every": 5},
}


def assert_covered(found, window):
    """The shifts tile a window: each begins where the one before it ends, none is empty."""
    shifts = rules.shifts(rota=found, period=window)
    assert shifts[0].period.starts_at <= window.starts_at
    assert shifts[-1].period.ends_at >= window.ends_at
    for earlier, later in pairwise(shifts):
        assert earlier.period.ends_at == later.period.starts_at
        assert later.period.length > timedelta(0)


@cache
def changes(zone):
    """Return the days around every change of the clocks in ten years, forward and back."""
    day, at, before = timedelta(days=1), TEN_YEARS.starts_at, None
    found = []
    while at < TEN_YEARS.ends_at:
        offset = at.astimezone(ZoneInfo(zone)).utcoffset()
        if before is not None and offset != before:
            found.append(Period(at - 2 * day, at + day))
        before, at = offset, at + day
    return found


@pytest.mark.parametrize("rhythm", RHYTHMS.values(), ids=RHYTHMS)
def test_r51_coverage_is_complete_across_dst(rhythm):
    """Around every change of the clocks; between changes hand-overs are evenly spaced."""
    seen = 0
    for zone in ZONES:
        found = rota(version(zone, **rhythm))
        for window in changes(zone):
            seen += 1
            assert_covered(found, window)
    assert seen > 1500


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/London",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "America/Havana",
        "Asia/Gaza",
        "UTC",
    ],
)
@pytest.mark.parametrize("rhythm", ["week at 09:00", "day at 01:30", "twelve hours"])
def test_r51_ten_whole_years_are_covered(zone, rhythm):
    assert_covered(rota(version(zone, **RHYTHMS[rhythm])), TEN_YEARS)


def test_the_gaps_of_a_zone_are_found_to_the_second():
    (spring,) = gaps("Europe/London", 2027)
    assert (f"{spring.starts}", f"{spring.ends}") == ("2027-03-28 01:00:00", "2027-03-28 02:00:00")
    (half,) = gaps("Australia/Lord_Howe", 2027)
    assert half.ends - half.starts == timedelta(minutes=30)
    (day,) = [g for g in gaps("Pacific/Apia", 2011) if g.ends - g.starts > timedelta(hours=2)]
    assert (f"{day.starts}", f"{day.ends}") == ("2011-12-30 00:00:00", "2011-12-31 00:00:00")
    assert gaps("UTC", 2027) == ()
