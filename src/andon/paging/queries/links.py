"""Reads: what the links in messages are about, and whether they still act."""

from datetime import datetime
from uuid import UUID

from andon.paging import links
from andon.paging.models import Notification, Page
from andon.paging.queries.shown import page_row
from andon.paging.types import AckLink, PageState


def find_by_token(*, token: str, now: datetime) -> AckLink | None:
    """Return what an acknowledge link is about, or None when nobody here made it. Two queries."""
    found = _find(links.read_token(token=token))
    if found is None:
        return None
    row, page = found
    why_not = _why_not(row, page, now)
    shows = not why_not or _was_of_use(row, page, now)
    return _link(row, page, why_not=why_not, shows=shows, now=now)


def find_look(*, token: str, now: datetime) -> AckLink | None:
    """Return what somebody may read without an account; None when nobody here said so.

    `look_until` is None once that is over. Two queries.
    """
    found = _find(links.read_look(token=token))
    return _link(*found, why_not="", shows=False, now=now) if found else None


def has_left(row: Notification) -> bool:
    """Return whether a message went to somebody who has left since. Reads its person."""
    person = row.person
    return person is not None and not (person.is_active and person.retired_at is None)


def _find(uid: UUID | None) -> tuple[Notification, Page] | None:
    rows = Notification.objects.select_related(
        "page__service", "page__acknowledged_person", "person"
    )
    row = rows.filter(uid=uid).first() if uid else None
    return (row, row.page) if row is not None and row.page is not None else None


def _link(row: Notification, page: Page, *, why_not: str, shows: bool, now: datetime) -> AckLink:
    until = _look_until(row, page, now)
    return AckLink(
        page=page_row(page),
        labels=page.route.labels,
        timezone=row.person.timezone if row.person else "",
        why_not=why_not,
        shows=shows,
        look=links.look_path(uid=row.uid) if until else "",
        look_until=until,
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
