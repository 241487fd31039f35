"""The expected loss of a year, service by service and for the portfolio, without simulation.

A service goes down with its hard dependencies too, direct and indirect; then it waits for their
team and loses by its own exposure. Each cause is independent, so expectations add up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.planning.rules.exact import from_float, times, total
from andon.planning.rules.expected import Expectation, loss_per_incident
from andon.planning.rules.premium import premium_of
from andon.planning.rules.week import out_of_hours_share
from andon.planning.types import Insured, Portfolio


@dataclass(frozen=True, slots=True)
class Annual:
    """A year of one service: what it is expected to lose, and the quadrature's error in it."""

    slug: str
    loss: Money
    error: Money
    incidents: Decimal
    callouts: Decimal


@dataclass(frozen=True, slots=True)
class Year:
    """A year of a portfolio."""

    standby: Money
    callouts: Money
    loss: Money
    error: Money
    rotas: int
    people_needed: int
    services: tuple[Annual, ...]

    @property
    def premium(self) -> Money:
        """Return what cover costs a year."""
        return self.standby + self.callouts

    @property
    def total(self) -> Money:
        """Return premium and expected loss: what the optimiser makes small."""
        return self.premium + self.loss


def year_of(*, portfolio: Portfolio) -> Year:
    """Return what a year of a portfolio is expected to cost and to lose."""
    by_slug = {one.slug: one for one in portfolio.services}
    services = tuple(annual_of(service=one, by_slug=by_slug) for one in portfolio.services)
    cost = premium_of(portfolio=portfolio)
    callout = portfolio.assumptions.callout or Money.zero(portfolio.currency)
    called = sum((one.callouts for one in services), Decimal(0))
    currency = portfolio.currency
    return Year(
        standby=cost.per_year,
        callouts=times(callout, Fraction(called)),
        loss=total([one.loss for one in services], currency),
        error=total([one.error for one in services], currency),
        rotas=len(cost.rotas),
        people_needed=len(cost.rotas) * portfolio.assumptions.people_per_rota,
        services=services,
    )


def annual_of(*, service: Insured, by_slug: Mapping[str, Insured]) -> Annual:
    """Return a year of one service, with the incidents of what it hardly depends on."""
    value = error = 0.0
    often = Decimal(0)
    for cause in [service, *(by_slug[slug] for slug in sorted(reachable(service, by_slug)))]:
        found = _loss(service, cause)
        value += float(cause.incidents_per_year) * found.value
        error += float(cause.incidents_per_year) * found.error
        often += cause.incidents_per_year
    currency = service.exposure_per_hour.currency
    return Annual(
        slug=service.slug,
        loss=from_float(value, currency),
        error=from_float(error, currency),
        incidents=often,
        callouts=_callouts(service),
    )


def reachable(service: Insured, by_slug: Mapping[str, Insured]) -> frozenset[str]:
    """Return everything a service goes down with, without itself; circles are followed once."""
    found: set[str] = set()
    left: list[str] = list(service.depends_on)
    while left:
        slug = left.pop()
        if slug in found or slug not in by_slug or slug == service.slug:
            continue
        found.add(slug)
        left += by_slug[slug].depends_on
    return frozenset(found)


def covered(services: Iterable[Insured]) -> int:
    """Return how many services have cover out of hours."""
    return sum(one.cover is not Cover.NONE for one in services)


def _loss(service: Insured, cause: Insured) -> Expectation:
    """Return what an incident of one service costs another that goes down with it, or itself."""
    return loss_per_incident(service=service, origin=cause, covered=cause.cover is not Cover.NONE)


def _callouts(service: Insured) -> Decimal:
    if service.cover is Cover.NONE:
        return Decimal(0)
    return service.incidents_per_year * out_of_hours_share(service.working_hours)
