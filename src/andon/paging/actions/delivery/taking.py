"""Notifications are taken to be sent, given back, and ended when nobody needs them any more."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q

from andon.core import bulk, claims, wire
from andon.paging.actions.delivery.statements import hasten
from andon.paging.actions.delivery.values import UNSENT, Claimed
from andon.paging.links import ack_link, own_link, page_link
from andon.paging.models import Attempt, Notification, Page
from andon.paging.rules import delivery as rules
from andon.paging.rules.delivery import Treatment
from andon.paging.types import Message, NotificationState
from andon.people.types import CONTACT_KINDS, Contact

#: Whoever holds a notification renews its lease about once a second; who is dead, frozen or cut off
#: does not, and another takes it over.
LEASE = timedelta(seconds=3)
_COLUMNS = (
    "id", "fence", "uid", "kind", "destination", "server", "purpose", "step", "subject", "body",
    "data", "state", "priority", "created_at", "due_at", "attempts", "page_id",
    "contact_method_id", "page__uid", "page__state", "next_at", "page__opened_at",
    "page__first_sent_at", "page__severity", "failing_since", "person__name",
)  # fmt: skip


def claim_due(
    *,
    kinds: Collection[str],
    now: datetime,
    limit: int = 200,
    lease: timedelta = LEASE,
    avoid: Collection[str] = (),
    server: str | None = None,
    broken: Collection[str] = (),
    untouched: bool = False,
) -> list[Claimed]:
    """Lease up to `limit` due notifications of each kind, the most urgent first.

    With `server` only what leaves by it. Destinations in `avoid` and servers in `broken` are left
    for later, and with `untouched` what another worker has leased,
    though the lease has ended. What is no longer wanted is cancelled on the way,
    what is too old but still needed is written afresh.
    """
    where = Q(state__in=UNSENT)
    if untouched:
        where &= Q(lease_until__isnull=True)
    if avoid:
        where &= ~Q(destination__in=list(avoid))
    if server is not None:
        where &= Q(server=server)
    if broken:
        where &= ~Q(server__in=list(broken))
    found: list[Claimed] = []
    for kind in kinds:
        these = where & Q(kind=kind)
        found += claims.retry(lambda these=these: _claim(these, now, limit, lease))  # type: ignore[misc]
    return found


def find_due_kinds(*, kinds: Collection[str], now: datetime) -> set[str]:
    """Return the kinds of which something is due and free. One query, and no lock."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    rows = Notification.objects.filter(free, kind__in=kinds, next_at__lte=now, state__in=UNSENT)
    return set(rows.order_by().values_list("kind", flat=True).distinct())


def start(*, claimed: Collection[Claimed], now: datetime, lease: timedelta = LEASE) -> set[int]:
    """Mark claimed notifications as being sent; return the ids of those that may be sent now.

    To be called just before the sending: until then a notification is surely unsent, from then on
    it may have been sent. Left out is what is not wanted any more (acknowledged, cancelled) and
    what another worker has taken.
    """
    return claims.retry(lambda: _start(claimed, now + lease)) if claimed else set()


def keep(*, claimed: Collection[Claimed], now: datetime, lease: timedelta = LEASE) -> int:
    """Renew the leases of what is waiting or being sent; return how many are still ours."""
    fences = {one.id: one.fence for one in claimed}
    return claims.keep(Notification, claims=fences, until=now + lease) if fences else 0


def give_all_back() -> int:
    """End the leases of workers that cannot live any more: on SQLite, when the engine starts."""
    return claims.free_all(Notification)


def release(*, claimed: Collection[Claimed]) -> int:
    """Give back what was claimed but never started; return how many were still ours.

    Those whose page was closed meanwhile are found out by the next claim.
    """
    return claims.finish(
        Notification,
        claims={one.id: one.fence for one in claimed},
        where=Q(state=NotificationState.PENDING),
    )


def _start(claimed: Collection[Claimed], until: datetime) -> set[int]:
    fences = {one.id: one.fence for one in claimed}
    with transaction.atomic():
        rows = Notification.objects.filter(id__in=fences, state=NotificationState.PENDING)
        locked = claims.lock(rows.order_by("pk").values_list("pk", "fence", "purpose", "page_id"))
        pages = Page.objects.filter(id__in={row[3] for row in locked})
        states = dict(pages.values_list("id", "state"))
        good = {
            pk
            for pk, fence, purpose, page_id in locked
            if fence == fences[pk]
            and rules.is_wanted(purpose=purpose, page_state=states.get(page_id))
        }
        Notification.objects.filter(id__in=sorted(good)).update(
            state=NotificationState.SENDING, attempts=F("attempts") + 1, lease_until=until
        )
    return good


def _claim(where: Q, now: datetime, limit: int, lease: timedelta) -> list[Claimed]:
    with transaction.atomic():
        fences = claims.claim(
            Notification,
            now=now,
            limit=limit,
            lease=lease,
            where=where,
            order_by=("priority", "next_at", "pk"),
        )
        return _prepare(fences, now=now) if fences else []


