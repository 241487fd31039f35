"""What a whole portfolio shows at a glance: pitfalls as figures, each with what to do.

Pitfalls: Equal Experts, playbook. The thresholds are Andon's choice, because no source gives any.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import LOW_DEMAND, Cover
from andon.core.words import say_count
from andon.planning.rules.exact import decimal
from andon.planning.rules.premium import Premium, premium_of
from andon.planning.rules.selector import target_from_exposure
from andon.planning.types import Portfolio

MOST_ROTAS_PER_TEAM = Fraction(7, 10)
MOST_TEAM_SHARE = Fraction(1, 4)
#: From so many teams and so many services an organisation is "at scale" (Smith).
SCALE = 10
#: Services a sentence names before it stops.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class PortfolioSignal:
    """A pitfall, its figure, and what to do when it shows."""

    name: str
    value: Decimal
    threshold: Decimal
    shows: bool
    words: str
    fix: str


def find_signals(*, portfolio: Portfolio) -> tuple[PortfolioSignal, ...]:
    """Return the pitfalls a portfolio shows, and those it does not."""
    cost = premium_of(portfolio=portfolio)
    return (
        _linear_run_cost(cost, portfolio),
        _team_rotas(portfolio),
        _inflated_targets(portfolio),
        _lonely_domains(portfolio),
        _crowded_rotas(cost, portfolio),
        _thin_rotas(cost, portfolio),
    )


def _linear_run_cost(cost: Premium, portfolio: Portfolio) -> PortfolioSignal:
    share = Fraction(len(cost.rotas), cost.teams) if cost.teams else Fraction(0)
    words = f"{say_count(len(cost.rotas), 'rota')} out of hours for {say_count(cost.teams, 'team')}"
    scale = cost.teams >= SCALE and len(portfolio.services) >= SCALE
    words += "" if scale else f"; weak below {SCALE} teams and services"
    return _signal(
        "linear run cost", share, MOST_ROTAS_PER_TEAM, words,
        "Let services with a medium target share a domain rota; recalibrate targets each quarter.",
        at_threshold=True, shows=scale,
    )  # fmt: skip


def _team_rotas(portfolio: Portfolio) -> PortfolioSignal:
    digital = [one for one in portfolio.services if one.deployment_target not in LOW_DEMAND]
    own = sum(one.cover is Cover.TEAM for one in digital)
    share = Fraction(own, len(digital)) if digital else Fraction(0)
    words = (
        f"{own} of {say_count(len(digital), 'digital service')} have a team rota: a weak signal of "
    )
    words += "inflated targets or unsaid accountability"
    fix = "Ask each product manager what the target buys, and who pays for it."
    return _signal("many team rotas", share, MOST_TEAM_SHARE, words, fix)


def _inflated_targets(portfolio: Portfolio) -> PortfolioSignal:
    """Return how many services have a target above what their exposure asks for."""
    asked = portfolio.exposure_bands or portfolio.minimum_losses
    high = [
        f"{one.slug} ({format_target(one.target_ppm)} for {format_target(ppm)})"
        for one in (portfolio.services if asked else ())
        if one.target_ppm > (ppm := target_from_exposure(service=one, portfolio=portfolio))
    ]
    named = ", ".join(high[:_NAMED]) + (", ..." if len(high) > _NAMED else "")
    words = f"targets above what the exposure asks for: {named or 'none'}"
    if not asked:
        words = "the organisation ties no exposure to targets, so none can be too high"
    fix = "Lower the target, or write down what else than money it protects."
    return _signal("inflated targets", Fraction(len(high)), Fraction(0), words, fix)


def _lonely_domains(portfolio: Portfolio) -> PortfolioSignal:
    members = Counter(one.domain for one in portfolio.services if one.domain)
    on_rota = {one.domain for one in portfolio.services if one.cover is Cover.DOMAIN}
    alone = sorted(slug for slug, count in members.items() if count == 1 and slug in on_rota)
    words = f"domains of a single service with a rota: {', '.join(map(str, alone)) or 'none'}"
    fix = "Join it to a product or architectural sibling, or call the rota the team's."
    return _signal("domain with one service", Fraction(len(alone)), Fraction(0), words, fix)


def _crowded_rotas(cost: Premium, portfolio: Portfolio) -> PortfolioSignal:
    limit = portfolio.assumptions.services_per_rota
    crowded = [one.owner for one in cost.rotas if len(one.services) > limit]
    words = f"rotas of more than {limit} services: {', '.join(crowded) or 'none'}"
    fix = "Split the domain along a customer journey or a capability."
    return _signal("crowded rota", Fraction(len(crowded)), Fraction(0), words, fix)


def _thin_rotas(cost: Premium, portfolio: Portfolio) -> PortfolioSignal:
    need = portfolio.assumptions.people_per_rota
    thin = [
        f"{one.owner} ({have})"
        for one in cost.rotas
        if (have := sum(portfolio.people.get(team, 0) for team in one.teams)) < need
    ]
    words = f"rotas with fewer than {need} people to draw on: {', '.join(thin) or 'none'}"
    fix = "Share a rota with siblings, or lower the target until there are people."
    return _signal("limited on-call schedule", Fraction(len(thin)), Fraction(0), words, fix)


def _signal(
    name: str,
    value: Fraction,
    threshold: Fraction,
    words: str,
    fix: str,
    *,
    at_threshold: bool = False,
    shows: bool = True,
) -> PortfolioSignal:
    reached = value >= threshold if at_threshold else value > threshold
    return PortfolioSignal(name, decimal(value), decimal(threshold), reached and shows, words, fix)
