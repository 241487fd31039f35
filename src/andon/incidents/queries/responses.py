"""Who worked on which incident, for whoever pays or counts it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from andon.alerts.types import AlertKind
from andon.core.periods import Period
from andon.incidents import models
from andon.incidents.queries.finding import of_kinds, real, to_value
from andon.incidents.types import Incident, IncidentState, Taken
from andon.people.types import Person

_OVER = (IncidentState.RESTORED, IncidentState.CLOSED)
_SELECTED = ("service__owner", "acknowledged_person")


def list_keyed(*, ids: Collection[int]) -> list[Incident]:
    """Return incidents by key, of every kind. One query."""
    rows = models.Incident.objects.filter(pk__in=ids).select_related(*_SELECTED)
    return [to_value(row) for row in rows]


def list_restored(*, kinds: Iterable[AlertKind], period: Period) -> list[Incident]:
    """Return the incidents of these kinds that were restored in a period, by number. One query."""
    rows = of_kinds(kinds=kinds).filter(
        restored_at__gte=period.starts_at, restored_at__lt=period.ends_at, state__in=_OVER
    )
    return [to_value(row) for row in rows.select_related(*_SELECTED).order_by("number")]


def list_taken(*, restored: Period) -> list[Taken]:
    """Return who took pages of the incidents that were restored in a period. One query."""
    rows = models.IncidentPage.objects.filter(
        incident__restored_at__gte=restored.starts_at,
        incident__restored_at__lt=restored.ends_at,
        page__acknowledged_person__isnull=False,
        page__acknowledged_at__isnull=False,
    )
    who = "page__acknowledged_person"
    fields = (f"{who}_id", f"{who}__slug", f"{who}__name", f"{who}__timezone")
    return [
        Taken(incident_id, Person(*person), at)
        for incident_id, at, *person in rows.values_list(
            "incident_id", "page__acknowledged_at", *fields
        )
    ]


def list_majors(*, period: Period) -> list[Incident]:
    """Return the major incidents that were opened in a period, by number. One query."""
    rows = real().filter(major=True, opened_at__gte=period.starts_at, opened_at__lt=period.ends_at)
    return [to_value(row) for row in rows.select_related(*_SELECTED).order_by("number")]


def updates_of(*, ids: Collection[int]) -> dict[int, list[datetime]]:
    """Return when somebody wrote what was going on, by incident. One query."""
    found: dict[int, list[datetime]] = defaultdict(list)
    rows = models.TimelineEntry.objects.filter(incident__in=ids, kind__in=("note", "update"))
    for incident_id, at in rows.values_list("incident_id", "at"):
        found[incident_id].append(at)
    return found
