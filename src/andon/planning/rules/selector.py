"""The operating model selector: exposure and demand in, how to run a service out.

Source: Equal Experts, You Build It You Run It playbook, operating model selector and its variant
at scale; the preset `fruits-r-us` is Smith's. Which target buys which cover is data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from andon.catalogue.rules import presets
from andon.catalogue.rules.cover import cover_for
from andon.catalogue.rules.selection import select_target
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import LOW_DEMAND, Cover, DeploymentTarget, Level, Organisation
from andon.core.money import Money
from andon.planning.types import Insured, OperatingModel, Portfolio

#: From here on a service is always run by those who build it, however rarely it changes.
ALWAYS_YOU_RUN_IT = 999_900
#: The traffic light's amber: from this target up you run it, up to that one Operations may.
AMBER_YOU_RUN_IT, AMBER_OPS_RUN_IT = 999_000, 990_000
_WEEKLY, _FORTNIGHTLY = Fraction(52, 12), Fraction(26, 12)
_PER_MONTH = {
    DeploymentTarget.MONTHLY: Fraction(1),
    DeploymentTarget.FORTNIGHTLY: _FORTNIGHTLY,
    DeploymentTarget.WEEKLY: _WEEKLY,
    DeploymentTarget.DAILY: Fraction(365, 12),
}


class Light(StrEnum):
    """The traffic-light variant of demand."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Selected:
    """How to run a service, why, and what to think about first."""

    model: OperatingModel
    target_ppm: int
    deployment_target: DeploymentTarget | None
    #: Out of hours; None under Ops Run It, where the application support schedule answers.
    cover: Cover | None
    working: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def select(
    *,
    exposure_per_hour: Money,
    deployment_target: DeploymentTarget | None,
    portfolio: Portfolio,
) -> Selected:
    """Return how to run a service that loses this much an hour and is deployed this often."""
    rules = as_organisation(portfolio)
    chosen = select_target(organisation=rules, exposure_per_hour=exposure_per_hour)
    found = outcome(
        target_ppm=chosen.target_ppm, deployment_target=deployment_target, portfolio=portfolio
    )
    return replace(found, working=(chosen.reason, *found.working))


def select_service(*, service: Insured, portfolio: Portfolio, light: bool = False) -> Selected:
    """Return how to run a service; by the traffic light of its demand, where that is said."""
    found = select(
        exposure_per_hour=service.exposure_per_hour,
        deployment_target=service.deployment_target,
        portfolio=portfolio,
    )
    if not light or service.deployment_target is None:
        return found
    shown = traffic_light(deployments_per_month=_PER_MONTH[service.deployment_target])
    by_light = select_by_light(light=shown, target_ppm=found.target_ppm)
    return replace(found, model=by_light.model, working=(*found.working, *by_light.working))


def outcome(
    *, target_ppm: int, deployment_target: DeploymentTarget | None, portfolio: Portfolio
) -> Selected:
    """Return the operating model and cover of a target and a deployment target."""
    target = format_target(target_ppm)
    warnings = _warnings(target_ppm, deployment_target, portfolio.levels)
    low = deployment_target in LOW_DEMAND
    if low and target_ppm < ALWAYS_YOU_RUN_IT:
        why = f"{deployment_target} deployments and a target below 99.99%: Ops Run It"
        return Selected(
            OperatingModel.OPS_RUN_IT, target_ppm, deployment_target, None, (why,), warnings
        )
    often = f"{deployment_target} deployments" if deployment_target else "demand not said, so high"
    because = f"{target} is 99.99% or more" if low else f"{often}"
    decision = cover_for(
        ppm=target_ppm, organisation=as_organisation(portfolio), high_demand=not low
    )
    working = (f"{because}: You Build It You Run It", decision.reason)
    return Selected(
        OperatingModel.YOU_RUN_IT,
        target_ppm,
        deployment_target,
        decision.cover,
        working,
        warnings,
    )


def traffic_light(*, deployments_per_month: Decimal | Fraction) -> Light:
    """Return the light of a demand: green from weekly up, red from fortnightly down."""
    often = Fraction(deployments_per_month)
    if often >= _WEEKLY:
        return Light.GREEN
    return Light.RED if often <= _FORTNIGHTLY else Light.AMBER


def select_by_light(*, light: Light, target_ppm: int) -> Selected:
    """Return the operating model by the traffic-light variant.

    Amber between 99.0% and 99.9% is in no source: the answer is UNDECIDED, somebody has to say.
    """
    target = format_target(target_ppm)
    model = {Light.RED: OperatingModel.OPS_RUN_IT, Light.GREEN: OperatingModel.YOU_RUN_IT}.get(
        light
    )
    why = f"{light}: {'fortnightly or slower' if light is Light.RED else 'weekly or faster'}"
    if model is None and target_ppm >= AMBER_YOU_RUN_IT:
        model, why = OperatingModel.YOU_RUN_IT, f"amber, and {target} is 99.9% or more"
    elif model is None and target_ppm <= AMBER_OPS_RUN_IT:
        model, why = OperatingModel.OPS_RUN_IT, f"amber, and {target} is 99.0% or less"
    elif model is None:
        model = OperatingModel.UNDECIDED
        why = f"amber, and {target} lies between 99.0% and 99.9%: please decide"
    return Selected(model, target_ppm, None, None, (why,))


def target_from_exposure(*, service: Insured, portfolio: Portfolio) -> int:
    """Return the target a service's exposure asks for."""
    return select_target(
        organisation=as_organisation(portfolio), exposure_per_hour=service.exposure_per_hour
    ).target_ppm


def cover_of(*, service: Insured, target_ppm: int, portfolio: Portfolio) -> Cover:
    """Return the cover a target would buy a service."""
    return cover_for(
        ppm=target_ppm,
        organisation=as_organisation(portfolio),
        high_demand=service.deployment_target not in LOW_DEMAND,
    ).cover


def as_organisation(portfolio: Portfolio) -> Organisation:
    """Return the portfolio's rules in the form the catalogue's rules take them."""
    return replace(
        presets.default_organisation(),
        slug=portfolio.organisation,
        currency=portfolio.currency,
        preset=portfolio.preset,
        period=portfolio.period,
        levels=portfolio.levels,
        team_requires_demand=portfolio.team_requires_demand,
        exposure_bands=portfolio.exposure_bands,
        minimum_losses=portfolio.minimum_losses,
    )


def _warnings(
    ppm: int, deployment_target: DeploymentTarget | None, levels: Sequence[Level]
) -> tuple[str, ...]:
    found = []
    lowest = min(level.target_ppm for level in levels)
    if ppm <= lowest and deployment_target is DeploymentTarget.MONTHLY:
        found.append("low exposure and low demand: is this the right product to build?")
    if ppm >= ALWAYS_YOU_RUN_IT:
        found.append(
            "99.99% is rarely needed: an extra nine takes about ten times the engineering effort"
        )
    if deployment_target is None:
        found.append("no deployment target is declared; high demand is assumed")
    return tuple(found)
