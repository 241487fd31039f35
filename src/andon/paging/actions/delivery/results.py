"""What became of notifications is written down."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from andon.core import bulk, claims
from andon.paging.actions.delivery import trouble
from andon.paging.actions.delivery.statements import hasten
from andon.paging.actions.delivery.values import Claimed, SendOutcome
from andon.paging.models import Attempt, Notification, Page
from andon.paging.rules import delivery as rules
from andon.paging.rules.delivery import Fail, Retry
from andon.paging.types import Receipt, TransportError
from andon.people import actions as people


def finish(*, results: Sequence[SendOutcome], now: datetime) -> int:
    """Write down what became of claimed notifications; return how many were still ours.

    A worker that was too slow changes nothing, yet its attempt is kept in the log. A message that
    was sent is recorded as sent even when it was cancelled meanwhile.
    """
    return claims.retry(lambda: _finish(results, now)) if results else 0


def _finish(results: Sequence[SendOutcome], now: datetime) -> int:
    with transaction.atomic():
        pages = Page.objects.filter(id__in={result.claimed.page_id for result in results})
        claims.lock(pages.order_by("pk").values_list("pk"), wait=True)
        mine = _own([result.claimed for result in results])
        _log(results, now=now)
        sent: list[tuple[SendOutcome, Receipt]] = []
        failed: list[tuple[Claimed, TransportError, Fail]] = []
        retried: list[tuple[Claimed, TransportError, Retry]] = []
        for result in results:
            if result.claimed.id not in mine:
                continue
            if isinstance(result.outcome, Receipt):
                sent.append((result, result.outcome))
                continue
            decision = _decide(result.claimed, result.outcome, now)
            if isinstance(decision, Retry):
                retried.append((result.claimed, result.outcome, decision))
            else:
                failed.append((result.claimed, result.outcome, decision))
        _write_sent(sent, now=now)
        _write_retried(retried, now=now)
        _write_failed(failed, now=now)
        return len(mine)


def _own(claimed: Collection[Claimed]) -> set[int]:
    """Lock the rows that are still ours and return their ids."""
    fences = {one.id: one.fence for one in claimed}
    rows = Notification.objects.filter(id__in=fences).order_by("pk").values_list("pk", "fence")
    return {pk for pk, fence in claims.lock(rows, wait=True) if fence == fences[pk]}


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


def _log(results: Sequence[SendOutcome], *, now: datetime) -> None:
    rows = [
        {
            "notification_id": result.claimed.id,
            "at": now,
            "took_ms": result.took_ms,
            "outcome": _outcome(result.outcome),
            "detail": _detail(result.outcome)[:2000],
        }
        for result in results
    ]
    bulk.insert(Attempt, rows)


def _outcome(outcome: Receipt | TransportError) -> str:
    if isinstance(outcome, Receipt):
        return "sent"
    return "unknown" if outcome.unknown else str(outcome.fault)


def _detail(outcome: Receipt | TransportError) -> str:
    return outcome.detail if isinstance(outcome, Receipt) else str(outcome)


def _write_sent(sent: list[tuple[SendOutcome, Receipt]], *, now: datetime) -> None:
    if not sent:
        return
    bulk.update(
        Notification,
        ("provider_id",),
        [(r.claimed.id, receipt.provider_id[:200]) for r, receipt in sent],
        also="state = 'sent', sent_at = %s, next_at = NULL, lease_until = NULL, error = '', "
        "fault = '', failing_since = NULL",
        params=(now,),
    )
    paged = {r.claimed.page_id for r, _ in sent if r.claimed.purpose == "page"}
    _show(paged, first_sent_at=Coalesce(F("first_sent_at"), Value(now)))
    _show({r.claimed.page_id for r, _ in sent} - paged)
    works = [r.claimed.contact_method_id for r, _ in sent if r.claimed.contact_method_id]
    people.clear_faults(method_ids=works)
    trouble.say_it_left([r.claimed for r, _ in sent], now=now)
    trouble.release(servers={(r.claimed.kind, r.claimed.server) for r, _ in sent}, now=now)


def _write_retried(retried: list[tuple[Claimed, TransportError, Retry]], *, now: datetime) -> None:
    """Put back what is tried again; what was cancelled meanwhile stays cancelled."""
    if not retried:
        return
    bulk.update(
        Notification,
        ("next_at", "error", "fault", "failing_since"),
        [
            (one.id, decision.at, decision.reason, str(error.fault), one.failing_since or now)
            for one, error, decision in retried
        ],
        also="state = 'pending', lease_until = NULL",
        where="state = 'sending'",
    )
    begun = [(one, error) for one, error, _ in retried if one.failing_since is None]
    trouble.say_it_waits(begun, now=now)


def _write_failed(failed: list[tuple[Claimed, TransportError, Fail]], *, now: datetime) -> None:
    if not failed:
        return
    bulk.update(
        Notification,
        ("error", "fault"),
        [(one.id, decision.reason, str(error.fault)) for one, error, decision in failed],
        also="state = 'failed', next_at = NULL, lease_until = NULL, failing_since = NULL",
        where="state = 'sending'",
    )
    faults = {
        one.contact_method_id: decision.reason
        for one, _, decision in failed
        if decision.blames_contact and one.contact_method_id
    }
    people.set_faults(faults=faults)
    trouble.remember([one for one, _, decision in failed if not decision.hastens], now=now)
    over = [one for one, _, decision in failed if decision.hastens and one.purpose == "page"]
    hasten([(one.page_id, one.step) for one in over if one.page_id is not None], now=now)
    _show({one.page_id for one, _, _ in failed})


def _show(page_ids: Collection[int | None], **changes: object) -> None:
    """Let the stages after paging see that something happened to these pages."""
    known = sorted(pk for pk in page_ids if pk is not None)
    if known:
        rows = Page.objects.filter(id__in=known)
        rows.update(unseen=True, revision=F("revision") + 1, **changes)
