"""Who could answer for a service at an instant: what a route is chosen from."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from andon.catalogue.types import Service
from andon.oncall import rules as oncall
from andon.oncall.types import Rota
from andon.paging.types import Candidates, Crew

#: Whoever has a rota at the instant in question, asked or not.
CrewOf = Callable[[Rota], Crew]


def crew_of(*, rota: Rota, members: Collection[str], at: datetime) -> Crew:
    """Return whom a rota puts forward at an instant; `members` are those of its team.

    Whose turn it is, whether or not the rota is asked then: a page that began in its hours is
    finished by its people.
    """
    turn = oncall.turn_at(rota=rota, at=at)
    inside = [one for one in rota.versions if at in one.period]
    everyone = dict.fromkeys(slug for one in inside for slug in one.rotation.participants)
    everyone.update(dict.fromkeys(members))
    if turn is not None:
        everyone[turn.person] = None
    return Crew(
        label=f"rota {rota.slug}",
        rota=rota.slug,
        team=rota.team,
        on_call=turn.person if turn else None,
        next_on_call=oncall.next_on_call(rota=rota, at=at),
        everyone=tuple(everyone),
    )


def candidates(
    *,
    service: Service | None,
    rotas: Iterable[Rota],
    catch_all: Rota | None,
    members: Crew | None,
    working: bool,
    at: datetime,
    crew: CrewOf,
) -> Candidates:
    """Return who is on call for a service at an instant: the one choice of routing and of pages.

    `rotas` are those of its team and its domain, `members` those of its team.
    """
    if service is None:
        return Candidates(catch_all=_on_call(catch_all, at, crew))
    found = list(rotas)
    own = oncall.answering(rotas=found, working=working, at=at, team=service.owner.slug)
    shared = None
    if service.domain is not None and not working:
        shared = oncall.answering(rotas=found, working=False, at=at, domain=service.domain)
    return Candidates(
        team_rota=_on_call(own, at, crew),
        domain_rota=_on_call(shared, at, crew),
        members=members if members is not None and members.everyone else None,
        catch_all=_on_call(catch_all, at, crew),
    )


def _on_call(rota: Rota | None, at: datetime, crew: CrewOf) -> Crew | None:
    """Return who is on call for a rota, or None when nobody is."""
    if rota is None or not oncall.asked(answers=rota.answers, at=at).now:
        return None
    found = crew(rota)
    return found if found.on_call is not None else None
