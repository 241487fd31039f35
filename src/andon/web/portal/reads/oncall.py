"""Who is on call now, with the ways to reach them, for rotas and for services."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Exists, OuterRef, Q, When

from andon.catalogue import models
from andon.catalogue import rules as catalogue
from andon.catalogue.queries.revisions import SaidOfRota, said_of_rota
from andon.catalogue.types import CoverDecision, Organisation, Service
from andon.core.periods import Period
from andon.oncall import queries as oncall
from andon.oncall import rules
from andon.oncall.types import Hours, Override, Rota, Shift
from andon.paging import rules as paging
from andon.paging.types import Candidates, Crew, Route, Verdict
from andon.people import queries as people
from andon.people.models import Membership
from andon.people.types import Person

#: How far ahead rotas are loaded to say when the next hand-over is.
_AHEAD = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class OnCall:
    """A rota and who has it now. `person` is None when nobody does, which is a gap."""

    rota: Rota
    shift: Shift | None
    person: Person | None
    name: str
    next_name: str


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for a service now: what paging would decide, with people and their contacts."""

    cover: CoverDecision
    hours: Hours
    route: Route
    #: The rota that answers; None when the pages are held or go to `members`.
    on_call: OnCall | None
    members: tuple[Person, ...]


def on_call(*, slugs: Collection[str], now: datetime) -> list[OnCall]:
    """Return who has each rota now and who follows, with their contacts, by the rota's title."""
    have = oncall.on_call_now(at=now, slugs=slugs)
    wanted = {one.shift.person for one in have if one.shift}
    wanted |= {one.next_person for one in have if one.next_person}
    found = people.contacts(slugs=wanted) if wanted else {}
    rows = [
        OnCall(
            rota=one.rota,
            shift=one.shift,
            person=found.get(one.shift.person) if one.shift else None,
            name=_name(one.shift.person if one.shift else None, found),
            next_name=_name(one.next_person, found),
        )
        for one in have
    ]
    return sorted(rows, key=lambda row: row.rota.title)


def answering(*, service: Service, organisation: Organisation, now: datetime) -> Answering:
    """Return who answers for a service now, by the very rule that routes its pages."""
    cover = catalogue.cover_at(service=service, organisation=organisation, at=now)
    hours = oncall.hours_at(working_hours=service.working_hours, at=now)
    slugs = {*_candidates(service), organisation.catch_all_rota} - {""}
    rows = {row.rota.slug: row for row in on_call(slugs=slugs, now=now)}
    members = people.members(team_ids=[service.owner.id])[service.owner.id]
    route = paging.route(
        service=service,
        ref=service.slug,
        cover=cover,
        hours=hours,
        candidates=_crews(service, organisation, rows, members, working=hours.working),
        now=now,
    )
    paged = route.verdict is Verdict.PAGE
    return Answering(
        cover=cover,
        hours=hours,
        route=route,
        on_call=rows.get(route.rota) if paged and route.rota else None,
        members=members if paged and route.rota is None else (),
    )


def _crews(
    service: Service,
    organisation: Organisation,
    rows: Mapping[str, OnCall],
    members: Collection[Person],
    *,
    working: bool,
) -> Candidates:
    rotas = [row.rota for row in rows.values()]
    own = rules.answering(rotas=rotas, working=working, team=service.owner.slug)
    shared = None
    if service.domain and not working:
        shared = rules.answering(rotas=rotas, working=False, domain=service.domain)
    title = service.owner.title
    everyone = tuple(person.slug for person in members)
    team = Crew(f"everyone in {title}", None, service.owner.slug, None, None, everyone)
    return Candidates(
        team_rota=_crew(rows, own.slug if own else ""),
        domain_rota=_crew(rows, shared.slug if shared else ""),
        members=team if everyone else None,
        catch_all=_crew(rows, organisation.catch_all_rota),
    )


def _crew(rows: Mapping[str, OnCall], slug: str) -> Crew | None:
    row = rows.get(slug)
    if row is None or row.shift is None:
        return None
    return Crew(f"rota {row.rota.slug}", row.rota.slug, row.rota.team, row.shift.person, None, ())