def _prepare(fences: Mapping[int, int], *, now: datetime) -> list[Claimed]:
    rows = list(
        Notification.objects.filter(id__in=fences)
        .order_by("priority", "next_at", "id")
        .values(*_COLUMNS)
    )
    unknowns = _unknowns([row["id"] for row in rows if row["attempts"]])
    turns: dict[Treatment, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        row["unknowns"] = unknowns.get(row["id"], 0)
        ruling = rules.rule(
            purpose=row["purpose"],
            page_state=row["page__state"],
            state=row["state"],
            unknowns=row["unknowns"],
            created_at=row["created_at"],
            now=now,
        )
        row["reason"] = ruling.reason
        turns[ruling.turn].append(row)
    _note_abandoned(rows, now=now)
    _end(turns[Treatment.CANCEL], NotificationState.CANCELLED)
    _end(turns[Treatment.FAIL], NotificationState.FAILED)
    hasten([(r["page_id"], r["step"]) for r in turns[Treatment.FAIL] if r["page_id"]], now=now)
    _write_afresh(turns[Treatment.AFRESH], now=now)
    sending = turns[Treatment.SEND] + turns[Treatment.REPEAT] + turns[Treatment.AFRESH]
    # What a dead worker had started is noted above; from here it is as if nobody had.
    left = [row["id"] for row in sending if row["state"] == NotificationState.SENDING]
    if left:
        Notification.objects.filter(id__in=left).update(state=NotificationState.PENDING)
    sending.sort(key=lambda row: (row["priority"], row["next_at"], row["id"]))
    return [_claimed(row, now=now) for row in sending]


def _unknowns(ids: list[int]) -> dict[int, int]:
    if not ids:
        return {}
    rows = Attempt.objects.filter(notification_id__in=ids, outcome="unknown")
    counted = rows.values_list("notification_id").annotate(times=Count("id"))
    return dict(counted)


def _note_abandoned(rows: list[dict[str, Any]], *, now: datetime) -> None:
    """Log the attempt of a worker that died while sending; it counts as one of unknown outcome."""
    left = [row for row in rows if row["state"] == NotificationState.SENDING]
    for row in left:
        row["unknowns"] += 1
    Attempt.objects.bulk_create(
        Attempt(
            notification_id=row["id"],
            at=now,
            outcome="unknown",
            detail="the worker that was sending it stopped; it may have arrived",
        )
        for row in left
    )


def _end(rows: list[dict[str, Any]], state: NotificationState) -> None:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_reason[row["reason"]].append(row["id"])
    for reason, ids in by_reason.items():
        Notification.objects.filter(id__in=ids).update(
            state=state, next_at=None, lease_until=None, failing_since=None, error=reason
        )


def _write_afresh(rows: list[dict[str, Any]], *, now: datetime) -> None:
    """Give stale notifications of open pages a new life; their first line says how late they are.

    When they were first due is kept, however often this happens.
    """
    for row in rows:
        row.update(due_at=row["due_at"] or row["created_at"], created_at=now, attempts=0)
    bulk.update(
        Notification,
        ("due_at", "created_at", "attempts"),
        [(row["id"], row["due_at"], now, 0) for row in rows],
    )
    Attempt.objects.bulk_create(
        Attempt(
            notification_id=row["id"],
            at=now,
            outcome="expired",
            detail=f"{row['reason']}: sent late",
        )
        for row in rows
    )


def _claimed(row: dict[str, Any], *, now: datetime) -> Claimed:
    return Claimed(
        id=row["id"],
        fence=row["fence"],
        kind=row["kind"],
        destination=row["destination"],
        server=row["server"],
        whom=row["person__name"] or "the fallback contact",
        purpose=row["purpose"],
        step=row["step"],
        priority=row["priority"],
        created_at=row["created_at"],
        attempts=row["attempts"] + 1,
        unknowns=row["unknowns"],
        page_id=row["page_id"],
        page_opened_at=row["page__opened_at"] or row["created_at"],
        is_first=row["page__first_sent_at"] is None and row["purpose"] == "page",
        contact_method_id=row["contact_method_id"],
        failing_since=row["failing_since"],
        message=_message(row, now=now),
    )


def _message(row: dict[str, Any], *, now: datetime) -> Message:
    """Return the frozen text with the notification's own link.

    A repeat says that it may be one, and what is late says how late it is.
    """
    prefix = rules.REPEATED if row["unknowns"] else ""
    late = f"{rules.late_note(due_at=row['due_at'], now=now)}\n\n" if row["due_at"] else ""
    base, uid, has_page = settings.ANDON_URL, str(row["uid"]), row["page_id"] is not None
    facts = {
        "purpose": row["purpose"],
        "page": str(row["page__uid"]) if has_page else uid,
        "state": row["page__state"] or "",
        "severity": row["page__severity"] or "",
        "created_at": wire.instant(row["created_at"]),
    }
    urgent = row["purpose"] not in ("resolved", rules.OVERRIDE)
    asks = urgent and has_page and CONTACT_KINDS.of(row["kind"]).carries_link
    # What belongs to no page leads where its own facts say, else to the reader's own page.
    own = f"{base}{row['data']['path']}" if "path" in row["data"] else own_link(base_url=base)
    return Message(
        uid=uid,
        contact=Contact(row["kind"], row["destination"]),
        subject=prefix + row["subject"],
        body=prefix + late + row["body"],
        data=facts | row["data"],
        link=page_link(base_url=base, uid=row["page__uid"]) if has_page else own,
        ack_link=ack_link(base_url=base, uid=row["uid"]) if asks else "",
        urgent=urgent,
        link_words=str(row["data"].get("link_words", "")),
    )
