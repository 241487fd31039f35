"""What people do to an incident. Each act is one transaction that holds the incident."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import ClassVar, ParamSpec

from django.db import transaction

from andon.alerts import actions as alerts
from andon.core import audit, claims
from andon.core.errors import Refusal
from andon.incidents import models, rules
from andon.incidents.types import Act, IncidentState
from andon.paging import actions as paging
from andon.paging import queries as paging_queries

P = ParamSpec("P")


class UnableToFindIncident(Refusal):
    """No incident has this number."""

    code: ClassVar[str] = "incident_not_found"
    status: ClassVar[int] = 404


class UnableToActOnIncident(Refusal):
    """The incident's state does not allow the act. `data` holds the act and the state."""

    code: ClassVar[str] = "incident_state"


def _again_if_raced(act: Callable[P, None]) -> Callable[P, None]:
    """Repeat an act that lost a race in the database: it opens its own transaction."""

    @wraps(act)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> None:
        claims.retry(lambda: act(*args, **kwargs))

    return repeated


@_again_if_raced
def acknowledge(*, number: int, by: str, person_id: int | None, now: datetime) -> None:
    """Say that a person is looking at it. Cancels every pending message of its pages at once."""
    with _held(number, Act.ACKNOWLEDGE) as incident:
        page_ids = paging_queries.list_untaken_ids(page_ids=_pages(incident))
        if incident.state == IncidentState.OPEN:
            models.Incident.objects.filter(pk=incident.pk).update(
                state=IncidentState.ACKNOWLEDGED, held_until=None
            )
        if incident.acknowledged_at is None or incident.acknowledged_by_sender:
            models.Incident.objects.filter(pk=incident.pk).update(
                acknowledged_at=now,
                acknowledged_by=by,
                acknowledged_person_id=person_id,
                acknowledged_by_sender=False,
            )
        if page_ids:
            paging.acknowledge(
                page_ids=page_ids, by=by, person_id=person_id, now=now, via="incident"
            )
        _write_down(incident, Act.ACKNOWLEDGE, f"{by} is looking at it.", by, now)


@_again_if_raced
def add_note(*, number: int, text: str, by: str, now: datetime) -> None:
    """Write something into the timeline. Possible in every state."""
    with _held(number, Act.NOTE) as incident:
        _write_down(incident, Act.NOTE, text.strip(), by, now)


@_again_if_raced
def resolve(*, number: int, by: str, now: datetime, reason: str = "") -> None:
    """Say that availability is back. Resolves the incident's open alerts and pages with it.

    The same alerts their senders would resolve: should one still be firing, its next delivery opens
    a new alert, and so a new page and a new incident.
    """
    with _held(number, Act.RESOLVE) as incident:
        page_ids = paging_queries.list_open_ids(page_ids=_pages(incident))
        models.Incident.objects.filter(pk=incident.pk).update(
            state=IncidentState.RESTORED, restored_at=now, restored_by=by, held_until=None
        )
        if page_ids:
            firing = paging_queries.list_firing_ids(page_ids=page_ids)
            alerts.resolve(ids=firing, by=by, now=now)
            paging.resolve(page_ids=page_ids, by=by, now=now)
        text = f"{by} declared it restored." + (f" {reason.strip()}" if reason.strip() else "")
        _write_down(incident, Act.RESOLVE, text, by, now)


@_again_if_raced
def reopen(*, number: int, by: str, now: datetime, reason: str = "") -> None:
    """Say that it is not over after all. Its clock runs on from the start; nobody is paged."""
    with _held(number, Act.REOPEN) as incident:
        other = models.Incident.objects.filter(
            **incident.subject.columns, state__in=(IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
        ).first()
        if other is not None:
            raise UnableToActOnIncident(
                f"Unable to reopen {incident}: {other} of the same service is active.",
                act=Act.REOPEN.value,
                state=incident.state,
                active=str(other),
            )
        models.Incident.objects.filter(pk=incident.pk).update(
            state=IncidentState.OPEN,
            restored_at=None,
            restored_by="",
            closed_at=None,
            reopened_at=now,
        )
        models.IncidentPage.objects.filter(incident=incident).update(past=True)
        text = f"{by} reopened it" + (f": {reason.strip()}" if reason.strip() else ".")
        _write_down(incident, Act.REOPEN, text, by, now)


@_again_if_raced
def close(*, number: int, by: str, now: datetime) -> None:
    """Say that nothing is left to do. Only a restored incident can be closed."""
    with _held(number, Act.CLOSE) as incident:
        models.Incident.objects.filter(pk=incident.pk).update(
            state=IncidentState.CLOSED, closed_at=now
        )
        _write_down(incident, Act.CLOSE, f"{by} closed it.", by, now)


@contextmanager
def _held(number: int, act: Act) -> Iterator[models.Incident]:
    """Hold one incident for an act, or refuse. Locks go incident, alerts, pages, notifications."""
    with transaction.atomic():
        incident = models.Incident.objects.select_for_update().filter(number=number).first()
        if incident is None:
            raise UnableToFindIncident(f"There is no incident INC-{number}.", number=number)
        asked = _pages(incident) if act is Act.ACKNOWLEDGE else []
        untaken = paging_queries.list_untaken_ids(page_ids=asked) if asked else []
        why = rules.refusal(
            act=act, state=IncidentState(incident.state), unacknowledged_pages=len(untaken)
        )
        if why is not None:
            verb = "write to" if act is Act.NOTE else act.value
            raise UnableToActOnIncident(
                f"Unable to {verb} {incident}: {why}.", act=act.value, state=incident.state
            )
        yield incident


def _pages(incident: models.Incident) -> list[int]:
    rows = models.IncidentPage.objects.filter(incident=incident)
    return list(rows.values_list("page_id", flat=True))


_KINDS = {
    Act.ACKNOWLEDGE: "acknowledged",
    Act.NOTE: "note",
    Act.RESOLVE: "restored",
    Act.REOPEN: "reopened",
    Act.CLOSE: "closed",
}


def who(by: str) -> dict[str, str]:
    """Return what a timeline keeps about who acted beside the name, which others may have too."""
    person = audit.person_of(by)
    return {"person": person} if person else {}


def _write_down(incident: models.Incident, act: Act, text: str, by: str, now: datetime) -> None:
    models.TimelineEntry.objects.create(
        incident=incident,
        at=now,
        kind=_KINDS[act],
        actor=by,
        text=text,
        data=who(by),
    )
    audit.record(actor=by, verb=act.value, subject=f"incident:{incident.number}", now=now)
