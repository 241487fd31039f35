"""Scenarios of replays: what is written, and what is expected of the rules."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from andon.slo.rules import tiers
from andon.slo.types import (
    Budgeting,
    Estate,
    Evaluator,
    Indicator,
    IndicatorKind,
    Objective,
    TimeSlice,
)
from andon.telemetry.rules import generate, scenario
from tests.support.estates import estate, objective, subject

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def of(made: Objective, **changes: object) -> tuple[Estate, list[scenario.Scenario]]:
    whole = estate(subject("checkout"), objectives=(replace(made, **changes),))
    found, omitted = scenario.scenarios(estate=whole, service="checkout")
    assert not omitted
    return whole, found


def expected(found: list[scenario.Scenario], tier: str, ratio: str) -> scenario.ExpectedAlert:
    return next(
        one
        for made in found
        for one in made.expected
        if one.tier == tier and one.ratio == Decimal(ratio)
    )


def test_what_reads_counters_is_expected_when_the_formula_says():
    found = of(objective("checkout"))[1]
    fast = expected(found, "page-fast", "0.1")
    assert fast.fires == timedelta(seconds=518.4)
    assert fast.ends == timedelta(seconds=256.8)
    assert fast.tolerance == timedelta(seconds=30)


def test_what_reads_averages_of_five_minutes_follows_by_half_of_them():
    found = of(objective("checkout"))[1]
    slow = expected(found, "page-slow", "0.1")
    assert slow.fires == timedelta(minutes=21.6 + 2.5)
    assert slow.tolerance == timedelta(seconds=135)


def test_a_share_below_every_threshold_is_tried_and_nothing_is_expected_of_it():
    (steady,) = [one for one in of(objective("checkout"))[1] if one.is_steady]
    assert steady.ratio == Decimal("0.0009")
    assert {one.fires for one in steady.expected} == {None}


def test_a_slice_is_bad_as_a_whole():
    found = of(
        objective("checkout"),
        budgeting=Budgeting.TIMESLICES,
        slices=TimeSlice(MINUTE, target_ppm=950_000),
    )[1]
    # At a tenth, slices of which a twentieth may fail are bad from half of one on.
    fast = expected(found, "page-fast", "0.1")
    assert fast.fires == timedelta(seconds=51.84 + 30)


def test_a_ratio_next_to_a_threshold_is_told_nothing_of():
    rules = of(objective("checkout"))[0]
    made = generate.recordings(
        estate=rules,
        subject=rules.subjects[0],
        objective=rules.objectives[0],
        engine=Evaluator.VMALERT,
    )
    for tier in made.chosen.tiers:
        assert (
            scenario.expectation(recorded=made, tier=tier, ratio=tier.threshold, estate=rules)
            is None
        )


@pytest.mark.parametrize(
    ("query", "reason"),
    [("rate(x_total[$window])", "is an expression"), ('{job="x"}', "names no metric")],
)
def test_what_cannot_be_replayed_is_named_with_the_reason(query, reason):
    raw = Indicator(kind=IndicatorKind.RAW, query=query)
    made = estate(subject("checkout"), objectives=(objective("checkout", indicator=raw),))
    found, (omitted,) = scenario.scenarios(estate=made, service="checkout")
    assert (found, omitted.slug) == ([], "checkout")
    assert reason in omitted.reason


def test_objectives_that_contradict_each_other_get_scenarios_of_their_own():
    other = Indicator(
        kind=IndicatorKind.RATIO,
        good='http_requests_total{service="checkout",code="200"}',
        total="http_requests_total",
    )
    made = estate(
        subject("checkout"),
        objectives=(
            objective("checkout"),
            objective("checkout", slug="other", indicator=other),
        ),
    )
    found, _ = scenario.scenarios(estate=made, service="checkout")
    assert {one.slugs for one in found} == {frozenset({"checkout"}), frozenset({"other"})}


def test_tiers_of_an_objective_are_all_expected_something_of():
    whole, found = of(objective("checkout"))
    chosen = tiers.choose(objective=whole.objectives[0], rules=whole.rules).tiers
    for made in found:
        assert {one.tier for one in made.expected} | {name for _, name in made.unsure} >= {
            one.tier.name for one in chosen if one.tier.long <= 72 * HOUR
        }
