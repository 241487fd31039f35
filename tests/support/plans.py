"""Does a plan keep its promises? Counted anew, sharing only who lacks people with the search."""

from andon.catalogue.types import LOW_DEMAND, Cover
from andon.core.money import Money
from andon.planning.rules.optimise.checking import broken_people
from andon.planning.rules.optimise.losses import Losses
from andon.planning.rules.optimise.plan import BestPlan
from andon.planning.rules.premium import per_year_of
from andon.planning.types import Insured, Portfolio


def check(*, plan: BestPlan, portfolio: Portfolio, losses: Losses) -> tuple[str, ...]:
    """Return everything wrong with a plan, in words; empty when there is nothing."""
    services = {one.slug: one for one in portfolio.services}
    cover = {one.slug: one.cover for one in plan.choices}
    if sorted(cover) != sorted(services):
        return ("the plan and the portfolio do not have the same services",)
    return (
        *_broken_rotas(plan, portfolio, services, cover),
        *_broken_targets(plan, portfolio, services),
        *broken_people(portfolio=portfolio, rotas=[(one.cover, one.owner) for one in plan.rotas]),
        *_broken_sums(plan, portfolio, losses, cover),
    )


def _broken_rotas(
    plan: BestPlan, portfolio: Portfolio, services: dict[str, Insured], cover: dict[str, Cover]
) -> list[str]:
    found = []
    on_rota: list[str] = []
    for rota in plan.rotas:
        on_rota += rota.services
        if not 1 <= len(rota.services) <= portfolio.assumptions.services_per_rota:
            found.append(f"{rota.owner} rota {rota.number} has {len(rota.services)} services")
        for slug in rota.services:
            one = services[slug]
            owner = one.team if rota.cover is Cover.TEAM else one.domain
            if cover[slug] is not rota.cover or owner != rota.owner:
                found.append(f"{slug} is on a rota of {rota.owner} that is not its own")
            if rota.cover is Cover.DOMAIN and one.domain_kind is None:
                found.append(f"{slug}: {rota.owner} is no product or architectural domain")
    covered = sorted(slug for slug, one in cover.items() if one is not Cover.NONE)
    if sorted(on_rota) != covered:
        found.append("not every covered service is on exactly one rota")
    return found


def _broken_targets(
    plan: BestPlan, portfolio: Portfolio, services: dict[str, Insured]
) -> list[str]:
    buys = {level.target_ppm: level.cover for level in portfolio.levels}
    found = []
    for choice in plan.choices:
        one = services[choice.slug]
        if (choice.target_ppm, choice.cover) == (one.target_ppm, one.cover):
            continue
        bought = buys.get(choice.target_ppm)
        low = one.deployment_target in LOW_DEMAND
        if bought is Cover.TEAM and low and portfolio.team_requires_demand:
            bought = Cover.DOMAIN
        if bought is not choice.cover:
            found.append(f"{choice.slug}: its target does not buy its cover")
    return found


def _broken_sums(
    plan: BestPlan, portfolio: Portfolio, losses: Losses, cover: dict[str, Cover]
) -> list[str]:
    found = []
    year = per_year_of(portfolio.assumptions.you_run_it).minor
    if plan.cost.standby != Money(year * len(plan.rotas), portfolio.currency):
        found.append("standby is not the price of the rotas")
    lost = sum(losses[slug][one].minor for slug, one in cover.items())
    if plan.cost.loss != Money(lost, portfolio.currency):
        found.append("the loss is not the sum of the services' losses")
    if plan.budget_per_year is not None and plan.budget_per_year < plan.cost.premium:
        found.append("the premium is above the budget")
    if plan.cost.total < plan.lower_bound:
        found.append("the total is below its own lower bound")
    return found
