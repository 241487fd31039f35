"""Response, loss protection, rest, load, fairness, pitfalls."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from andon.catalogue.types import Pay
from andon.core.money import Money
from andon.core.periods import Period
from andon.costing import rules
from andon.costing.rules import signals
from andon.oncall.types import Shift
from tests.rules.oncall.builders import span, utc

NOTHING = Money.zero("GBP")


WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("hourly", "percent", "minutes", "tolerated", "kept", "share"),
    [
        ("GBP 200000", 1, 30, "336,000.00", "236,000.00", "0.70238"),
        ("GBP 810000", Decimal("0.1"), 5, "136,080.00", "68,580.00", "0.50397"),
        ("GBP 6000", 5, 60, "50,400.00", "44,400.00", "0.88095"),
        ("GBP 200000", 1, Decimal("100.8"), "336,000.00", "0.00", "0.00000"),
        ("GBP 200000", 1, Decimal("151.2"), "336,000.00", "-168,000.00", "-0.50000"),
    ],
)
def test_loss_protection_vectors(hourly, percent, minutes, tolerated, kept, share):
    exposure = Money.parse(hourly)
    lost = exposure.scaled(Decimal(minutes) / 60)
    allowance = timedelta(microseconds=int(7 * 86_400 * Decimal(percent) * 10_000))
    found = rules.protection(
        name="checkout",
        exposure_per_hour=exposure,
        allowance=allowance,
        lost=lost,
        cost=NOTHING,
        length=WEEK,
    )
    assert (found.tolerated.exact, found.protected.exact) == (f"GBP {tolerated}", f"GBP {kept}")
    assert found.effectiveness == Decimal(share)


def test_protection_of_many_is_a_sum_of_money_and_no_mean_of_shares():
    parts = [
        rules.protection(
            name=name,
            exposure_per_hour=Money.parse(rate),
            allowance=timedelta(hours=1),
            lost=Money.parse(lost),
            cost=Money.parse("GBP 10"),
            length=WEEK,
        )
        for name, rate, lost in (("a", "GBP 900", "GBP 0"), ("b", "GBP 100", "GBP 100"))
    ]
    found = rules.altogether(name="org", parts=parts, currency="GBP", length=WEEK)
    assert (found.effectiveness, found.cost.exact) == (Decimal("0.90000"), "GBP 20.00")


def test_nothing_at_stake_has_no_effectiveness():
    found = rules.altogether(name="org", parts=[], currency="GBP", length=WEEK)
    assert found.effectiveness is None


def test_five_minutes_of_books_give_no_percentage():
    found = rules.protection(
        name="checkout",
        exposure_per_hour=Money.parse("GBP 150000"),
        allowance=timedelta(seconds=1),
        lost=Money.parse("GBP 3584.72"),
        cost=NOTHING,
        length=timedelta(minutes=5),
    )
    assert found.effectiveness is None
    assert found.working.endswith("less than a week is known so far, too little for a percentage")
    assert found.lost.exact == "GBP 3,584.72"


PAY = Pay(Money.parse("GBP 700"), Money.parse("GBP 60"), response_per_hour=Money.parse("GBP 45"))
OFFICE = span("2027-05-04 08:00", "2027-05-04 16:00")


def test_response_in_working_hours_costs_the_internal_rate():
    found = rules.response_cost(
        pay=PAY, worked=span("2027-05-04 07:00", "2027-05-04 08:40"), in_hours=[OFFICE]
    )
    assert found.exact == "GBP 30.00"


def test_without_an_internal_rate_response_is_not_known():
    pay = Pay(NOTHING, NOTHING)
    assert rules.response_cost(pay=pay, worked=OFFICE, in_hours=[OFFICE]) is None


def bill(start, end, pay=PAY, **facts):
    return rules.callout_pay(
        pay=pay, whom="Ann", worked=span(start, end), in_hours=[OFFICE], **facts
    )


INCLUDED = Pay(
    Money.parse("GBP 700"), Money.parse("GBP 60"), included_in_standby=timedelta(minutes=30)
)


def test_the_first_minutes_may_be_within_standby():
    short = bill("2027-05-05 01:00", "2027-05-05 01:30", INCLUDED)
    assert short.total.exact == "GBP 0.00"
    assert short.lines[0].reason == "30 min out of hours, within the 30 min that standby pays for"
    longer = bill("2027-05-05 01:00", "2027-05-05 02:45", INCLUDED)
    assert longer.total.exact == "GBP 75.00"
    assert "1 h 15 min out of hours beyond the 30 min within standby" in longer.lines[0].reason


def test_an_hour_that_another_incident_is_paid_for_is_not_paid_again():
    first = span("2027-05-05 01:00", "2027-05-05 03:00")
    whole = bill("2027-05-05 01:30", "2027-05-05 02:30", elsewhere=[first])
    assert whole.total.exact == "GBP 0.00"
    assert "already paid for another incident" in whole.lines[0].reason
    part = bill("2027-05-05 02:30", "2027-05-05 04:30", elsewhere=[first])
    assert part.total.exact == "GBP 90.00"


def test_rest_after_a_night_runs_into_working_hours():
    found = rules.rest_owed(
        person="ann",
        incident=7,
        worked=span("2027-05-04 01:00", "2027-05-04 02:30"),
        in_hours=[OFFICE],
        rest=timedelta(hours=11),
    )
    assert found.period == span("2027-05-04 02:30", "2027-05-04 13:30")
    assert found.working == timedelta(hours=5, minutes=30)
    assert found.words == (
        "worked out of hours on INC-7; 11 h of rest, 5 h 30 min of it in working hours: "
        "do not expect them then"
    )


@pytest.mark.parametrize("rest", [timedelta(0), timedelta(hours=11)])
def test_no_rest_is_owed_for_work_in_hours_or_where_none_is_promised(rest):
    worked = span("2027-05-04 09:00", "2027-05-04 10:00") if rest else span(
        "2027-05-04 01:00", "2027-05-04 02:00"
    )  # fmt: skip
    assert (
        rules.rest_owed(person="ann", incident=7, worked=worked, in_hours=[OFFICE], rest=rest)
        is None
    )


MAY = span("2027-05-01 00:00", "2027-06-01 00:00")


def carried(**called):
    shifts = [
        Shift(Period(utc(f"2027-05-{day:02} 08:00"), utc(f"2027-05-{day + 7:02} 08:00")), who)
        for day, who in ((3, "ann"), (10, "ben"), (17, "cat"), (24, "dan"))
    ]
    return rules.loads(
        shifts=shifts,
        period=MAY,
        timezone="Europe/London",
        holidays=[span("2027-05-02 23:00", "2027-05-03 23:00")],
        callouts=called,
    )


def test_load_is_hours_weekends_holidays_and_nights():
    night: datetime = utc("2027-05-05 02:00")
    found = carried(ann=[night, utc("2027-05-05 19:00"), utc("2027-05-05 21:30")])["ann"]
    assert found.on_call == timedelta(days=7)
    assert found.weekend == timedelta(days=2)
    assert found.holiday == timedelta(hours=15)
    assert (found.shifts, found.callouts, found.nights) == (1, 3, 2)


def test_fairness_names_nobody_and_needs_four_people():
    loads = carried(ann=[utc("2027-05-05 02:00")])
    found = rules.fairness(loads=loads)
    assert (found.people, found.even_share, found.largest_share) == (
        4,
        Decimal("0.2500"),
        Decimal("0.2500"),
    )
    assert not any(name in found.words for name in loads)
    del loads["dan"]
    assert rules.fairness(loads=loads) is None


@pytest.mark.parametrize(
    ("rotas", "teams", "shows"), [(7, 10, True), (3, 10, False), (3, 3, False), (0, 0, False)]
)
def test_linear_run_cost(rotas, teams, shows):
    assert signals.linear_run_cost(rotas=rotas, teams=teams).shows is shows


def facts(slug, holder="ann", in_line=True, opex=False):
    return signals.FundedService(slug, "team-a", holder, in_line, opex)


def test_nobody_or_an_outsider_holding_the_budget_is_unaccountable():
    services = [facts("a"), facts("b", None, False), facts("c", "zed", False), facts("d")]
    found = signals.unaccountable(services=services)
    assert (found.value, found.shows) == (Decimal("0.5000"), True)
    assert "b and c" in found.words
    assert not signals.unaccountable(services=[facts("a")]).shows


def test_operating_budgets():
    assert signals.on_operating_budget(services=[facts("a", opex=True), facts("b")]).shows
    assert not signals.on_operating_budget(services=[facts("a")]).shows


def test_specialists_in_two_teams():
    found = signals.embedded_specialists(teams_of={"ann": {"a", "b"}, "ben": {"a"}})
    assert (found.value, found.shows) == (Decimal("1.0000"), True)
    assert "ann" not in found.words


@pytest.mark.parametrize(
    ("on", "members", "shows"),
    [("a b", "a b", True), ("a b c", "a b c d e f", False), ("a b c", "a b c d e f g", True)],
)
def test_a_rota_of_few_or_of_a_minority(on, members, shows):
    rota = signals.RotaFacts("r", frozenset(on.split()), frozenset(members.split()))
    assert signals.limited_schedule(rotas=[rota]).shows is shows


def test_standby_for_nothing():
    assert signals.unpaid_standby(rotas=["r"], paid=False).shows
    assert not signals.unpaid_standby(rotas=["r"], paid=True).shows


def test_major_incidents_that_nobody_ran():
    majors = [
        signals.MajorFacts("INC-1", acknowledged=True, silent=False),
        signals.MajorFacts("INC-2", acknowledged=True, silent=True),
        signals.MajorFacts("INC-3", acknowledged=False, silent=False),
    ]
    found = signals.no_incident_management(majors=majors)
    assert found.shows
    assert "INC-2 and INC-3" in found.words
    assert not signals.no_incident_management(majors=majors[:1]).shows
