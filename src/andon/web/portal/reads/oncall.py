"""Who is on call now, with the ways to reach them, for rotas and for services."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Exists, OuterRef, Q, When

from andon.catalogue import models
from andon.catalogue import rules as catalogue
from andon.catalogue.types import Cover, CoverDecision, Organisation, Service
from andon.core.periods import Period
from andon.oncall import queries as oncall
from andon.oncall import rules
from andon.oncall.types import Hours, Rota, Shift
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
    """Who answers for a service now, and the sentence that explains it."""

    cover: CoverDecision
    hours: Hours
    #: Pages wait for working hours: nobody is called now.
    held: bool
    on_call: OnCall | None
    #: In working hours without a rota the team itself is called.
    members: tuple[Person, ...]
    reason: str


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
    """Return who answers for a service now, by the same rules that route its pages."""
    cover = catalogue.cover_at(service=service, organisation=organisation, at=now)
    hours = oncall.hours_at(working_hours=service.working_hours, at=now)
    if not hours.working and cover.cover is Cover.NONE:
        reason = f"{cover.reason}; pages wait for working hours"
        return Answering(cover, hours, True, None, (), reason)
    rotas = oncall.load_rotas(period=Period(now, now + _AHEAD), slugs=_candidates(service))
    rota = rules.answering(
        rotas=rotas.values(),
        working=hours.working,
        team=service.owner.slug if hours.working or cover.cover is Cover.TEAM else None,
        domain=service.domain if not hours.working and cover.cover is Cover.DOMAIN else None,
    )
    if rota is not None:
        held_by = on_call(slugs=[rota.slug], now=now)[0]
        return Answering(cover, hours, False, held_by, (), _why(cover, hours))
    members = people.members(team_ids=[service.owner.id])[service.owner.id]
    return Answering(cover, hours, False, None, members, _why(cover, hours))


def _candidates(service: Service) -> list[str]:
    owned = Q(team_id=service.owner.id)
    if service.domain:
        owned |= Q(domain__slug=service.domain)
    return list(models.Rota.objects.filter(owned, retired_at__isnull=True).values_list("slug", flat=True))


def _why(cover: CoverDecision, hours: Hours) -> str:
    return "In working hours the owning team answers first" if hours.working else cover.reason


def _name(slug: str | None, found: Mapping[str, Person]) -> str:
    if slug is None:
        return ""
    return found[slug].name if slug in found else slug


def rotas_for_home(*, person_id: int, limit: int) -> list[str]:
    """Return the rotas somebody wants to see first: their own teams', then domains', then the rest."""
    member = Membership.objects.filter(team_id=OuterRef("team_id"), person_id=person_id)
    mine = Case(When(Exists(member), then=0), When(domain__isnull=False, then=1), default=2)
    rows = models.Rota.objects.filter(retired_at__isnull=True).annotate(rank=mine)
    return list(rows.order_by("rank", "slug").values_list("slug", flat=True)[:limit])


def rotas_of(*, person_id: int) -> list[str]:
    """Return the rotas of a person's teams and of the domains those teams work in, by slug."""
    teams = Membership.objects.filter(person_id=person_id).values("team_id")
    domains = models.Service.objects.filter(owner_id__in=teams, domain__isnull=False)
    ours = Q(team_id__in=teams) | Q(domain_id__in=domains.values("domain_id"))
    return list(models.Rota.objects.filter(ours, retired_at__isnull=True).values_list("slug", flat=True))


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


def names(*, rota: Rota, shifts: Collection[Shift]) -> dict[str, str]:
    """Return the names of everybody a rota mentions, by slug; a slug nobody has stands for itself."""
    slugs = {shift.person for shift in shifts} | {one.person for one in rota.overrides}
    for version in rota.versions:
        slugs |= set(version.rotation.participants)
    known = people.names(slugs=slugs)
    return {slug: known.get(slug, slug) for slug in sorted(slugs)}
