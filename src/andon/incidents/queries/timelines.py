"""An incident's timeline: what every stage kept, put in order. Nothing is copied."""

from collections.abc import Iterator

from andon.incidents import models
from andon.incidents.types import Entry, Incident
from andon.paging.models import Attempt, Decision, Notification, PagedAlert

#: What is read of one incident at most; a storm's timeline is cut, oldest kept.
_LIMIT = 2000


def timeline(*, incident: Incident) -> list[Entry]:
    """Return everything that is known to have happened, in order of time.

    Alerts, decisions, notifications and notes stay where they were recorded and are merged here:
    six questions, however long the incident.
    """
    page_ids = list_page_ids(incident=incident)
    entries = [
        *_alerts(page_ids),
        *_decisions(page_ids),
        *_notifications(page_ids),
        *_attempts(page_ids),
        *_written(incident),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def list_page_ids(*, incident: Incident) -> list[int]:
    """Return the keys of an incident's pages, oldest first."""
    rows = models.IncidentPage.objects.filter(incident_id=incident.id).order_by("page_id")
    return list(rows.values_list("page_id", flat=True))


def _alerts(page_ids: list[int]) -> Iterator[Entry]:
    rows = PagedAlert.objects.filter(page_id__in=page_ids).select_related("alert")
    for row in rows.order_by("alert__received_at", "id")[:_LIMIT]:
        alert = row.alert
        fired = f"{alert.summary} ({alert.severity})"
        yield Entry(alert.received_at, "fired", fired, "", "alert")
        if alert.count > 1:
            text = f"{alert.summary}: received {alert.count} times so far"
            yield Entry(alert.last_received_at, "repeated", text, "", "alert")
        if alert.acknowledged_at:
            text = f"{alert.summary}: acknowledged at its source"
            yield Entry(alert.acknowledged_at, "acknowledged", text, "", "alert")
        if alert.resolved_at:
            yield Entry(alert.resolved_at, "resolved", alert.summary, alert.resolved_by, "alert")


def _decisions(page_ids: list[int]) -> Iterator[Entry]:
    rows = Decision.objects.filter(page_id__in=page_ids).order_by("at", "id")[:_LIMIT]
    for row in rows:
        yield Entry(row.at, row.kind, row.reason, "", "decision")


def _notifications(page_ids: list[int]) -> Iterator[Entry]:
    rows = Notification.objects.filter(page_id__in=page_ids).select_related("person")
    for row in rows.order_by("created_at", "id")[:_LIMIT]:
        whom = row.person.name if row.person else row.destination
        queued = f"{row.subject}: by {row.kind} to {whom}"
        yield Entry(row.created_at, "queued", queued, "", "notification")
        if row.sent_at:
            yield Entry(row.sent_at, "sent", f"Sent by {row.kind} to {whom}", "", "notification")
        if row.link_used_at:
            text = f"The acknowledge link sent by {row.kind} to {whom} was used"
            yield Entry(row.link_used_at, "link-used", text, whom, "notification")


def _attempts(page_ids: list[int]) -> Iterator[Entry]:
    rows = Attempt.objects.filter(notification__page_id__in=page_ids).select_related(
        "notification__person"
    )
    for row in rows.order_by("at", "id")[:_LIMIT]:
        if row.outcome == "sent":
            continue  # the notification itself says so
        note = row.notification
        whom = note.person.name if note.person else note.destination
        text = f"By {note.kind} to {whom}: {row.outcome}"
        yield Entry(row.at, "attempt", f"{text}. {row.detail}".strip(), "", "notification")


def _written(incident: Incident) -> Iterator[Entry]:
    rows = models.TimelineEntry.objects.filter(incident_id=incident.id).order_by("at", "id")
    for row in rows[:_LIMIT]:
        yield Entry(row.at, row.kind, row.text, row.actor, "incident")
