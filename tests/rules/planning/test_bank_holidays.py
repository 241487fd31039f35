"""Bank holidays in the model: against the calendar that on call itself follows, year by year."""

import math
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from andon.catalogue.types import Cover, WorkingHours
from andon.core.periods import Period
from andon.oncall import queries as oncall
from andon.planning.queries.build import HOLIDAY_YEARS, holidays_a_year
from andon.planning.rules import annual, cover, expected, week
from andon.planning.simulation import simulate
from andon.planning.types import Stretch
from tests.support.portfolios import gbp, portfolio, service

ENGLAND = holidays_a_year("GB-ENG")
DAYTIME = tuple(
    Stretch(day * 1440 + start, day * 1440 + end, Decimal(weight))
    for day in range(7)
    for start, end, weight in ((0, 480, 1), (480, 1200, 10), (1200, 1440, 1))
)
HOURS = {
    "by day": WorkingHours(),
    "all week": WorkingHours(days=frozenset(range(7)), starts=time(8), ends=time(20)),
    "by night": WorkingHours(starts=time(22), ends=time(6)),
    "in Bavaria": WorkingHours(holidays="DE-BY", timezone="Europe/Berlin"),
    "without": WorkingHours(holidays=""),
}


def worked(hours: WorkingHours) -> tuple[Period, list[Period]]:
    """The ten years that are counted, and when on call says that somebody is at work in them."""
    years = Period(
        datetime(HOLIDAY_YEARS[0], 1, 1, tzinfo=UTC),
        datetime(HOLIDAY_YEARS[-1] + 1, 1, 1, tzinfo=UTC),
    )
    return years, oncall.working_periods(working_hours=hours, period=years)


def test_england_has_eight_bank_holidays_on_working_days():
    assert week.days_off(WorkingHours(), ENGLAND) == 8
    # Those on a weekend are made up for on a working day, and are in the calendar twice.
    assert sum(often * len(days) for days, often in ENGLAND) > 8
    assert holidays_a_year("") == holidays_a_year("XX-NOWHERE") == ()


@pytest.mark.parametrize("name", HOURS)
def test_the_average_wait_is_near_that_of_the_calendar(name):
    """Easter's four days count as two weekends of three: that is the difference allowed."""
    hours = HOURS[name]
    years, at_work = worked(hours)
    gaps = [after.starts_at - before.ends_at for before, after in pairwise(at_work)]
    minute = timedelta(minutes=1)
    really = sum((gap / minute) ** 2 for gap in gaps) / 2 / (years.length / minute)

    found = expected.average_wait(week.weeks(hours, holidays_a_year(hours.holidays)))

    assert found == pytest.approx(really, rel=0.03)
    if hours.holidays:
        assert abs(found - really) < abs(expected.average_wait(week.weeks(hours)) - really)


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"week": DAYTIME},
        {"week": DAYTIME, "cap": gbp(90_000), "shuttered_share": Decimal("0.4")},
    ],
)
def test_the_simulation_has_the_same_bank_holidays(traits):
    weeks = (({0, 1}, 9), ({4}, 20), ({2}, 7))
    many = tuple((frozenset(days), Decimal(often)) for days, often in weeks)
    one = service("a", cover=Cover.NONE, exposure_per_hour=gbp(6_000), holidays=many, **traits)
    held = portfolio(one)

    risk = simulate(portfolio=held, years=4_000, seed=7, workers=1).portfolio
    year = annual.year_of(portfolio=held)
    without = annual.year_of(portfolio=portfolio(replace(one, holidays=())))

    # Two of its 95% half-widths: one seed in ten thousand would be further off.
    half = (risk.mean.high.minor - risk.mean.low.minor) / 2
    assert abs(risk.mean.value.minor - year.loss.minor) < 2 * half
    assert year.loss.minor - without.loss.minor > 4 * half


def test_a_holiday_every_week_is_a_day_off():
    """The shares of weeks are exact: fifty-two Mondays off are working Tuesday to Friday."""
    mondays = ((frozenset({0}), Decimal(365) / 7),)
    off = service("a", cover=Cover.NONE, holidays=mondays, week=DAYTIME, cap=gbp(10**6))
    days = WorkingHours(days=frozenset({1, 2, 3, 4}))

    found = expected.loss_per_incident(service=off, covered=False)
    plain = replace(off, holidays=(), working_hours=days)

    assert math.isclose(
        found.value, expected.loss_per_incident(service=plain, covered=False).value, rel_tol=1e-6
    )


def test_a_holiday_that_would_leave_no_work_at_all_is_worked():
    hours = WorkingHours(days=frozenset({0}))

    assert week.weeks(hours, ENGLAND) == ((Decimal(1), week.working_spans(hours)),)


def test_the_verdict_says_how_many_it_counted():
    one = service("a", holidays=ENGLAND)

    found = cover.needs_cover(service=one, portfolio=portfolio(one))

    assert any("but for 8 bank holidays a year" in line for line in found.assumptions)
    assert found.callouts_per_year > Decimal(12) * 128 / 168
