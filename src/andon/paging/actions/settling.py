"""Pages end: their alerts resolved, or a person said so."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from andon.alerts.types import AlertState, UnseenAlert
from andon.core import claims
from andon.paging import metrics
from andon.paging.actions import events
from andon.paging.actions.desk import Desk
from andon.paging.actions.outbox import Outbox
from andon.paging.models import Attempt, Notification, Page, PagedAlert
from andon.paging.types import NotificationState, PageState

#: Those who may have read the page are told that it is over.
_TOLD = (NotificationState.SENT, NotificationState.SENDING)


def resolve(*, page_ids: Collection[int], by: str, now: datetime) -> int:
    """End open pages by a person's decision; return how many were open.

    Cancels what is pending and tells those who were notified. The alerts are not touched: whoever
    resolves an incident resolves them too, so that the next firing makes a new page.
    """
    return claims.retry(lambda: _resolve(page_ids, by, now))


def mark_seen(*, seen: Sequence[tuple[int, int]]) -> None:
    """Clear `unseen` of pages whose revision is still the one that was seen: `(id, revision)`."""
    by_revision: dict[int, list[int]] = defaultdict(list)
    for pk, revision in seen:
        by_revision[revision].append(pk)
    for revision, pks in sorted(by_revision.items()):
        Page.objects.filter(pk__in=sorted(pks), revision=revision).update(unseen=False)


def settle(
    *,
    alerts: Iterable[UnseenAlert],
    joined: Mapping[int, int],
    pages: Mapping[int, Page],
    outbox: Outbox,
) -> None:
    """End the pages of a batch all of whose alerts have resolved. The pages must be locked."""
    by: dict[int, str] = {}
    for alert in alerts:
        page = pages.get(joined.get(alert.id, 0))
        if page is None or page.state == PageState.RESOLVED:
            continue
        if alert.state is AlertState.RESOLVED:
            by[page.pk] = alert.resolved_by or "the sender"
    if not by:
        return
    firing = set(
        PagedAlert.objects.filter(page_id__in=sorted(by), alert__state=AlertState.OPEN)
        .values_list("page_id", flat=True)
        .distinct()
    )
    ended = [pages[pk] for pk in sorted(by) if pk not in firing]
    end(pages=ended, by=by, outbox=outbox, why="Every alert has resolved")


def end(*, pages: Sequence[Page], by: Mapping[int, str], outbox: Outbox, why: str) -> None:
    """Resolve locked pages: cancel what is pending, tell those who were notified."""
    told: dict[int | None, list[Notification]] = defaultdict(list)
    ids = [page.pk for page in pages]
    # Nobody knows what became of it: whoever may have read it waits for the end as others do.
    doubtful = Exists(Attempt.objects.filter(notification_id=OuterRef("pk"), outcome="unknown"))
    rows = Notification.objects.filter(Q(state__in=_TOLD) | doubtful, page_id__in=ids)
    rows = rows.exclude(purpose="resolved").select_related("person").order_by("pk")
    for row in rows.defer("body", "data"):
        told[row.page_id].append(row)
    cancel_pending(page_ids=ids, reason="resolved")
    outbox.count(pages)
    for page in pages:
        name = by[page.pk]
        outbox.decide(page, "resolved", _say(page, why, name, len(told[page.pk])))
        outbox.tell_resolved(page, told[page.pk], by=name)
        outbox.change(
            page,
            state=PageState.RESOLVED,
            resolved_at=outbox.now,
            resolved_by=name,
            next_at=None,
            lease_until=None,
        )
    metrics.RESOLVED.inc(len(pages))
    events.say("page_resolved", pages)


def cancel_pending(*, page_ids: Collection[int], reason: str) -> int:
    """Cancel every message of these pages that has not left yet."""
    rows = Notification.objects.filter(page_id__in=page_ids, state=NotificationState.PENDING)
    return rows.update(
        state=NotificationState.CANCELLED,
        next_at=None,
        lease_until=None,
        failing_since=None,
        fence=F("fence") + 1,
        error=f"cancelled: {reason}",
    )


def _resolve(page_ids: Collection[int], by: str, now: datetime) -> int:
    with transaction.atomic():
        rows = Page.objects.filter(pk__in=page_ids).exclude(state=PageState.RESOLVED)
        pages = claims.lock(rows.order_by("pk"), wait=True)
        if not pages:
            return 0
        services = {page.service_id for page in pages if page.service_id is not None}
        outbox = Outbox(desk=Desk(now=now, service_ids=services), now=now)
        end(pages=pages, by={page.pk: by for page in pages}, outbox=outbox, why="Resolved")
        outbox.write()
        return len(pages)


def _say(page: Page, why: str, by: str, told: int) -> str:
    if page.state == PageState.HELD:
        return f"{why} ({by}) before the page was due: recorded, not sent"
    if not told:
        return f"{why} ({by}); no message had left, so none says that it is over"
    return f"{why} ({by}); a message that it is over goes to those who were sent one"