def _candidates(service: Service) -> list[str]:
    owned = Q(team_id=service.owner.id)
    if service.domain:
        owned |= Q(domain__slug=service.domain)
    return list(
        models.Rota.objects.filter(owned, retired_at__isnull=True).values_list("slug", flat=True)
    )


def _name(slug: str | None, found: Mapping[str, Person]) -> str:
    if slug is None:
        return ""
    return found[slug].name if slug in found else slug


def rotas_for_home(*, person_id: int, limit: int) -> list[str]:
    """Return the rotas somebody wants to see first: their teams', then domains', then others."""
    member = Membership.objects.filter(team_id=OuterRef("team_id"), person_id=person_id)
    mine = Case(When(Exists(member), then=0), When(domain__isnull=False, then=1), default=2)
    rows = models.Rota.objects.filter(retired_at__isnull=True).annotate(rank=mine)
    return list(rows.order_by("rank", "slug").values_list("slug", flat=True)[:limit])


def rotas_of(*, person_id: int) -> list[str]:
    """Return the rotas of a person's teams and of the domains those teams work in, by slug."""
    teams = Membership.objects.filter(person_id=person_id).values("team_id")
    domains = models.Service.objects.filter(owner_id__in=teams, domain__isnull=False)
    ours = Q(team_id__in=teams) | Q(domain_id__in=domains.values("domain_id"))
    return list(
        models.Rota.objects.filter(ours, retired_at__isnull=True).values_list("slug", flat=True)
    )


def coming_shifts(
    *, person: str, slugs: Collection[str], now: datetime
) -> list[tuple[Rota, Shift]]:
    """Return a person's shifts of the next five weeks, the soonest first."""
    period = Period(now, now + _AHEAD)
    rotas = oncall.load_rotas(period=period, slugs=slugs)
    found = [
        (rota, shift)
        for rota in rotas.values()
        for shift in rules.shifts(rota=rota, period=period)
        if shift.person == person
    ]
    return sorted(found, key=lambda pair: pair[1].period)


@dataclass(frozen=True, slots=True)
class Edit:
    """When a rota was last edited, and the turn that ran then."""

    at: datetime
    name: str
    until: datetime
    #: Whether that turn still runs.
    runs: bool
    #: What the plan said when it was applied, and who applied it; None when nothing was said.
    said: SaidOfRota | None


def last_edit(*, rota: Rota, names: Mapping[str, str], now: datetime) -> Edit | None:
    """Return the edit that made what is in force, if it took over a turn that ran."""
    version = next((one for one in rota.versions if now in one.period), None)
    carried = version.carried if version else None
    if version is None or carried is None:
        return None
    name = names.get(carried.person, carried.person)
    at = version.period.starts_at
    return Edit(at, name, carried.until, now < carried.until, said_of_rota(rota=rota.slug, at=at))


def overrides(
    *, rota: Rota, names: Mapping[str, str], now: datetime
) -> list[tuple[Override, str, str]]:
    """Return overrides that run or come, with the name, and why one takes nobody's shift."""
    zone = rota.versions[-1].timezone if rota.versions else "UTC"
    idle = {
        one.override.id: rules.say_idle(one, zone, names)
        for one in rules.idle_overrides(rota=rota, at=now)
    }
    ahead = (one for one in rota.overrides if one.period.ends_at > now)
    return [(one, names.get(one.person, one.person), idle.get(one.id, "")) for one in ahead]


def names(*, rota: Rota, shifts: Collection[Shift]) -> dict[str, str]:
    """Return the names of everybody a rota mentions, by slug; an unknown slug stands for itself."""
    slugs = {shift.person for shift in shifts} | {one.person for one in rota.overrides}
    slugs |= {one.replaces for one in rota.overrides if one.replaces}
    for version in rota.versions:
        slugs |= set(version.rotation.participants)
        slugs |= {version.carried.person} if version.carried else set()
    known = people.names(slugs=slugs)
    return {slug: known.get(slug, slug) for slug in sorted(slugs)}
