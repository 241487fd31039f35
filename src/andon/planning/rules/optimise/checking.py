"""Who lacks people for a set of rotas."""

from andon.catalogue.types import Cover
from andon.planning.types import Portfolio


def broken_people(*, portfolio: Portfolio, rotas: list[tuple[Cover, str]]) -> tuple[str, ...]:
    """Return who lacks people: a person is on one rota, a domain's own teams staff its rotas."""
    each, people = portfolio.assumptions.people_per_rota, portfolio.people
    left = dict(people)
    found = []
    for cover, owner in rotas:
        if cover is Cover.TEAM and owner in left:
            left[owner] -= each
    found += [f"team {team} lacks {-count} people" for team, count in left.items() if count < 0]
    for domain in sorted({owner for cover, owner in rotas if cover is Cover.DOMAIN}):
        teams = _at_home(portfolio, domain)
        if all(team in people for team in teams):
            needed = each * sum(1 for one in rotas if one == (Cover.DOMAIN, domain))
            short = needed - sum(max(left[team], 0) for team in teams)
            if short > 0:
                found.append(f"domain {domain} lacks {short} people")
    return tuple(found)


def _at_home(portfolio: Portfolio, domain: str) -> list[str]:
    """Return the teams that own most of their services here; of equals the first by name."""
    teams = sorted({one.team for one in portfolio.services})
    found = []
    for team in teams:
        owned: dict[str, int] = {}
        for one in portfolio.services:
            if one.team == team and one.domain and one.domain_kind:
                owned[one.domain] = owned.get(one.domain, 0) + 1
        if owned and min(owned, key=lambda name: (-owned[name], name)) == domain:
            found.append(team)
    return found
