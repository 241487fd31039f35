"""Which pairs an objective gets, and what is said about those it does not get."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import WORKBOOK, AlertSeverity, BurnTier, TelemetryRules
from andon.core.documents.problems import Gravity
from andon.core.words import say_share
from andon.slo.rules import refuse, tiers
from andon.slo.types import Indicator, IndicatorKind
from tests.support.estates import estate, objective, subject

DAY = timedelta(days=1)
PAGE, TICKET = AlertSeverity.PAGE, AlertSeverity.TICKET


def chosen(days: int, ppm: int, **changes):
    one = objective("checkout", window=days * DAY, target_ppm=ppm, **changes)
    return tiers.choose(objective=one, rules=TelemetryRules())


def factors(days: int, ppm: int = 999_000) -> dict[str, Decimal]:
    return {one.tier.name: one.factor for one in chosen(days, ppm).tiers}


def test_the_workbook_at_thirty_days():
    assert list(factors(30).values()) == [Decimal("14.4"), Decimal(6), Decimal(3), Decimal(1)]


@pytest.mark.parametrize("days", [7, 14])
def test_short_periods_keep_the_factors_and_scale_the_shares(days):
    assert factors(days) == factors(30)
    fast = chosen(days, 999_000).tiers[0].tier
    assert say_share(fast.share) == {7: "8.57%", 14: "4.29%"}[days]


def test_four_weeks_keep_the_shares_but_for_the_last_which_would_ticket_a_good_service():
    found = factors(28)
    assert found["page-fast"] == Decimal("13.44")
    assert found["page-slow"] == Decimal("5.6")
    assert found["ticket-slow"] == 1


def test_a_quarter_keeps_the_shares():
    assert list(factors(90).values()) == [Decimal("43.2"), Decimal(18), Decimal(9), Decimal(3)]


@pytest.mark.parametrize("days", [7, 14, 28, 30, 31, 90, 91])
@pytest.mark.parametrize("ppm", [990_000, 995_000, 999_000, 999_990])
def test_every_usual_period_and_target_has_a_page_and_a_ticket(days, ppm):
    severities = {one.tier.severity for one in chosen(days, ppm).tiers}
    assert severities == {PAGE, TICKET}


def test_a_default_that_could_never_fire_is_left_out_and_the_reason_said():
    found = chosen(30, 900_000)
    assert [one.tier.name for one in found.tiers] == ["page-slow", "ticket-fast", "ticket-slow"]
    (left,) = found.senseless
    assert left.reason.startswith("it could never fire: at 90.0% a full outage burns 10 times")
    one = objective("checkout", target_ppm=900_000)
    assert refuse.problems(estate=estate(subject("checkout"), objectives=(one,))) == ()


def test_a_service_nothing_can_page_for_is_worth_a_warning():
    one = objective("checkout", target_ppm=800_000)
    (found,) = refuse.problems(estate=estate(subject("checkout"), objectives=(one,)))
    assert (found.rule, found.gravity) == ("slo-no-tier", Gravity.WARNING)
    assert (found.file, found.line) == ("services/checkout.yaml", 7)


@pytest.mark.parametrize(
    ("tier", "reason", "fix"),
    [
        (
            BurnTier("mad", PAGE, timedelta(hours=1), timedelta(minutes=5), Decimal("0.9")),
            "it could never fire",
            "lower its share below 69.4%",
        ),
        (
            BurnTier("even", TICKET, 3 * DAY, timedelta(hours=6), Decimal("0.1")),
            "its factor is 1: it would alert for a service that meets its target",
            "raise its share above 10%",
        ),
        (
            BurnTier("low", TICKET, 3 * DAY, timedelta(hours=6), Decimal("0.05")),
            "its factor is 0.5: it would alert",
            "raise its share above 10% or shorten its long window below 5% of 30d",
        ),
        (
            BurnTier("upside", PAGE, timedelta(hours=1), timedelta(hours=2), Decimal("0.02")),
            "its short window is not shorter",
            "a twelfth",
        ),
        (
            BurnTier("late", TICKET, 40 * DAY, timedelta(hours=6), Decimal("0.5")),
            "gone already",
            "shorter long window",
        ),
    ],
)
def test_a_senseless_tier_that_somebody_wrote_down_is_an_error_with_its_fix(tier, reason, fix):
    one = objective("checkout", target_ppm=998_000, tiers=(tier,))
    found = refuse.problems(estate=estate(subject("checkout"), objectives=(one,)))
    assert reason in found[0].message
    assert fix in found[0].fix
    assert found[0].gravity is Gravity.ERROR


def test_the_organisations_tiers_are_checked_for_each_objective_they_are_for():
    fast = replace(WORKBOOK[0], share=Decimal("0.05"))
    rules = TelemetryRules(tiers=(fast,))
    objectives = (objective("checkout"), objective("stock", target_ppm=950_000))
    found = refuse.problems(
        estate=estate(subject("checkout"), subject("stock"), objectives=objectives, rules=rules)
    )
    assert [(one.slug, one.rule) for one in found] == [("stock", "slo-tier")]
    assert "36" in found[0].message


def test_a_tier_can_be_left_out_by_name():
    found = chosen(30, 999_000, without=frozenset({"ticket-slow"}))
    assert [one.tier.name for one in found.tiers] == ["page-fast", "page-slow", "ticket-fast"]


def test_an_expression_without_a_place_for_its_range_is_refused():
    lost = Indicator(IndicatorKind.RATIO, bad="sum(errors_total)", total="requests_total")
    one = objective("checkout", indicator=lost)
    (found,) = refuse.problems(estate=estate(subject("checkout"), objectives=(one,)))
    assert found.rule == "slo-range"
    assert "$window" in found.fix


def test_a_rehearsal_that_records_too_seldom_is_refused():
    rules = TelemetryRules(scale=60)
    found = refuse.problems(estate=estate(subject("checkout"), rules=rules))
    assert [one.rule for one in found] == ["slo-interval-long", "slo-window-short"]
    second = timedelta(seconds=1)
    quick = TelemetryRules(
        scale=60, scrape_interval=second, fast_interval=second, slow_interval=second
    )
    assert refuse.problems(estate=estate(subject("checkout"), rules=quick)) == ()


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 400), st.integers(1, 999_999))
def test_no_default_ever_fires_never_or_for_a_service_on_target(days, ppm):
    for one in chosen(days, ppm).tiers:
        assert one.factor >= 1
        assert one.threshold < 1
        assert one.tier.long <= days * DAY
        assert one.tier.share < 1


@settings(max_examples=200, deadline=None)
@given(
    st.integers(7, 120),
    st.integers(1, 999_999),
    st.integers(1, 100),
    st.decimals("0.001", "0.99", places=3),
)
def test_a_declared_tier_is_used_or_refused_never_both_nor_neither(days, ppm, hours, share):
    tier = BurnTier("own", PAGE, timedelta(hours=hours), timedelta(minutes=5 * hours), share)
    one = objective("checkout", window=days * DAY, target_ppm=ppm, tiers=(tier,))
    found = tiers.choose(objective=one, rules=TelemetryRules())
    assert len(found.tiers) + len(found.senseless) == 1
    problems = refuse.problems(estate=estate(subject("checkout"), objectives=(one,)))
    assert len(problems) == len(found.senseless)
    for tier_made in found.tiers:
        assert tier_made.factor > 1
        assert tier_made.threshold < 1
