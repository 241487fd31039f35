"""Reads: which pages are due, and how many are open."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from andon.alerts import queries as alerts
from andon.paging.models import Decision, Notification, Page
from andon.paging.types import OPEN_STATES, UNTAKEN_STATES, PageState, Quiet

#: The alerts of a service among which those that paged nobody are looked for.
_RECENT = 1000


def find_unseen(*, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as `find_due`
    """Return the pages in which something happened that incidents have not seen. One query."""
    rows = Page.objects.filter(unseen=True).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def summary(pk: int) -> str:
    """Return what a page says, and nothing that could not be read of a broken one. One query."""
    return Page.objects.filter(pk=pk).values_list("summary", flat=True).first() or ""


def find_due(*, now: datetime, limit: int) -> list[int]:
    """Return the pages the next `actions.escalate_due` would take. One query."""
    rows = Page.objects.filter(next_at__lte=now, state__in=UNTAKEN_STATES)
    return list(rows.order_by("next_at", "pk").values_list("pk", flat=True)[:limit])


def next_due(*, now: datetime) -> datetime | None:
    """Return when a page or a message is due next after an instant, or None. Two queries."""
    found = [
        rows.order_by("next_at").values_list("next_at", flat=True).first()
        for rows in (
            Page.objects.filter(next_at__gt=now),
            Notification.objects.filter(next_at__gt=now),
        )
    ]
    return min((at for at in found if at is not None), default=None)


def untaken(*, page: str = "") -> Q:
    """Return what tells pages that no person has taken: only their senders, or nobody at all.

    `page` is how the rows asked lead to their page, such as `page__`.
    """
    by_sender = {f"{page}state": PageState.ACKNOWLEDGED, f"{page}acknowledged_by_sender": True}
    return Q(**{f"{page}state__in": UNTAKEN_STATES}) | Q(**by_sender)


def count_open() -> dict[str, int]:
    """Return how many pages are in each open state. One query."""
    counts = dict.fromkeys((str(state) for state in OPEN_STATES), 0)
    # Said as the index of open pages is, so that the resolved ones of years are never read.
    states: Iterable[str] = Page.objects.exclude(state=PageState.RESOLVED).values_list(
        "state", flat=True
    )
    for state in states:
        counts[state] += 1
    return counts


def quiet_alerts(*, service_id: int, limit: int = 10) -> list[Quiet]:
    """Return which of a service's latest alerts paged nobody and why, newest decision first.

    Two queries, over no more alerts than a page can wait for.
    """
    recent = alerts.latest_ids(service_id=service_id, limit=_RECENT)
    rows = Decision.objects.filter(page=None, alert_id__in=recent).select_related("alert")
    found = rows.order_by("-at", "-pk")[:limit]
    return [
        Quiet(
            alert_uid=str(row.alert.uid),
            at=row.at,
            reason=row.reason,
            summary=row.alert.summary,
            severity=row.alert.severity,
            state=row.alert.state,
        )
        for row in found
        if row.alert is not None
    ]
