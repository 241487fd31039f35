"""Teams, services and exposure over the coming quarters: the rotas, people and money they need.

A forecast of what the rules would ask for, not of what will happen: growth is an input, in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from andon.core.money import Money
from andon.core.words import say_share
from andon.planning.rules.annual import year_of
from andon.planning.rules.exact import times
from andon.planning.rules.premium import premium_of
from andon.planning.rules.proviso import proviso_of
from andon.planning.rules.selector import cover_of, target_from_exposure
from andon.planning.types import Insured, Portfolio


@dataclass(frozen=True, slots=True)
class Growth:
    """How an estate grows in a year, as shares: 0.2 is a fifth more."""

    teams: Decimal = Decimal(0)
    services: Decimal = Decimal(0)
    exposure: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Quarter:
    """The estate at the end of a quarter, and what it needs."""

    number: int
    teams: int
    services: int
    rotas: int
    people_needed: int
    people_there: int
    #: What a month of it costs, and a month of a rota per team.
    standby_per_month: Money
    naive_per_month: Money
    exposure_per_hour: Money
    loss_per_year: Money


@dataclass(frozen=True, slots=True)
class Forecast:
    """Now (quarter 0) and the quarters after it."""

    quarters: tuple[Quarter, ...]
    working: tuple[str, ...]
    #: On what nobody declared the expected losses rest; empty when all is declared or measured.
    proviso: str = ""


def forecast(*, portfolio: Portfolio, growth: Growth, quarters: int = 4) -> Forecast:
    """Return the estate quarter by quarter.

    New services are copies of those there, in order of slug, so the mix stays; new teams take
    copies over. Exposure grows alike everywhere; targets and cover follow the organisation's rules.
    """
    found = [_quarter(0, portfolio)]
    for number in range(1, quarters + 1):
        share = Fraction(number, 4)
        found.append(_quarter(number, grown(portfolio=portfolio, growth=growth, years=share)))
    more = f"{say_share(growth.teams)} more teams, {say_share(growth.services)} more services"
    working = (
        f"a year brings {more} and {say_share(growth.exposure)} more exposure, spread evenly",
        "new services are copies of today's, so the mix of targets stays as it is",
        "new teams take new services over; a new team without one needs no rota and is not counted",
        "targets move only where grown exposure crosses one of the organisation's bounds",
    )
    return Forecast(tuple(found), working, proviso_of(services=portfolio.services))


def grown(*, portfolio: Portfolio, growth: Growth, years: Fraction) -> Portfolio:
    """Return a portfolio after so many years of growth."""
    services = _more(portfolio, growth, years)
    factor = 1 + Fraction(growth.exposure) * years
    return replace(portfolio, services=tuple(_exposed(one, factor, portfolio) for one in services))


def _more(portfolio: Portfolio, growth: Growth, years: Fraction) -> list[Insured]:
    today = list(portfolio.services)
    teams = sorted({one.team for one in today})
    added = round(len(today) * Fraction(growth.services) * years)
    new_teams = round(len(teams) * Fraction(growth.teams) * years)
    copies = []
    for number in range(max(added, 0)):
        one = today[number % len(today)]
        team = f"{teams[number % len(teams)]}-new" if number < new_teams else one.team
        slug = f"{one.slug}-{number // len(today) + 2}"
        copies.append(replace(one, slug=slug, title=f"{one.title}, new", team=team))
    return today[: added or None] if added < 0 else [*today, *copies]


def _exposed(service: Insured, factor: Fraction, portfolio: Portfolio) -> Insured:
    """Return a service with grown exposure; a target it has outgrown follows."""
    exposure = times(service.exposure_per_hour, factor)
    grown_one = replace(service, exposure_per_hour=exposure)
    if not (portfolio.exposure_bands or portfolio.minimum_losses):
        return grown_one
    before = target_from_exposure(service=service, portfolio=portfolio)
    after = target_from_exposure(service=grown_one, portfolio=portfolio)
    if after == before or after <= service.target_ppm:
        return grown_one
    cover = cover_of(service=grown_one, target_ppm=after, portfolio=portfolio)
    return replace(grown_one, target_ppm=after, cover=cover)


def _quarter(number: int, portfolio: Portfolio) -> Quarter:
    cost, year = premium_of(portfolio=portfolio), year_of(portfolio=portfolio)
    exposure = sum(one.exposure_per_hour.minor for one in portfolio.services)
    on_rota = {team for need in cost.rotas for team in need.teams}
    return Quarter(
        number=number,
        teams=cost.teams,
        services=len(portfolio.services),
        rotas=len(cost.rotas),
        people_needed=year.people_needed,
        people_there=_people(portfolio, sorted(on_rota)),
        standby_per_month=cost.per_month,
        naive_per_month=cost.naive_per_month,
        exposure_per_hour=Money(exposure, portfolio.currency),
        loss_per_year=year.loss,
    )


def _people(portfolio: Portfolio, teams: Sequence[str]) -> int:
    """Return the people of the teams on rotas; teams that are only forecast have none yet."""
    return sum(portfolio.people.get(team, 0) for team in teams)
