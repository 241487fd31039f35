"""Who is on call now, with the ways to reach them, for rotas and for services."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from andon.catalogue import queries as catalogue
from andon.catalogue.queries.revisions import SaidOfRota, said_of_rota
from andon.catalogue.types import CoverDecision, Organisation, Service
from andon.oncall import queries as oncall
from andon.oncall import rules
from andon.oncall.types import Hours, OnCallNow, Override, Rota, Shift
from andon.paging import queries as paging
from andon.paging.types import Route
from andon.people import queries as people
from andon.people.types import Person, SignedIn


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
    idle = rules.why_idle(rota=rota, at=now, names=names)
    ahead = (one for one in rota.overrides if one.period.ends_at > now)
    return [(one, names.get(one.person, one.person), idle.get(one.id, "")) for one in ahead]
