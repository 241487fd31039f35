"""Reads: pages as people and programs read them, and what was decided about them."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, QuerySet

from andon.alerts import queries as alerts
from andon.alerts.types import AlertKind, AlertRow, Severity
from andon.catalogue.types import ServiceName
from andon.core.lists import Some, some
from andon.paging.models import Decision, Page, PagedAlert
from andon.paging.queries.pages import untaken
from andon.paging.types import Decided, PageRow, PageState


def list_pages(
    *, state: str = "", service: str = "", limit: int, after: UUID | None = None
) -> list[PageRow]:
    """Return pages, newest first, older than `after`; of a service by its slug. One query."""
    rows = _shown()
    if state:
        rows = rows.filter(state=state)
    if service:
        rows = rows.filter(service__slug=service.lower())
    if after:
        rows = rows.filter(uid__lt=after)
    return [page_row(row) for row in rows.order_by("-uid")[:limit]]


def find_page(*, uid: UUID | str) -> PageRow | None:
    """Return one page by the id in its links, or None. One query."""
    row = _shown().filter(uid=uid).first()
    return page_row(row) if row else None


def waiting(*, state: PageState, most: int) -> Some[PageRow]:
    """Return the pages in a state, oldest first, `most` of them at most. Two queries at most."""
    rows = _shown().filter(state=state).order_by("opened_at")
    return some(rows, most=most, load=page_row)


def tickets(*, most: int) -> Some[PageRow]:
    """Return the tickets nobody has ended yet, but for those that wait for working hours.

    Two queries at most.
    """
    found = _shown().filter(severity=Severity.TICKET)
    found = found.exclude(state__in=(PageState.RESOLVED, PageState.HELD))
    return some(found.order_by("opened_at"), most=most, load=page_row)


def list_untaken(*, page_ids: Collection[int]) -> list[PageRow]:
    """Return those of some pages that wait for a person, the next to act first. One query."""
    rows = _shown().filter(untaken(), pk__in=page_ids)
    return [page_row(row) for row in rows.order_by(F("next_at").asc(nulls_last=True), "pk")]


def list_untaken_told(*, person_id: int, most: int) -> list[PageRow]:
    """Return the pages that somebody was told of and nobody has taken, oldest first. One query."""
    rows = _shown().filter(untaken(), notifications__person_id=person_id).distinct()
    return [page_row(row) for row in rows.order_by("opened_at")[:most]]


def decisions(*, page_ids: Collection[int], limit: int | None = None) -> list[Decided]:
    """Return everything Andon decided about pages, in order. One query."""
    rows = Decision.objects.filter(page_id__in=page_ids)
    return [_decided(row) for row in rows.order_by("at", "pk")[:limit]]


def decisions_about_alerts(*, alert_ids: Collection[int]) -> dict[int, Decided]:
    """Return why alerts page nobody, the latest decision by alert. One query."""
    rows = Decision.objects.filter(alert_id__in=alert_ids, page=None).order_by("at", "pk")
    return {row.alert_id: _decided(row) for row in rows if row.alert_id is not None}


def pages_of_alerts(*, alert_ids: Collection[int]) -> dict[int, PageRow]:
    """Return the page that an alert is on, by alert. One query."""
    rows = PagedAlert.objects.filter(alert_id__in=alert_ids).select_related(
        "page__service", "page__acknowledged_person"
    )
    return {row.alert_id: page_row(row.page) for row in rows}


def alerts_of_pages(*, page_ids: Collection[int], most: int) -> tuple[list[AlertRow], int]:
    """Return the alerts on pages, those that fire first, and how many there are.

    `most` of them at most. Two queries at most.
    """
    rows = PagedAlert.objects.filter(page_id__in=page_ids)
    chosen = rows.select_related("alert__service", "alert__key")
    found = list(chosen.order_by("alert__state", "alert_id")[: most + 1])
    total = len(found) if len(found) <= most else rows.count()
    return [alerts.alert_row(row.alert) for row in found], total


def page_row(row: Page) -> PageRow:
    """Return the value of a row whose service and taker were selected with it."""
    service, taker = row.service, row.acknowledged_person
    return PageRow(
        id=row.pk,
        uid=str(row.uid),
        state=PageState(row.state),
        kind=AlertKind(row.kind),
        severity=row.severity,
        summary=row.summary,
        service=ServiceName(service.pk, service.slug, service.title) if service else None,
        subject=row.subject,
        rota=row.rota,
        reason=row.reason,
        out_of_hours=row.out_of_hours,
        started_at=row.started_at,
        opened_at=row.opened_at,
        held_until=row.held_until,
        next_at=row.next_at,
        first_sent_at=row.first_sent_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_person=taker.slug if taker else "",
        unanswered_at=row.unanswered_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )


def _shown() -> "QuerySet[Page]":
    return Page.objects.select_related("service", "acknowledged_person")


def _decided(row: Decision) -> Decided:
    return Decided(row.at, row.kind, row.reason)
