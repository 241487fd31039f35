"""Operating-model reference, sections 2 to 4: every outcome of the selector."""

from decimal import Decimal

import pytest

from andon.catalogue.types import Cover, DeploymentTarget
from andon.core.money import Money
from andon.planning.rules import selector
from andon.planning.rules.selector import Light
from andon.planning.types import OperatingModel
from tests.support.portfolios import gbp, playbook, portfolio

YOU, OPS = OperatingModel.YOU_RUN_IT, OperatingModel.OPS_RUN_IT
#: Places on both axes of the selector, as the playbook names them.
GRADES = LOW, MEDIUM, HIGH, VERY_HIGH = "low", "medium", "high", "very high"
DEPLOYMENTS = dict(zip(GRADES, DeploymentTarget, strict=True))
TARGETS = {LOW: 950_000, MEDIUM: 990_000, HIGH: 999_000, VERY_HIGH: 999_900}
DIGITAL = {LOW: Cover.NONE, MEDIUM: Cover.DOMAIN, HIGH: Cover.TEAM, VERY_HIGH: Cover.TEAM}


def by_grade(exposure, demand):
    return selector.outcome(
        target_ppm=TARGETS[exposure], deployment_target=DEPLOYMENTS[demand], portfolio=playbook()
    )


@pytest.mark.parametrize("exposure", GRADES)
@pytest.mark.parametrize("demand", GRADES)
def test_the_selector_at_scale_has_sixteen_outcomes(exposure, demand):
    found = by_grade(exposure, demand)

    digital = demand in (HIGH, VERY_HIGH) or exposure == VERY_HIGH
    assert found.model is (YOU if digital else OPS)
    assert found.cover is (DIGITAL[exposure] if digital else None)
    assert found.target_ppm == TARGETS[exposure]
    assert found.deployment_target is DEPLOYMENTS[demand]


@pytest.mark.parametrize(
    ("exposure", "demand", "model", "ppm", "deployments", "cover"),
    [
        (HIGH, LOW, OPS, 999_000, "monthly", None),
        (VERY_HIGH, LOW, YOU, 999_900, "monthly", Cover.TEAM),
        (LOW, HIGH, YOU, 950_000, "weekly", Cover.NONE),
        (MEDIUM, VERY_HIGH, YOU, 990_000, "daily", Cover.DOMAIN),
    ],
)
def test_the_vectors_by_grade(exposure, demand, model, ppm, deployments, cover):
    found = by_grade(exposure, demand)

    assert (found.model, found.target_ppm, found.deployment_target, found.cover) == (
        model,
        ppm,
        deployments,
        cover,
    )


@pytest.mark.parametrize(
    ("dollars", "deployments", "model", "ppm"),
    [
        (6_000, "weekly", YOU, 950_000),
        (200_000, "daily", YOU, 990_000),
        (810_000, "monthly", OPS, 999_000),
        (7_000, "weekly", YOU, 950_000),
        (7_001, "weekly", YOU, 990_000),
        (250_000, "weekly", YOU, 990_000),
        (800_000, "weekly", YOU, 999_000),
    ],
)
def test_the_vectors_by_exposure(dollars, deployments, model, ppm):
    found = selector.select(
        exposure_per_hour=Money.of(Decimal(dollars), "USD"),
        deployment_target=DeploymentTarget(deployments),
        portfolio=playbook(),
    )

    assert (found.model, found.target_ppm) == (model, ppm)
    assert f"USD {dollars:,}" in found.working[0]


@pytest.mark.parametrize(
    ("pounds", "ppm", "cover"),
    [
        ("138888.89", 999_000, Cover.TEAM),
        ("138888.88", 995_000, Cover.DOMAIN),
        ("13888.89", 995_000, Cover.DOMAIN),
        ("13888.88", 990_000, Cover.NONE),
        ("2777.78", 990_000, Cover.NONE),
        ("1", 990_000, Cover.NONE),
    ],
)
def test_minimum_losses_choose_the_target_in_fruits_r_us(pounds, ppm, cover):
    found = selector.select(
        exposure_per_hour=gbp(pounds),
        deployment_target=DeploymentTarget.WEEKLY,
        portfolio=portfolio(),
    )

    assert (found.target_ppm, found.cover) == (ppm, cover)


def test_a_team_rota_needs_demand_in_fruits_r_us_and_not_in_the_playbook():
    rare = {"target_ppm": 999_900, "deployment_target": DeploymentTarget.MONTHLY}

    assert selector.outcome(**rare, portfolio=portfolio()).cover is Cover.DOMAIN
    assert selector.outcome(**rare, portfolio=playbook()).cover is Cover.TEAM


@pytest.mark.parametrize(
    ("light", "ppm", "model"),
    [
        (Light.AMBER, 999_000, YOU),
        (Light.AMBER, 990_000, OPS),
        (Light.AMBER, 995_000, OperatingModel.UNDECIDED),
        (Light.RED, 999_900, OPS),
        (Light.GREEN, 950_000, YOU),
    ],
)
def test_the_traffic_light(light, ppm, model):
    found = selector.select_by_light(light=light, target_ppm=ppm)

    assert found.model is model
    assert str(light) in found.working[0]


@pytest.mark.parametrize(
    ("often", "light"), [("30", "green"), ("4.34", "green"), ("3", "amber"), ("2", "red")]
)
def test_the_light_of_a_demand(often, light):
    assert selector.traffic_light(deployments_per_month=Decimal(often)) == light


def test_low_exposure_and_low_demand_may_be_the_wrong_product():
    found = by_grade(LOW, LOW)

    assert "right product" in found.warnings[0]
    assert not by_grade(LOW, HIGH).warnings


def test_four_nines_and_unsaid_demand_are_warned_about():
    found = selector.outcome(target_ppm=999_900, deployment_target=None, portfolio=playbook())

    assert found.model is YOU
    assert "rarely needed" in found.warnings[0]
    assert "high demand is assumed" in found.warnings[1]
