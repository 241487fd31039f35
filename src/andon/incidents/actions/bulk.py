"""Acts on many incidents at once: a storm is taken with one press."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import ClassVar

from django.db import transaction
from django.db.models import Q, QuerySet

from andon.core import audit, claims
from andon.core.errors import Refusal
from andon.core.models import AuditEntry
from andon.incidents import models, rules
from andon.incidents.actions.acts import who
from andon.incidents.types import Act, BulkOutcome, IncidentState
from andon.paging import actions as paging
from andon.paging import queries as paging_queries

#: The most incidents one call may name.
MOST = 10_000
_BATCH = 500


class UnableToAcknowledgeSoMany(Refusal):
    """More incidents were named than one call may hold."""

    code: ClassVar[str] = "too_many_incidents"
    status: ClassVar[int] = 422


def bulk_acknowledge(
    *, numbers: Collection[int], by: str, person_id: int | None, now: datetime
) -> BulkOutcome:
    """Acknowledge many incidents; those that cannot be are reported and hold up no other.

    One transaction per 500, so that a storm's paging is never locked out for long.
    """
    wanted = sorted(set(numbers))
    if len(wanted) > MOST:
        raise UnableToAcknowledgeSoMany(f"At most {MOST} incidents at once.", limit=MOST)
    done: list[int] = []
    refused: dict[int, str] = {}
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        taken, why_not = claims.retry(partial(_acknowledge, batch, by, person_id, now))
        done.extend(taken)
        refused.update(why_not)
    return BulkOutcome(tuple(done), refused)


def _acknowledge(
    numbers: list[int], by: str, person_id: int | None, now: datetime
) -> tuple[list[int], dict[int, str]]:
    with transaction.atomic():
        taken, refused = _choose(numbers)
        _take(taken, by, person_id, now)
    return [row.number for row in taken], refused


def _choose(numbers: list[int]) -> tuple[list[models.Incident], dict[int, str]]:
    """Return the incidents that can be acknowledged, locked, and why the others cannot."""
    rows = models.Incident.objects.select_for_update().filter(number__in=numbers).order_by("id")
    rows = rows.only("id", "number", "state")
    found = {row.number: row for row in rows}
    refused = {number: "there is no such incident" for number in numbers if number not in found}
    waiting = _untaken_pages([row.pk for row in found.values()])
    taken: list[models.Incident] = []
    for row in found.values():
        why = rules.refusal(
            act=Act.ACKNOWLEDGE,
            state=IncidentState(row.state),
            unacknowledged_pages=waiting[row.pk],
        )
        if why is None:
            taken.append(row)
        else:
            refused[row.number] = why
    return taken, refused


def _untaken_pages(ids: list[int]) -> Counter[int]:
    return Counter(_untaken(ids).values_list("incident_id", flat=True))


def _untaken(ids: list[int]) -> QuerySet[models.IncidentPage]:
    untaken = paging_queries.untaken(page="page__")
    return models.IncidentPage.objects.filter(untaken, incident_id__in=ids)


def _take(rows: list[models.Incident], by: str, person_id: int | None, now: datetime) -> None:
    if not rows:
        return
    ids = [row.pk for row in rows]
    nobody = Q(acknowledged_at=None) | Q(acknowledged_by_sender=True)
    models.Incident.objects.filter(nobody, id__in=ids).update(
        acknowledged_at=now,
        acknowledged_by=by,
        acknowledged_person_id=person_id,
        acknowledged_by_sender=False,
    )
    models.Incident.objects.filter(id__in=ids).update(
        state=IncidentState.ACKNOWLEDGED, held_until=None
    )
    page_ids = sorted(_untaken(ids).values_list("page_id", flat=True))
    if page_ids:
        paging.acknowledge(page_ids=page_ids, by=by, person_id=person_id, now=now, via="incident")
    models.TimelineEntry.objects.bulk_create(
        models.TimelineEntry(
            incident=row,
            at=now,
            kind="acknowledged",
            actor=by,
            text=f"{by} is looking at it.",
            data=who(by),
        )
        for row in rows
    )
    AuditEntry.objects.bulk_create(
        audit.entry(actor=by, verb=Act.ACKNOWLEDGE.value, subject=f"incident:{row.number}", now=now)
        for row in rows
    )
