"""Hand notifications to the lanes that send them, and write down what became of each.

Works on sets only: a claim and a finish are a handful of statements however many rows they touch.
At least once: a row is done when its sending is written down, never before. Locks are taken in the
order of `core.claims`: pages, then notifications.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from andon.core import claims
from andon.paging.links import ack_link, page_link
from andon.paging.models import Attempt, Notification, Page
from andon.paging.rules import delivery as rules
from andon.paging.rules.delivery import Fail, Retry, Turn
from andon.paging.types import Message, NotificationState, PageState, Receipt, TransportError
from andon.people.models import ContactMethod
from andon.people.types import Contact, ContactKind

#: Longer than any transport may take (3 s to connect, 8 s in all) and the wait before it.
LEASE = timedelta(seconds=30)
_OPEN = (NotificationState.PENDING, NotificationState.SENDING)
_COLUMNS = (
    "id", "fence", "uid", "kind", "destination", "purpose", "step", "subject", "body", "data",
    "state", "priority", "created_at", "attempts", "page_id", "contact_method_id", "page__uid",
    "page__state", "next_at", "page__opened_at", "page__first_sent_at", "page__severity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notification that is ours to send until `lease_until`."""

    id: int
    fence: int
    kind: str
    destination: str
    purpose: str
    step: int
    priority: int
    created_at: datetime
    lease_until: datetime
    #: Attempts made, the coming one included; and how many of those before ended in the unknown.
    attempts: int
    unknowns: int
    page_id: int
    page_opened_at: datetime
    is_first: bool
    contact_method_id: int | None
    message: Message


@dataclass(frozen=True, slots=True)
class Result:
    """What a transport made of a notification."""

    claimed: Claimed
    outcome: Receipt | TransportError
    took_ms: int = 0


def claim_due(
    *,
    kinds: Collection[str],
    now: datetime,
    limit: int = 200,
    lease: timedelta = LEASE,
    avoid: Collection[str] = (),
) -> list[Claimed]:
    """Lease up to `limit` due notifications of each kind, the most urgent first.

    Destinations in `avoid` are left for later. What is no longer wanted is cancelled on the way,
    what is too old but still needed is written afresh.
    """
    found: list[Claimed] = []
    for kind in kinds:
        found += claims.retry(lambda kind=kind: _claim(kind, now, limit, lease, avoid))  # type: ignore[misc]
    return found


def find_unwanted(*, claimed: Collection[Claimed]) -> set[int]:
    """Return the ids of those that must not be sent any more: acknowledged, cancelled or lost."""
    if not claimed:
        return set()
    fences = {one.id: one.fence for one in claimed}
    rows = Notification.objects.filter(id__in=fences, state=NotificationState.SENDING)
    good = {
        pk
        for pk, fence, purpose, page_state in rows.values_list(
            "id", "fence", "purpose", "page__state"
        )
        if fence == fences[pk] and rules.is_wanted(purpose=purpose, page_state=page_state)
    }
    return set(fences) - good


def release(*, claimed: Collection[Claimed]) -> int:
    """Give back what was claimed but never started; return how many were still ours.

    Those whose page was closed meanwhile are found out by the next claim.
    """
    return claims.finish(
        Notification,
        claims={one.id: one.fence for one in claimed},
        where=Q(state=NotificationState.SENDING),
        state=NotificationState.PENDING,
        attempts=F("attempts") - 1,
    )


def finish(*, results: Sequence[Result], now: datetime) -> int:
    """Write down what became of claimed notifications; return how many were still ours.

    A worker that was too slow changes nothing, yet its attempt is kept in the log. A message that
    was sent is recorded as sent even when it was cancelled meanwhile.
    """
    return claims.retry(lambda: _finish(results, now)) if results else 0


def _claim(
    kind: str, now: datetime, limit: int, lease: timedelta, avoid: Collection[str]
) -> list[Claimed]:
    where = Q(kind=kind, state__in=_OPEN)
    if avoid:
        where &= ~Q(destination__in=list(avoid))
    with transaction.atomic():
        fences = claims.claim(
            Notification,
            now=now,
            limit=limit,
            lease=lease,
            where=where,
            order_by=("priority", "next_at", "pk"),
        )
        return _prepare(fences, now=now, until=now + lease) if fences else []


