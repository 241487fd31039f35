"""An incident's timeline: what every stage kept, put in order. Nothing is copied."""

from collections.abc import Iterator
from datetime import timedelta

from andon.incidents import models
from andon.incidents.types import Entry, Incident
from andon.paging import queries as paging
from andon.slo import queries as slo
from andon.slo.types import KnownChange

#: What is read of one incident at most; a storm's timeline is cut, oldest kept.
_LIMIT = 2000
#: What changed so long before an incident may have caused it.
_BEFORE = timedelta(days=1)
#: Changes of one incident; who deploys more often than this finds the rest with the service.
_CHANGES = 20


def timeline(*, incident: Incident) -> list[Entry]:
    """Return everything that is known to have happened, in order of time.

    Alerts, decisions, notifications and notes stay where they were recorded and are merged here:
    seven questions, however long the incident. Addresses are masked, also to whom they belong.
    """
    page_ids = list_page_ids(incident=incident)
    entries = [
        *_alerts(page_ids),
        *_decisions(page_ids),
        *_notifications(page_ids),
        *_written(incident),
        *_changed(incident),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def changes_before(*, incident: Incident) -> list[KnownChange]:
    """Return what changed about its service from a day before it until it was over. One query."""
    return slo.changes_of(
        service_id=incident.service_id,
        since=incident.started_at - _BEFORE,
        until=incident.restored_at,
        limit=_CHANGES,
    )


def list_page_ids(*, incident: Incident) -> list[int]:
    """Return the keys of an incident's pages, oldest first."""
    rows = models.IncidentPage.objects.filter(incident_id=incident.id).order_by("page_id")
    return list(rows.values_list("page_id", flat=True))


def _alerts(page_ids: list[int]) -> Iterator[Entry]:
    for alert in paging.list_alerts(page_ids=page_ids, limit=_LIMIT):
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
    for one in paging.decisions(page_ids=page_ids, limit=_LIMIT):
        yield Entry(one.at, one.kind, one.reason, "", "decision")


def _notifications(page_ids: list[int]) -> Iterator[Entry]:
    for told in paging.notifications(page_ids=page_ids, viewer_id=None, limit=_LIMIT):
        queued = f"{told.subject}: by {told.kind} to {told.whom}"
        yield Entry(told.created_at, "queued", queued, "", "notification")
        if told.sent_at:
            text = f"Sent by {told.kind} to {told.whom}"
            yield Entry(told.sent_at, "sent", text, "", "notification")
        if told.link_used_at:
            text = f"The acknowledge link sent by {told.kind} to {told.whom} was used"
            yield Entry(told.link_used_at, "link-used", text, told.whom, "notification")
        for one in told.log:
            if one.outcome != "sent":  # the notification itself says so
                text = f"By {told.kind} to {told.whom}: {one.outcome}. {one.detail}".strip()
                yield Entry(one.at, "attempt", text, "", "notification")


def _written(incident: Incident) -> Iterator[Entry]:
    rows = models.TimelineEntry.objects.filter(incident_id=incident.id).order_by("at", "id")
    for row in rows[:_LIMIT]:
        person = str(row.data.get("person", ""))
        yield Entry(row.at, row.kind, row.text, row.actor, "incident", person)


def _changed(incident: Incident) -> Iterator[Entry]:
    for change in changes_before(incident=incident):
        yield Entry(change.at, "changed", change.summary, change.source, "change")
