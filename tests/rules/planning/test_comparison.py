"""Cost-model reference, sections 1 to 3: Fruits R Us to the penny."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.rules import comparison
from andon.planning.types import RunPolicy
from tests.support.portfolios import assumptions, fruits, gbp, portfolio, service

MONTH = timedelta(days=30)
YOU, OPS = comparison.policies(assumptions())


def at(ppm, loss, *, policies=(YOU, OPS), often="1", tolerance="0.10"):
    return comparison.compare(
        target_ppm=ppm,
        period=MONTH,
        loss_over_allowance=gbp(loss),
        policies=policies,
        incidents_per_month=Decimal(often),
        tolerance=Decimal(tolerance),
    )


@pytest.mark.parametrize(
    ("ppm", "loss", "allowed", "shares", "losses", "totals", "breaches"),
    [
        (990_000, 20_000, 432, ("0.04630", "0.13889"), ("925.93", "2777.78"),
         ("3925.93", "4277.78"), (False, False)),
        (995_000, 50_000, 216, ("0.09259", "0.27778"), ("4629.63", "13888.89"),
         ("7629.63", "15388.89"), (False, False)),
        (999_000, 100_000, 43.2, ("0.46296", "1.38889"), ("46296.30", "138888.89"),
         ("49296.30", "140388.89"), (False, True)),
    ],
)  # fmt: skip
def test_fruits_r_us_to_the_penny(ppm, loss, allowed, shares, losses, totals, breaches):
    found = at(ppm, loss)

    assert found.allowance == timedelta(minutes=allowed)
    assert tuple(one.share_of_allowance for one in found.outcomes) == tuple(map(Decimal, shares))
    assert tuple(one.loss_per_incident for one in found.outcomes) == tuple(map(gbp, losses))
    assert tuple(one.total for one in found.outcomes) == tuple(map(gbp, totals))
    assert tuple(one.breach for one in found.outcomes) == breaches


def test_the_three_verdicts_of_the_text():
    assert at(990_000, 20_000).cost_effective == (YOU.name, OPS.name)
    assert "about as cost-effective" in at(990_000, 20_000).verdict
    assert at(995_000, 50_000).cost_effective == (YOU.name,)
    assert "only one that can keep the target" in at(999_000, 100_000).verdict


def test_the_tolerance_decides_what_counts_as_the_same():
    """The two totals at 99.0% differ by 8.96% of the smaller one."""
    assert at(990_000, 20_000, tolerance="0.0896").cost_effective == (YOU.name,)
    assert at(990_000, 20_000, tolerance="0.0897").cost_effective == (YOU.name, OPS.name)


@pytest.mark.parametrize(
    ("ppm", "loss", "worth", "rate"),
    [
        (990_000, 20_000, 16_200, "0.81"),
        (995_000, 50_000, 8_100, "0.162"),
        (999_000, 100_000, 1_620, "0.0162"),
    ],
)
def test_break_even_losses_and_rates(ppm, loss, worth, rate):
    even = at(ppm, loss).break_even

    assert (even.loss, even.incidents_per_month) == (gbp(worth), Decimal(rate))
    assert (even.faster, even.slower, even.dominates) == (YOU.name, OPS.name, False)


def test_a_faster_policy_that_costs_no_more_dominates():
    cheap = replace(YOU, rota_per_month=gbp(1500))

    even = at(990_000, 20_000, policies=(cheap, OPS)).break_even

    assert even.dominates
    assert "dominates" in even.words
    assert (even.loss, even.incidents_per_month) == (None, None)


def test_equally_fast_policies_have_no_break_even():
    assert at(990_000, 20_000, policies=(YOU, replace(OPS, time_to_restore=YOU.time_to_restore))
              ).break_even is None  # fmt: skip


def test_without_incidents_no_loss_makes_the_dearer_policy_pay():
    even = at(990_000, 20_000, often="0").break_even

    assert even.loss is None
    assert even.incidents_per_month == Decimal("0.81")


@given(
    loss=st.integers(1, 10**9),
    often=st.decimals("0.01", "50", places=2),
    ppm=st.sampled_from([990_000, 995_000, 999_000, 999_900]),
)
@settings(max_examples=60, deadline=None)
def test_at_the_break_even_loss_both_policies_cost_the_same(loss, often, ppm):
    even = at(ppm, Decimal(loss) / 100, often=str(often)).break_even

    first, second = comparison.compare(
        target_ppm=ppm,
        period=MONTH,
        loss_over_allowance=even.loss,
        policies=(YOU, OPS),
        incidents_per_month=often,
        tolerance=Decimal(0),
    ).outcomes
    # The break-even loss is rounded to the penny; so may be what follows from it.
    slack = Decimal(often) * 60 * 1_000_000 / (1_000_000 - ppm) / 43_200 + 1
    assert abs(first.total.minor - second.total.minor) <= slack


def test_every_target_of_the_organisation_is_compared():
    found = comparison.compare_targets(portfolio=portfolio())

    assert [one.target_ppm for one in found] == [990_000, 995_000, 999_000]
    assert [one.outcomes[0].total for one in found] == [
        gbp("3925.93"),
        gbp("7629.63"),
        gbp("49296.30"),
    ]


def test_the_portfolio_under_each_policy():
    naive, scale, ops, ops_scale = comparison.compare_at_scale(portfolio=fruits())

    assert naive.premium == gbp(30_000)
    assert scale.premium == gbp(9_000)
    assert ops.premium == gbp(1_500)
    assert ops_scale.premium == gbp(3_000)
    assert naive.projected_loss == scale.projected_loss
    assert ops.projected_loss.minor == pytest.approx(3 * naive.projected_loss.minor, abs=2)


def test_sre_run_it_is_offered_only_where_its_entry_rules_hold():
    sre = RunPolicy("SRE Run It", gbp(4000), timedelta(minutes=15), fixed_rotas=1)
    known = assumptions(sre_run_it=sre)
    stable = service(
        "pay", target_ppm=999_900, incidents_per_year=Decimal(4), years_seen=Decimal(1)
    )
    busy = replace(stable, incidents_per_year=Decimal(40), years_seen=Decimal(0))
    held = portfolio(stable, assumptions=known)

    assert comparison.sre_refusals(service=stable, target_ppm=999_900, assumptions=known) == ()
    refusals = comparison.sre_refusals(service=busy, target_ppm=999_000, assumptions=known)
    assert len(refusals) == 3
    assert comparison.compare_at_scale(portfolio=held)[-1].name == "SRE Run It"
    assert len(comparison.compare_at_scale(portfolio=portfolio(busy, assumptions=known))) == 4


def test_a_service_is_compared_by_its_own_exposure_and_rate():
    found = comparison.compare_service(service=service("checkout"), portfolio=fruits())

    at_three_nines = found[-1]
    assert at_three_nines.loss_over_allowance == gbp(144_000)
    assert at_three_nines.outcomes[0].loss_per_incident == gbp("66666.67")
    assert at_three_nines.incidents_per_month == 1
