"""Pages as the stages after paging follow them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Max, QuerySet

from andon.alerts import queries as alerts
from andon.alerts.types import AlertRow, AlertState
from andon.core.periods import Period
from andon.paging.models import Page, PagedAlert
from andon.paging.queries.pages import untaken
from andon.paging.types import OPEN_STATES, FollowedPage, PageState


def has_unseen() -> bool:
    """Return whether something happened to a page that incidents have not seen. One query."""
    return Page.objects.filter(unseen=True).exists()


def list_unseen(
    *, limit: int, only: Sequence[int] | None = None, avoid: Collection[int] = ()
) -> list[FollowedPage]:
    """Return pages in which something happened that incidents have not seen, oldest first.

    `only` looks at these pages alone, `avoid` leaves some for later. Hand back `(id, revision)` to
    `actions.mark_seen` in the transaction that acted on them. One query.
    """
    rows = Page.objects.filter(unseen=True).order_by("id")
    if only is not None:
        rows = rows.filter(pk__in=only)
    if avoid:
        rows = rows.exclude(pk__in=avoid)
    return _followed(rows, limit)


def list_followed(*, page_ids: Collection[int]) -> list[FollowedPage]:
    """Return some pages, whatever was seen of them. One query."""
    return _followed(Page.objects.filter(id__in=page_ids))


def list_untaken_ids(*, page_ids: Collection[int]) -> list[int]:
    """Return which of some pages no person has taken, by key. One query."""
    return _ids(Page.objects.filter(untaken(), pk__in=page_ids))


def list_open_ids(*, page_ids: Collection[int]) -> list[int]:
    """Return which of some pages are not over, by key. One query."""
    return _ids(Page.objects.filter(state__in=OPEN_STATES, pk__in=page_ids))


def list_firing_ids(*, page_ids: Collection[int]) -> list[int]:
    """Return the alerts on some pages that fire, by key. One query."""
    rows = PagedAlert.objects.filter(page_id__in=page_ids, alert__state=AlertState.OPEN)
    return list(rows.order_by("alert_id").values_list("alert_id", flat=True))


def list_alerts(*, page_ids: Collection[int], limit: int) -> list[AlertRow]:
    """Return the alerts on some pages in the order they came. One query."""
    rows = PagedAlert.objects.filter(page_id__in=page_ids)
    chosen = rows.select_related("alert__service", "alert__key")
    return [
        alerts.alert_row(row.alert) for row in chosen.order_by("alert__received_at", "id")[:limit]
    ]


def list_taken_out_of_hours(
    *, kinds: Collection[str], period: Period
) -> list[tuple[str, str, datetime]]:
    """Return what was taken out of hours in a period: rota, person and when. One query."""
    rows = Page.objects.filter(
        kind__in=kinds,
        out_of_hours=True,
        acknowledged_person__isnull=False,
        acknowledged_at__gte=period.starts_at,
        acknowledged_at__lt=period.ends_at,
    ).values_list("rota", "acknowledged_person__slug", "acknowledged_at")
    return [(rota, person or "", at) for rota, person, at in rows if at is not None]


def _ids(rows: "QuerySet[Page]") -> list[int]:
    return list(rows.order_by("id").values_list("id", flat=True))


def _followed(rows: "QuerySet[Page]", limit: int | None = None) -> list[FollowedPage]:
    found = rows.annotate(ended_at=Max("paged_alerts__alert__resolved_at"))
    return [
        FollowedPage(
            id=row.pk,
            revision=row.revision,
            subject=row.subject,
            service_id=row.service_id,
            summary=row.summary,
            severity=row.severity,
            state=PageState(row.state),
            started_at=row.started_at,
            opened_at=row.opened_at,
            held_until=row.held_until,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=row.acknowledged_by,
            acknowledged_person_id=row.acknowledged_person_id,
            acknowledged_by_sender=row.acknowledged_by_sender,
            resolved_at=row.resolved_at,
            resolved_by=row.resolved_by,
            alerts_ended_at=row.ended_at,
        )
        for row in found[:limit]
    ]
