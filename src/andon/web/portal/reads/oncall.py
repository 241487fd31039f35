"""Who is on call now, with the ways to reach them, for rotas and for services."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from andon.catalogue import queries as catalogue
from andon.catalogue.queries.revisions import SaidOfRota, said_of_rota
from andon.catalogue.types import CoverDecision, Organisation, Service
from andon.core.periods import Period
from andon.oncall import queries as oncall
from andon.oncall import rules
from andon.oncall.types import Hours, OnCallNow, Override, Rota, Shift
from andon.paging import queries as paging
from andon.paging.types import Route
from andon.people import queries as people
from andon.people.types import Person, SignedIn

#: How far ahead rotas are loaded to say when the next hand-over is.
_AHEAD = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class OnCall:
    """A rota and who has it now, with the ways to reach them; `person` is None when nobody has."""

    now: OnCallNow
    person: Person | None
    name: str
    next_name: str

    @property
    def rota(self) -> Rota:
        """Return the rota."""
        return self.now.rota


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
    wanted = {shift.person for one in have for shift in (one.shift, one.following) if shift}
    found = people.contacts(slugs=wanted) if wanted else {}
    rows = [
        OnCall(
            now=one,
            person=found.get(one.shift.person) if one.shift else None,
            name=_name(one.shift, found),
            next_name=_name(one.following, found),
        )
        for one in have
    ]
    return sorted(rows, key=lambda row: row.rota.title)


def in_order(*, slugs: Sequence[str], now: datetime) -> list[OnCall]:
    """Return who has each rota in force now, in the order of `slugs`."""
    found = {row.rota.slug: row for row in on_call(slugs=slugs, now=now)} if slugs else {}
    return [found[slug] for slug in slugs if slug in found]


def rotas_of(*, person: SignedIn, now: datetime) -> set[str]:
    """Return the rotas that are somebody's own: around their teams, or with turns of theirs."""
    around = catalogue.list_rotas_around(person_id=person.id)
    return {*around, *oncall.rotas_naming(person=person.slug, now=now)}


def answering(*, service: Service, organisation: Organisation, now: datetime) -> Answering:
    """Return who answers for a service now, by the very rule that routes its pages."""
    found = paging.answering(service=service, organisation=organisation, now=now)
    rota, whole_team = found.route.rota, found.crew is not None and found.crew.rota is None
    members = people.members(team_ids=[service.owner.id])[service.owner.id] if whole_team else ()
    return Answering(
        cover=found.cover,
        hours=found.hours,
        route=found.route,
        on_call=next(iter(on_call(slugs={rota}, now=now)), None) if rota else None,
        members=tuple(members),
    )


def _name(shift: Shift | None, found: Mapping[str, Person]) -> str:
    if shift is None:
        return ""
    return found[shift.person].name if shift.person in found else shift.person


@dataclass(frozen=True, slots=True)
class Served:
    """A turn as far as its rota is asked: from its first such hour to its last."""

    rota: Rota
    shift: Shift
    name: str
    #: What of that time it is, when it is not all of it: `in working hours`.
    within: str


def served(*, rota: Rota, period: Period, names: Mapping[str, str]) -> list[Served]:
    """Return the turns of a rota in a period in which it is asked, in order."""
    found = []
    for turn in rules.turns(rota=rota, period=period):
        parts = rules.answered(answers=rota.answers, period=turn.period)
        if not parts:
            continue
        whole = Period(parts[0].starts_at, parts[-1].ends_at)
        within = "in working hours" if rota.answers.in_hours else "out of hours"
        found.append(
            Served(
                rota=rota,
                shift=replace(turn, period=whole),
                name=names.get(turn.person, turn.person),
                within=within if len(parts) > 1 else "",
            )
        )
    return [one for one in found if one.shift.period.overlaps(period)]


def is_on_call(*, served: Served, now: datetime) -> bool:
    """Return whether somebody is on call at an instant in which a turn of theirs runs."""
    found = rules.who(rota=served.rota, at=now)
    return found is not None and found.person == served.shift.person and now in served.shift.period


def coming_shifts(*, person: str, slugs: Collection[str], now: datetime) -> list[Served]:
    """Return a person's turns of the next five weeks, the soonest first."""
    period = Period(now, now + _AHEAD)
    rotas = oncall.load_rotas(period=period, slugs=slugs)
    found = [
        one
        for rota in rotas.values()
        for one in served(rota=rota, period=period, names={})
        if one.shift.person == person
    ]
    return sorted(found, key=lambda one: one.shift.period)


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
