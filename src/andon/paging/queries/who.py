"""Who answers for a service now."""

from datetime import datetime

from andon.catalogue import rules as catalogue
from andon.catalogue.types import Organisation, Service
from andon.core.periods import Period
from andon.oncall import queries as oncall
from andon.oncall.types import Rota
from andon.paging import rules
from andon.paging.types import Crew, RouteVerdict, WhoAnswers
from andon.people import queries as people


def answering(*, service: Service, organisation: Organisation, now: datetime) -> WhoAnswers:
    """Return who answers for a service now, by the very rules that route its pages."""
    cover = catalogue.cover_at(service=service, organisation=organisation, at=now)
    hours = oncall.hours_at(working_hours=service.working_hours, at=now)
    rotas = oncall.load_rotas(
        period=Period(now, now),
        slugs={organisation.catch_all_rota},
        teams={service.owner.slug},
        domains={service.domain} if service.domain else (),
        organisation=organisation,
    )
    found = people.members(team_ids=[service.owner.id])[service.owner.id]
    everyone = tuple(person.slug for person in found)
    label = f"everyone in {service.owner.title}"
    members = Crew(label, None, service.owner.slug, None, None, everyone)
    crews: dict[str | None, Crew] = {None: members} if everyone else {}

    def crew(rota: Rota) -> Crew:
        of_team = everyone if rota.team == service.owner.slug else ()
        crews[rota.slug] = rules.crew_of(rota=rota, members=of_team, at=now)
        return crews[rota.slug]

    candidates = rules.candidates(
        service=service,
        rotas=rotas.values(),
        catch_all=rotas.get(organisation.catch_all_rota),
        members=members,
        working=hours.working,
        at=now,
        crew=crew,
    )
    route = rules.route(
        service=service,
        ref=service.slug,
        cover=cover,
        hours=hours,
        candidates=candidates,
        now=now,
    )
    asked = crews.get(route.rota) if route.verdict is RouteVerdict.PAGE else None
    return WhoAnswers(cover=cover, hours=hours, route=route, crew=asked)
