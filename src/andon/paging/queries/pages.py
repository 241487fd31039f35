"""Reads: pages, what was decided about them, and the messages they sent."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from andon.alerts.models import Alert
from andon.paging import links
from andon.paging.models import Decision, Notification, Page, PagedAlert
from andon.paging.rules.delivery import TEST
from andon.paging.types import (
    OPEN_STATES,
    UNTAKEN_STATES,
    NotificationState,
    PageState,
    Quiet,
    Told,
    Try,
)
from andon.people import rules as people
from andon.people.types import Person

#: The alerts of a service among which those that paged nobody are looked for.
_RECENT = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What an acknowledge link asks for, and whether it still can."""

    page: Page
    notification: Notification
    #: Why the link cannot act any more, in words; empty when it can.
    why_not: str
    #: Whether what the page is about is shown all the same.
    shows: bool
    #: Until when the incident may be read without an account; None: not at all.
    look_until: datetime | None = None


def find_unrouted(*, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as `find_due`
    """Return the alerts the next `actions.route_alerts` would take. One query."""
    rows = Alert.objects.filter(unseen=True).exclude(service_why="").order_by("id")
    return list(rows.values_list("pk", flat=True)[:limit])


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


def find_page(*, uid: str) -> Page | None:
    """Return one page by the id in its links, or None."""
    return Page.objects.select_related("service").filter(uid=uid).first()


def find_by_token(*, token: str, now: datetime) -> Asked | None:
    """Return what an acknowledge link is about, or None when nobody here made it. Two queries."""
    uid = links.read_token(token=token)
    if uid is None:
        return None
    rows = Notification.objects.select_related("page", "page__service", "person")
    row = rows.filter(uid=uid).first()
    if row is None or row.page is None:
        return None
    why_not = _why_not(row, row.page, now)
    shows = not why_not or _was_of_use(row, row.page, now)
    return Asked(row.page, row, why_not, shows=shows, look_until=_look_until(row, row.page, now))


def find_look(*, token: str, now: datetime) -> Asked | None:
    """Return what somebody may read without an account; None when nobody here said so.

    `look_until` is None once that is over. Two queries.
    """
    uid = links.read_look(token=token)
    rows = Notification.objects.select_related("page", "page__service", "person")
    row = rows.filter(uid=uid).first() if uid else None
    if row is None or row.page is None:
        return None
    return Asked(row.page, row, "", shows=False, look_until=_look_until(row, row.page, now))


def decisions(*, page_ids: Collection[int]) -> list[Decision]:
    """Return everything Andon decided about pages, in order. One query."""
    rows = Decision.objects.filter(page_id__in=page_ids).select_related("page")
    return list(rows.order_by("at", "pk"))


def decisions_about_alerts(*, alert_ids: Collection[int]) -> dict[int, Decision]:
    """Return why alerts page nobody, the latest decision by alert. One query."""
    rows = Decision.objects.filter(alert_id__in=alert_ids, page=None).order_by("at", "pk")
    return {row.alert_id: row for row in rows if row.alert_id is not None}


def pages_of_alerts(*, alert_ids: Collection[int]) -> dict[int, Page]:
    """Return the page that an alert is on, by alert. One query."""
    rows = PagedAlert.objects.filter(alert_id__in=alert_ids).select_related("page")
    return {row.alert_id: row.page for row in rows}


def quiet_alerts(*, service_id: int, limit: int = 10) -> list[Quiet]:
    """Return which of a service's latest alerts paged nobody and why, newest decision first.

    One query, over no more alerts than a page can wait for.
    """
    recent = Alert.objects.filter(service_id=service_id).order_by("-received_at")[:_RECENT]
    rows = Decision.objects.filter(page=None, alert_id__in=recent.values("pk"))
    found = rows.select_related("alert").order_by("-at", "-pk")[:limit]
    return [_quiet(row, row.alert) for row in found if row.alert is not None]


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


def _quiet(row: Decision, alert: Alert) -> Quiet:
    return Quiet(
        alert_uid=str(alert.uid),
        at=row.at,
        reason=row.reason,
        summary=alert.summary,
        severity=alert.severity,
        state=alert.state,
    )


def _why_not(row: Notification, page: Page, now: datetime) -> str:
    if page.state == PageState.ACKNOWLEDGED and not page.acknowledged_by_sender:
        return f"{page.acknowledged_by} has acknowledged it already."
    if page.state == PageState.RESOLVED:
        return "It is over: the page is resolved."
    if row.link_used_at is not None:
        return "This link has been used already; it works once."
    if links.is_expired(created_at=row.created_at, now=now):
        return "This link is too old to act; sign in instead."
    return "Whoever it was sent to no longer works here." if has_left(row) else ""


def has_left(row: Notification) -> bool:
    """Return whether a message went to somebody who has left since. Reads its person."""
    person = row.person
    return person is not None and not (person.is_active and person.retired_at is None)


def _look_until(row: Notification, page: Page, now: datetime) -> datetime | None:
    """Return until when whoever got a message may read its incident, now that somebody has acted.

    It counts from that act, so asking again makes it no longer.
    """
    acts = [at for at in (page.acknowledged_at, page.resolved_at) if at]
    began = row.link_used_at or min(acts, default=None)
    if began is None or has_left(row) or now >= began + links.LOOKS:
        return None
    return began + links.LOOKS


def _was_of_use(row: Notification, page: Page, now: datetime) -> bool:
    """Return whether a link that cannot act could until a moment ago."""
    ended = [at for at in (row.link_used_at, page.acknowledged_at, page.resolved_at) if at]
    return bool(ended) and now < min(ended) + links.SHOWS