def _prepare(fences: Mapping[int, int], *, now: datetime, until: datetime) -> list[Claimed]:
    rows = list(
        Notification.objects.filter(id__in=fences)
        .order_by("priority", "next_at", "id")
        .values(*_COLUMNS)
    )
    unknowns = _unknowns([row["id"] for row in rows if row["attempts"]])
    turns: dict[Turn, list[dict[str, Any]]] = defaultdict(list)
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
    _end(turns[Turn.CANCEL], NotificationState.CANCELLED)
    _end(turns[Turn.FAIL], NotificationState.FAILED)
    _hasten([(row["page_id"], row["step"]) for row in turns[Turn.FAIL]], now=now)
    _write_afresh(turns[Turn.AFRESH], now=now)
    sending = turns[Turn.SEND] + turns[Turn.REPEAT] + turns[Turn.AFRESH]
    Notification.objects.filter(id__in=[row["id"] for row in sending]).update(
        state=NotificationState.SENDING, attempts=F("attempts") + 1
    )
    sending.sort(key=lambda row: (row["priority"], row["next_at"], row["id"]))
    return [_claimed(row, until=until) for row in sending]


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
            state=state, next_at=None, lease_until=None, error=reason
        )


def _write_afresh(rows: list[dict[str, Any]], *, now: datetime) -> None:
    """Give stale notifications of open pages a new life; the first line says how late it is."""
    for row in rows:
        note = rules.late_note(created_at=row["created_at"], now=now)
        row.update(body=f"{note}\n\n{row['body']}", created_at=now, attempts=0)
    _update_each(
        Notification._meta.db_table,  # noqa: SLF001 - documented
        ("body", "created_at", "attempts"),
        [(row["id"], row["body"], now, 0) for row in rows],
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


def _claimed(row: dict[str, Any], *, until: datetime) -> Claimed:
    return Claimed(
        id=row["id"],
        fence=row["fence"],
        kind=row["kind"],
        destination=row["destination"],
        purpose=row["purpose"],
        step=row["step"],
        priority=row["priority"],
        created_at=row["created_at"],
        lease_until=until,
        attempts=row["attempts"] + 1,
        unknowns=row["unknowns"],
        page_id=row["page_id"],
        page_opened_at=row["page__opened_at"],
        is_first=row["page__first_sent_at"] is None and row["purpose"] == "page",
        contact_method_id=row["contact_method_id"],
        message=_message(row),
    )


def _message(row: dict[str, Any]) -> Message:
    """Return the frozen text with the notification's own link; a repeat says that it may be one."""
    prefix = rules.REPEATED if row["unknowns"] else ""
    base, uid = settings.ANDON_URL, str(row["uid"])
    facts = {
        "purpose": row["purpose"],
        "page": str(row["page__uid"]),
        "state": row["page__state"],
        "severity": row["page__severity"],
        "created_at": row["created_at"].isoformat(),
    }
    asks = row["purpose"] != "resolved"
    return Message(
        uid=uid,
        contact=Contact(ContactKind(row["kind"]), row["destination"]),
        subject=prefix + row["subject"],
        body=prefix + row["body"],
        data=facts | row["data"],
        link=page_link(base_url=base, uid=row["page__uid"]),
        ack_link=ack_link(base_url=base, uid=row["uid"]) if asks else "",
        urgent=asks,
    )


def _finish(results: Sequence[Result], now: datetime) -> int:
    with transaction.atomic():
        pages = Page.objects.filter(id__in={result.claimed.page_id for result in results})
        claims.lock(pages.order_by("pk").only("pk"), wait=True)
        mine = _own([result.claimed for result in results])
        _log(results, now=now)
        sent: list[tuple[Result, Receipt]] = []
        failed: list[tuple[Claimed, Fail]] = []
        retried: list[tuple[Claimed, Retry]] = []
        for result in results:
            if result.claimed.id not in mine:
                continue
            if isinstance(result.outcome, Receipt):
                sent.append((result, result.outcome))
                continue
            decision = _decide(result.claimed, result.outcome, now)
            if isinstance(decision, Retry):
                retried.append((result.claimed, decision))
            else:
                failed.append((result.claimed, decision))
        _write_sent(sent, now=now)
        _write_retried(retried)
        _write_failed(failed, now=now)
        return len(mine)


def _own(claimed: Collection[Claimed]) -> set[int]:
    """Lock the rows that are still ours and return their ids."""
    fences = {one.id: one.fence for one in claimed}
    rows = Notification.objects.filter(id__in=fences).order_by("pk").only("pk", "fence")
    return {row.pk for row in claims.lock(rows, wait=True) if row.fence == fences[row.pk]}


def _decide(claimed: Claimed, error: TransportError, now: datetime) -> Retry | Fail:
    return rules.next_attempt(
        uid=claimed.message.uid,
        kind=claimed.kind,
        purpose=claimed.purpose,
        attempts=claimed.attempts,
        unknowns=claimed.unknowns,
        error=error,
        now=now,
        created_at=claimed.created_at,
    )


def _log(results: Sequence[Result], *, now: datetime) -> None:
    """Write the log by hand: making model objects of them costs more than storing them."""
    rows = [
        (
            result.claimed.id,
            _db(now),
            result.took_ms,
            _outcome(result.outcome),
            _detail(result.outcome)[:2000],
        )
        for result in results
    ]
    values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
    sql = (
        f"INSERT INTO {Attempt._meta.db_table} "  # noqa: SLF001 - documented
        f"(notification_id, at, took_ms, outcome, detail) VALUES {values}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in row])


def _outcome(outcome: Receipt | TransportError) -> str:
    if isinstance(outcome, Receipt):
        return "sent"
    if outcome.unknown:
        return "unknown"
    return "permanent" if outcome.permanent else "temporary"


def _detail(outcome: Receipt | TransportError) -> str:
    text = outcome.detail if isinstance(outcome, Receipt) else str(outcome)
    return text.replace("\x00", "")


def _write_sent(sent: list[tuple[Result, Receipt]], *, now: datetime) -> None:
    if not sent:
        return
    _update_each(
        Notification._meta.db_table,  # noqa: SLF001 - documented
        ("provider_id",),
        [(r.claimed.id, receipt.provider_id[:200].replace("\x00", "")) for r, receipt in sent],
        also="state = 'sent', sent_at = %s, next_at = NULL, lease_until = NULL, error = ''",
        params=(_db(now),),
    )
    first = {r.claimed.page_id for r, _ in sent if r.claimed.purpose == "page"}
    pages = Page.objects.filter(id__in=sorted(first))
    pages.filter(first_sent_at=None).update(first_sent_at=now)
    _show({r.claimed.page_id for r, _ in sent})


def _write_retried(retried: list[tuple[Claimed, Retry]]) -> None:
    """Put back what is tried again; what was cancelled meanwhile stays cancelled."""
    if not retried:
        return
    table = Notification._meta.db_table  # noqa: SLF001 - documented
    _update_each(
        table,
        ("next_at", "error"),
        [(one.id, decision.at, decision.reason) for one, decision in retried],
        also="state = 'pending', lease_until = NULL",
        where=f"{table}.state = 'sending'",
    )


def _write_failed(failed: list[tuple[Claimed, Fail]], *, now: datetime) -> None:
    if not failed:
        return
    table = Notification._meta.db_table  # noqa: SLF001 - documented
    _update_each(
        table,
        ("error",),
        [(one.id, decision.reason) for one, decision in failed],
        also="state = 'failed', next_at = NULL, lease_until = NULL",
        where=f"{table}.state = 'sending'",
    )
    faults = {
        one.contact_method_id: decision.reason
        for one, decision in failed
        if decision.blames_contact and one.contact_method_id
    }
    _update_each(
        ContactMethod._meta.db_table,  # noqa: SLF001 - documented
        ("fault",),
        sorted(faults.items()),
    )
    _hasten([(one.page_id, one.step) for one, _ in failed if one.purpose == "page"], now=now)
    _show({one.page_id for one, _ in failed})


def _hasten(failed: list[tuple[int, int]], *, now: datetime) -> None:
    """Let a page's next step run at once when nothing of its latest step can arrive any more."""
    steps: dict[int, set[int]] = defaultdict(set)
    for page_id, step in failed:
        steps[step].add(page_id)
    for step, page_ids in steps.items():
        alive = Notification.objects.filter(
            page_id=OuterRef("pk"),
            step__gte=step,
            purpose="page",
            state__in=(*_OPEN, NotificationState.SENT),
        )
        Page.objects.filter(
            ~Exists(alive), id__in=sorted(page_ids), state=PageState.PAGING, next_at__gt=now
        ).update(next_at=now)


def _show(page_ids: Collection[int]) -> None:
    """Let the stages after paging see that something happened to these pages."""
    Page.objects.filter(id__in=sorted(page_ids)).update(unseen=True, revision=F("revision") + 1)


def _update_each(
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    also: str = "",
    params: tuple[Any, ...] = (),
    where: str = "TRUE",
) -> None:
    """Give each row, named by its key, its own values, in one statement."""
    if not rows:
        return
    one = f"({', '.join(['%s'] * (len(columns) + 1))})"
    sets = ", ".join(f"{column} = new.{column}" for column in columns)
    sql = (
        f"WITH new(pk, {', '.join(columns)}) AS (VALUES {', '.join([one] * len(rows))}) "
        f"UPDATE {table} SET {sets}{', ' + also if also else ''} "
        f"FROM new WHERE {table}.id = new.pk AND {where}"
    )
    values = [_db(value) for row in sorted(rows, key=lambda row: row[0]) for value in row]
    with connection.cursor() as cursor:
        cursor.execute(sql, (*values, *params))


def _db(value: object) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.replace("\x00", "") if isinstance(value, str) else value
