"""Somebody is on it: everything pending stops in the same transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from andon.core import audit, bulk, claims
from andon.core.errors import Refusal
from andon.paging import links, metrics, queries
from andon.paging.actions import events
from andon.paging.actions.settling import cancel_pending
from andon.paging.models import Decision, Notification, Page
from andon.paging.types import PageRow, PageState


class UnableToUseAckLink(Refusal):
    """An acknowledge link cannot act; `data` may name who acted instead."""

    code = "ack_link_unusable"
    status = 410


class UnableToReadAckLink(UnableToUseAckLink):
    """The link was not made by this installation, or what it was for is gone."""

    code = "ack_link_unknown"
    status = 404


class AckLinkExpired(UnableToUseAckLink):
    """The link is too old to act."""

    code = "ack_link_expired"


class AckLinkUsed(UnableToUseAckLink):
    """The link has acted already; it works once."""

    code = "ack_link_used"


class AckLinkOfLeaver(UnableToUseAckLink):
    """Whoever the message was sent to no longer works here, so the link takes no page away."""

    code = "ack_link_of_leaver"


class NothingToAcknowledge(UnableToUseAckLink):
    """Somebody else has acknowledged the page, or it is over."""

    code = "page_not_waiting"
    status = 409


def acknowledge(
    *, page_ids: Collection[int], by: str, person_id: int | None, now: datetime, via: str
) -> int:
    """Take pages that no person has taken yet; return how many there were.

    Asks for the state under a lock, so of two people one acknowledges. Whatever was pending is
    cancelled in the same transaction; an escalation that runs at the same moment finds it done.
    """
    return claims.retry(lambda: _acknowledge(page_ids, by, person_id, now, via))


def use_ack_link(*, token: str, now: datetime) -> PageRow:
    """Acknowledge the page a message was about, by the link in it; return the page.

    Raises UnableToReadAckLink, AckLinkExpired, AckLinkUsed and NothingToAcknowledge.
    """
    uid = links.read_token(token=token)
    if uid is None:
        raise UnableToReadAckLink("This link was not made here, or it was cut on its way.")
    page = queries.find_page(uid=claims.retry(lambda: _use(uid, now)))
    assert page is not None  # noqa: S101 - pages are kept
    return page


def take(*, pages: Sequence[Page], by: str, person_id: int | None, now: datetime, via: str) -> None:
    """Acknowledge locked pages."""
    ids = [page.pk for page in pages]
    Page.objects.filter(queries.untaken(), pk__in=ids).update(
        state=PageState.ACKNOWLEDGED,
        acknowledged_at=now,
        acknowledged_by=by,
        acknowledged_person_id=person_id,
        acknowledged_by_sender=False,
        next_at=None,
        lease_until=None,
        unseen=True,
        revision=F("revision") + 1,
    )
    cancel_pending(page_ids=ids, reason=f"acknowledged by {by}")
    decisions = [
        {
            "page_id": page.pk,
            "at": now,
            "kind": "acknowledged",
            "reason": f"{by} acknowledged by {via}: everything pending is cancelled",
            "facts": {"by": by, "person": audit.person_of(by), "via": via},
        }
        for page in pages
    ]
    bulk.insert(Decision, decisions)
    for page in pages:
        page.state = PageState.ACKNOWLEDGED
    events.say("page_acknowledged", pages, by=by, via=via)
    metrics.ACKNOWLEDGED.labels(via=via).inc(len(ids))


def _acknowledge(
    page_ids: Collection[int], by: str, person_id: int | None, now: datetime, via: str
) -> int:
    with transaction.atomic():
        rows = Page.objects.filter(queries.untaken(), pk__in=page_ids).order_by("pk")
        pages = claims.lock(rows, wait=True)
        if pages:
            take(pages=pages, by=by, person_id=person_id, now=now, via=via)
        return len(pages)


def _use(uid: UUID, now: datetime) -> UUID:
    with transaction.atomic():
        known = Notification.objects.filter(uid=uid).values_list("page_id", flat=True).first()
        if known is None:
            raise UnableToReadAckLink("What this link was for is no longer kept.")
        [page] = claims.lock(Page.objects.filter(pk=known), wait=True)
        row = Notification.objects.select_related("person").get(uid=uid)
        _refuse(row, page, now)
        by = _holder(row)
        Notification.objects.filter(pk=row.pk).update(link_used_at=now)
        take(
            pages=[page], by=by, person_id=row.person_id, now=now, via=f"the link in the {row.kind}"
        )
        audit.record(
            actor=by, verb="acknowledge", subject=f"page:{page.uid}", now=now, notification=str(uid)
        )
        return page.uid


def _holder(row: Notification) -> audit.Actor:
    """Return whose link it is."""
    via = f"the link in the {row.kind}"
    if row.person is None:
        return audit.Actor(f"the fallback contact ({row.kind})", via=via)
    return audit.Actor(row.person.name, person=row.person.slug, via=via)


def _refuse(row: Notification, page: Page, now: datetime) -> None:
    who = page.acknowledged_by
    if row.link_used_at is not None:
        raise AckLinkUsed("This link has been used already; it works once.", by=who)
    if page.state == PageState.ACKNOWLEDGED and not page.acknowledged_by_sender:
        raise NothingToAcknowledge(f"{who} has acknowledged it already.", by=who)
    if page.state == PageState.RESOLVED:
        raise NothingToAcknowledge("It is over: the page is resolved.", by=page.resolved_by)
    if queries.has_left(row):
        raise AckLinkOfLeaver("Whoever this link was sent to no longer works here.")
    if links.is_expired(created_at=row.created_at, now=now):
        raise AckLinkExpired("This link is too old to act; sign in instead.")
