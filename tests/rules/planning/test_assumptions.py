"""The organisation's assumptions: what it says, and the named defaults of what it does not."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from andon.catalogue.rules.presets import default_organisation
from andon.catalogue.types import (
    Pay,
    PlanningRules,
    PolicyRule,
    Standby,
    StandbyUnit,
    WorkingHours,
)
from andon.catalogue.types.planning import CentralRule
from andon.core.calendars import bank_holidays
from andon.core.periods import Period
from andon.costing.rules import standby_pay
from andon.costing.types import Books
from andon.oncall import queries as oncall
from andon.planning.rules.assumptions import assumptions_of
from andon.planning.rules.premium import per_year_of
from andon.planning.rules.standby import standby_per_year
from tests.rules.oncall.builders import rota, version
from tests.support.portfolios import gbp

NOTHING = gbp(0)


def paid(**pay):
    known = {"standby_per_week": NOTHING, "callout_per_hour": gbp(60), **pay}
    return replace(default_organisation(), pay=Pay(**known))


def test_without_any_figures_the_defaults_are_named():
    found = assumptions_of(organisation=default_organisation())

    assert found.you_run_it.rota_per_month == gbp(3000)
    assert any("an example and not your figure" in line for line in found.defaults)
    assert any("no pay is declared" in line for line in found.defaults)
    assert found.callout == NOTHING


def test_pay_by_the_week_prices_a_rota():
    found = assumptions_of(organisation=paid(standby_per_week=gbp(700)))

    assert found.you_run_it.rota_per_month == gbp(3000)
    assert found.ops_run_it.rota_per_month == gbp(1500)
    assert found.callout == gbp(60)


@pytest.mark.parametrize(
    ("standby", "week"),
    [
        (Standby(StandbyUnit.DAY, gbp(80), weekend=gbp(150)), 700),
        (Standby(StandbyUnit.HOUR, gbp("5")), 128 * 5),
        # 16 hours on weekdays: the first 8, then four blocks; 24 at weekends: eight blocks.
        (
            Standby(StandbyUnit.BLOCK, gbp("29.20"), then=gbp("3.66")),
            Decimal("29.20") * 7 + Decimal("3.66") * (5 * 4 + 2 * 8),
        ),
    ],
)
def test_pay_by_other_units_prices_a_rota(standby, week):
    found = assumptions_of(organisation=paid(standby=standby)).you_run_it

    price = gbp(round(Decimal(week) * 30 / 7, 2))
    assert abs(found.rota_per_month.minor - price.minor) <= 1
    year = gbp(round(Decimal(week) * 365 / 7, 2))
    assert abs(per_year_of(found).minor - year.minor) <= 12


SCHEMES = {
    "week": Standby(StandbyUnit.WEEK, gbp(700), holiday_percent=150),
    "day": Standby(StandbyUnit.DAY, gbp(80), weekend=gbp(150), holiday_percent=200),
    "day with its holiday": Standby(StandbyUnit.DAY, gbp(80), holiday=gbp(175)),
    "hour": Standby(StandbyUnit.HOUR, gbp("4.37"), holiday_percent=200),
    "block": Standby(StandbyUnit.BLOCK, gbp("29.20"), then=gbp("3.66"), holiday_percent=150),
}
SHIFTS = {
    "by day": WorkingHours(),
    "by night": WorkingHours(starts=time(22), ends=time(6)),
    "without bank holidays": WorkingHours(holidays=""),
}


@pytest.mark.parametrize("monday", [date(2025, 1, 6), date(2026, 1, 5), date(2031, 1, 6)])
@pytest.mark.parametrize("hours", SHIFTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_year_of_the_ledger_costs_what_the_plan_says(scheme, hours, monday):
    """Fifty-two weeks of who really was on call, both changes of the clocks in them."""
    standby, hours = SCHEMES[scheme], SHIFTS[hours]
    pay = Pay(standby_per_week=NOTHING, callout_per_hour=gbp(60), standby=standby)
    books = Books(monday, monday + timedelta(weeks=52))
    earned = ledger(pay, hours, books)

    planned = standby_per_year(
        pay=pay,
        working_hours=hours,
        holidays=holidays_in(books, hours.holidays),
        length=timedelta(weeks=52),
    )

    # Half a penny for each weekly shift. A block over midnight between two bank holidays is paid
    # once: where those are a Sunday and a Monday, they are in two weeks of the plan.
    allowed = 26 + (standby.then.minor if standby.then else 0)
    assert abs(planned.minor - sum(one.pay.minor for one in earned)) <= allowed
    assert len(earned) in {52, 53}


def ledger(pay, hours, books):
    around = Period(
        datetime.combine(books.first - timedelta(days=9), time(0), UTC),
        datetime.combine(books.until + timedelta(days=9), time(0), UTC),
    )
    return standby_pay(
        pay=pay,
        rota=rota(version("Europe/London")),
        books=books,
        in_hours=oncall.working_periods(working_hours=hours, period=around),
        holidays=oncall.holiday_periods(working_hours=hours, period=around),
    )


def holidays_in(books, code):
    weeks: dict[date, set[int]] = {}
    for year in (books.first.year, books.until.year):
        for day in bank_holidays(code, year):
            if books.first <= day < books.until:
                weeks.setdefault(day - timedelta(days=day.weekday()), set()).add(day.weekday())
    return tuple((frozenset(days), Decimal(1)) for days in weeks.values())


def test_bank_holidays_that_pay_more_make_a_rota_dearer():
    standby = Standby(StandbyUnit.DAY, gbp(80), holiday=gbp(180))
    good_friday = ((frozenset({4}), Decimal(1)),)

    plain, dearer = (
        assumptions_of(organisation=paid(standby=standby), holidays=days)
        for days in ((), good_friday)
    )

    more = per_year_of(dearer.you_run_it) - per_year_of(plain.you_run_it)
    assert abs(more.minor - 100_00) <= 12, "a month is rounded to the penny, and twelve make a year"
    assert any("1 bank holidays included" in line for line in dearer.defaults)


def test_what_is_said_wins_and_is_no_default():
    rules = PlanningRules(
        you_run_it=PolicyRule(gbp(2000), timedelta(minutes=15)),
        sre_run_it=CentralRule(least_target_ppm=999_000),
        sigma=Decimal("0.7"),
        risk_weight=Decimal(0),
    )
    found = assumptions_of(organisation=replace(paid(standby_per_week=gbp(700)), planning=rules))

    assert found.you_run_it.rota_per_month == gbp(2000)
    assert found.sre_run_it.rota_per_month == gbp(2000)
    assert (found.sre_entry.least_target_ppm, found.sigma) == (999_000, Decimal("0.7"))
    assert not any(line.startswith(("youRunIt", "sigma", "riskWeight")) for line in found.defaults)
