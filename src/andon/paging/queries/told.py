"""Reads: messages and what became of them, without secrets."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from andon.paging.models import Notification
from andon.paging.rules.delivery import TEST
from andon.paging.types import NotificationState, Told, Try
from andon.people import rules as people
from andon.people.types import Person


def notifications(
    *, page_ids: Collection[int], viewer_id: int | None, limit: int | None = None
) -> list[Told]:
    """Return the messages of pages with their attempts, in order. Two queries.

    Addresses are whole to the person they belong to (`viewer_id`), masked to everybody else.
    """
    rows = Notification.objects.filter(page_id__in=page_ids).select_related("person")
    found = rows.prefetch_related("log").order_by("created_at", "pk")
    return [_told(row, viewer_id) for row in found.defer("body", "data")[:limit]]


def list_tests(*, uids: Collection[UUID], whole: bool) -> list[Told]:
    """Return tests of somebody's addresses and what became of them, in order. Two queries."""
    rows = Notification.objects.filter(uid__in=uids, purpose=TEST).select_related("person")
    found = rows.prefetch_related("log").order_by("pk")
    return [_told(row, row.person_id if whole else None) for row in found]


def latest_test(*, person_id: int, since: datetime) -> list[Told]:
    """Return the latest test of a person's addresses since an instant, whole. Three queries."""
    rows = Notification.objects.filter(person_id=person_id, purpose=TEST, created_at__gte=since)
    last = rows.order_by("-created_at").values_list("created_at", flat=True).first()
    if last is None:
        return []
    found = rows.filter(created_at=last).select_related("person").prefetch_related("log")
    return [_told(row, person_id) for row in found.order_by("pk")]


def page_of_message(*, uid: str) -> int | None:
    """Return the key of the page that a message is about, or None. One query."""
    return Notification.objects.filter(uid=uid).values_list("page_id", flat=True).first()


def _told(row: Notification, viewer_id: int | None) -> Told:
    own = viewer_id is not None and row.person_id == viewer_id
    person = row.person
    return Told(
        page_id=row.page_id,
        uid=str(row.uid),
        step=row.step,
        purpose=row.purpose,
        kind=row.kind,
        person=Person(person.pk, person.slug, person.name, person.timezone) if person else None,
        destination=row.destination
        if own
        else people.masked(kind=row.kind, address=row.destination),
        subject=row.subject,
        state=NotificationState(row.state),
        created_at=row.created_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        error=people.said_of(row.error, address=row.destination),
        link_used_at=row.link_used_at,
        log=tuple(
            Try(
                at=one.at,
                took_ms=one.took_ms,
                outcome=one.outcome,
                detail=people.said_of(one.detail, address=row.destination),
            )
            for one in row.log.all()
        ),
    )
