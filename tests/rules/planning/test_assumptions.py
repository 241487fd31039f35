"""The organisation's assumptions: what it says, and the named defaults of what it does not."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from andon.catalogue.rules.presets import default_organisation
from andon.catalogue.types import Pay, PlanningRules, PolicyRule, Standby, StandbyUnit
from andon.planning.rules.assumptions import assumptions_of
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
    found = assumptions_of(organisation=paid(standby=standby))

    price = gbp(round(Decimal(week) * 30 / 7, 2))
    assert abs(found.you_run_it.rota_per_month.minor - price.minor) <= 1


def test_what_is_said_wins_and_is_no_default():
    rules = PlanningRules(
        you_run_it=PolicyRule(gbp(2000), timedelta(minutes=15)),
        sre_run_it=PolicyRule(least_target_ppm=999_000),
        sigma=Decimal("0.7"),
        risk_weight=Decimal(0),
    )
    found = assumptions_of(organisation=replace(paid(standby_per_week=gbp(700)), planning=rules))

    assert found.you_run_it.rota_per_month == gbp(2000)
    assert found.sre_run_it.rota_per_month == gbp(2000)
    assert (found.sre_entry.least_target_ppm, found.sigma) == (999_000, Decimal("0.7"))
    assert not any(line.startswith(("youRunIt", "sigma", "riskWeight")) for line in found.defaults)
