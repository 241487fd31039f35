"""A service as its page shows it, and services as a list shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from andon.alerts import queries as alerts
from andon.catalogue import queries as catalogue
from andon.catalogue import rules
from andon.catalogue.types import CoverDecision, DependencyLink, Organisation, Service
from andon.core.lists import Rows
from andon.incidents import rules as incidents
from andon.web.portal.reads import fires

#: What is over is listed this far back on a service's page.
_LAST = 6
#: A platform's database can have thousands of dependants; the page stays short.
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service in a list."""

    service: Service
    target_ppm: int | None
    cover: CoverDecision
    state: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A service or a resource at the other end of a dependency."""

    link: DependencyLink
    #: Empty for a resource: Andon does not know how it is.
    state: str


@dataclass(frozen=True, slots=True)
class Situation:
    """How a service is now: its status, since when, and what is left of its allowance."""

    state: str
    since: datetime | None
    active: Sequence[fires.Fire]
    #: Exercises and tests that are going on.
    rehearsed: Sequence[fires.Fire]
    past: Sequence[fires.Fire]
    allowance: timedelta | None
    #: Of the allowance in the period that ends now, over all incidents in it.
    allowance_left: timedelta | None


def rows(*, ids: Sequence[int], organisation: Organisation, now: datetime) -> list[ListedService]:
    """Return services as a list shows them, in the order of `ids`."""
    loaded = catalogue.load_services(ids=ids)
    states = fires.conditions([one.slug for one in loaded.values()], now=now)
    return [
        ListedService(
            service=loaded[one],
            target_ppm=rules.target_at(service=loaded[one], at=now),
            cover=rules.cover_at(service=loaded[one], organisation=organisation, at=now),
            state=states[loaded[one].slug],
        )
        for one in ids
        if one in loaded
    ]


def listed(
    *, viewer_id: int, now: datetime, team: str = "", domain: str = ""
) -> Rows[ListedService]:
    """Return what the list of services can be asked, of one team or domain or of all."""
    organisation = catalogue.organisation()
    found = catalogue.rows_of_services(
        organisation=organisation,
        viewer_id=viewer_id,
        conditions=fires.troubled(organisation=organisation, now=now),
        ranks=[word for word, _ in fires.CONDITIONS],
        now=now,
        team=team,
        domain=domain,
    )
    return found.shown_as(lambda ids: rows(ids=ids, organisation=organisation, now=now))


def upstream(*, service_id: int, now: datetime) -> list[Neighbour]:
    """Return what a service needs, with how it is now."""
    return _neighbours(catalogue.dependencies_of(service_id=service_id), now)


def downstream(*, service_id: int, now: datetime) -> list[Neighbour]:
    """Return who needs a service, with how they are now."""
    return _neighbours(catalogue.dependants_of(service_id=service_id)[:_SHOWN], now)


def situation(*, service: Service, organisation: Organisation, now: datetime) -> Situation:
    """Return how a service is now. The allowance counts every incident of the last period.

    Exercises and tests are listed, and change neither how it is nor its allowance.
    """
    # One page of history is enough to fill both the list and the period of any sane service.
    found = fires.of_service(service=service.slug, organisation=organisation, now=now, limit=100)
    past = [one for one in found if not one.incident.is_active]
    ppm = rules.target_at(service=service, at=now)
    allowance = rules.allowed_downtime(ppm, organisation.period) if ppm else None
    happened = [one for one in found if one.incident.kind.is_real]
    down = [one for one in happened if one.incident.was_down]
    used = sum((_within(one, now - organisation.period, now) for one in down), timedelta(0))
    active = [one for one in happened if one.incident.is_active]
    left = None if allowance is None else max(allowance - used, timedelta(0))
    return Situation(
        state=_state(active, left, heard=bool(found)),
        since=_since(active, [one for one in happened if not one.incident.is_active]),
        active=active,
        rehearsed=[
            one for one in found if one.incident.is_active and not one.incident.kind.is_real
        ],
        past=past[:_LAST],
        allowance=allowance,
        allowance_left=left,
    )


def _within(one: fires.Fire, start: datetime, end: datetime) -> timedelta:
    began = max(one.incident.started_at, start)
    ended = min(one.incident.restored_at or end, end)
    return max(ended - began, timedelta(0))


def _state(active: Sequence[fires.Fire], left: timedelta | None, *, heard: bool) -> str:
    """Return how a service is, by what all its incidents have used of its allowance."""
    words = [
        incidents.condition(
            state=one.incident.state,
            is_held=one.incident.held_until is not None,
            is_down=one.incident.is_down,
            was_down=one.incident.was_down,
            allowance_left=left,
        )
        for one in active
    ]
    return str(incidents.service_condition(active=words, heard=heard or alerts.has_any()))


def _since(active: Sequence[fires.Fire], past: Sequence[fires.Fire]) -> datetime | None:
    if active:
        return min(one.incident.started_at for one in active)
    return next((one.incident.restored_at for one in past if one.incident.restored_at), None)


def _neighbours(links: Sequence[DependencyLink], now: datetime) -> list[Neighbour]:
    states = fires.conditions([one.slug for one in links if one.kind == "service"], now=now)
    return [Neighbour(link=one, state=_health(one, states)) for one in links]


def _health(link: DependencyLink, states: Mapping[str, str]) -> str:
    return states.get(link.slug, "") if link.kind == "service" else ""
