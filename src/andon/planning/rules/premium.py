"""The premium: which rotas a portfolio needs, what they cost, and who shares them.

Smith, Who Runs It: standby is paid per rota, not per service; team rotas are the distinct teams
with a `team` service, domain rotas the distinct domains with a `domain` service.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.types import Cover
from andon.core.money import Money
from andon.core.words import say_count, say_share
from andon.costing.rules import allocate
from andon.planning.rules.exact import decimal, per, times
from andon.planning.types import MONTH, YEAR, Insured, Portfolio, RunPolicy


@dataclass(frozen=True, slots=True)
class RotaNeed:
    """One out-of-hours rota and the services it answers for."""

    cover: Cover
    #: The team's slug, or the domain's.
    owner: str
    services: tuple[str, ...]
    teams: tuple[str, ...]
    per_month: Money


@dataclass(frozen=True, slots=True)
class Premium:
    """What standby costs a month, against the naive price of a rota per team."""

    rotas: tuple[RotaNeed, ...]
    teams: int
    per_month: Money
    naive_per_month: Money
    per_year: Money
    #: `1 - standby / naive`, between 0 and 1.
    saving: Decimal
    working: tuple[str, ...]


def rotas(*, services: Iterable[Insured], rota_per_month: Money) -> tuple[RotaNeed, ...]:
    """Return the rotas services need out of hours, by kind and owner."""
    held: dict[tuple[Cover, str], list[Insured]] = defaultdict(list)
    for service in services:
        if service.cover is Cover.TEAM:
            held[Cover.TEAM, service.team].append(service)
        elif service.cover is Cover.DOMAIN and service.domain:
            held[Cover.DOMAIN, service.domain].append(service)
    return tuple(
        RotaNeed(
            cover=cover,
            owner=owner,
            services=tuple(sorted(one.slug for one in members)),
            teams=tuple(sorted({one.team for one in members})),
            per_month=rota_per_month,
        )
        for (cover, owner), members in sorted(held.items(), reverse=True)
    )


def premium_of(*, portfolio: Portfolio) -> Premium:
    """Return what standby costs a portfolio a month: `R x (team rotas + domain rotas)`."""
    policy = portfolio.assumptions.you_run_it
    rate = policy.rota_per_month
    needed = rotas(services=portfolio.services, rota_per_month=rate)
    teams = len({service.team for service in portfolio.services})
    cost, naive = times(rate, len(needed)), times(rate, teams)
    saving = 1 - Fraction(cost.minor, naive.minor) if naive.minor else Fraction(0)
    own = sum(1 for one in needed if one.cover is Cover.TEAM)
    counted = f"{say_count(own, 'team rota')} and {say_count(len(needed) - own, 'domain rota')}"
    working = (
        f"{counted} at {rate.exact} a month: {cost.exact}",
        f"a rota for each of {say_count(teams, 'team')}: {naive.exact}; {say_share(saving)} less",
    )
    year = times(cost, policy.months_a_year)
    return Premium(needed, teams, cost, naive, year, decimal(saving), working)


def shares(*, portfolio: Portfolio) -> dict[str, Money]:
    """Return each service's share of the rotas' monthly price; equal within a rota.

    Information only: a rota has one budget holder. Shares add up to the price to the minor unit.
    """
    found = {one.slug: Money.zero(portfolio.currency) for one in portfolio.services}
    for need in premium_of(portfolio=portfolio).rotas:
        found.update(allocate(amount=need.per_month, weights=dict.fromkeys(need.services, 1)))
    return found


def per_year_of(policy: RunPolicy) -> Money:
    """Return what one rota of a policy costs a year."""
    return times(policy.rota_per_month, policy.months_a_year)


def per_month_of(yearly: Money) -> Money:
    """Return the part of a yearly amount that falls to the model's 30-day month."""
    return times(yearly, per(MONTH, YEAR))


def rota_of(*, needed: Sequence[RotaNeed], slug: str) -> RotaNeed | None:
    """Return the rota that answers for a service out of hours, if any does."""
    return next((one for one in needed if slug in one.services), None)
