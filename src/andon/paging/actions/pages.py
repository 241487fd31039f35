"""Alerts become pages: one open page per service, that its later alerts join."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from andon.alerts import actions as alerts_actions
from andon.alerts import queries as alerts_queries
from andon.alerts.types import AlertKind, AlertState, Severity, UnseenAlert
from andon.core import bulk, claims
from andon.core.ids import uuid7
from andon.paging import metrics, queries, rules
from andon.paging.actions import events, saying, senders, settling
from andon.paging.actions.desk import Desk, Memory
from andon.paging.actions.outbox import Outbox
from andon.paging.models import Page, PagedAlert
from andon.paging.types import Crew, PageRoute, PageState, PageSubject, Route, RouteVerdict

_TRIES = 3


@dataclass(slots=True)
class _Batch:
    """The alerts of one transaction, and what they are about."""

    now: datetime
    alerts: list[UnseenAlert]
    desk: Desk
    outbox: Outbox
    #: The page an alert is on already, by alert.
    joined: dict[int, int] = field(default_factory=dict)
    #: Alerts that need a page, by its subject.
    fresh: dict[PageSubject, list[UnseenAlert]] = field(default_factory=dict)


def route_alerts(
    *,
    now: datetime,
    limit: int = 500,
    only: Sequence[int] | None = None,
    avoid: Collection[int] = (),
    memory: Memory | None = None,
) -> int:
    """Give alerts that paging has not seen a page, or settle theirs; return how many were handled.

    The page, its decisions, its first notifications and the mark that the alerts were seen commit
    together. `only` looks at these alerts alone, `avoid` leaves some for later.
    `memory` is shared by calls that follow each other at one instant.
    """
    # Asked before the transaction: on SQLite that would take the one writer's place for nothing.
    if not alerts_queries.has_unseen():
        return 0
    return claims.retry(lambda: _route_alerts(now, limit, only, avoid, memory))


def _route_alerts(
    now: datetime,
    limit: int,
    only: Sequence[int] | None,
    avoid: Collection[int],
    memory: Memory | None,
) -> int:
    with transaction.atomic():
        seen = alerts_actions.take_unseen(limit=limit, only=only, avoid=avoid)
        if not seen:
            return 0
        batch = _read(now, seen, memory)
        pages = _open_pages(batch)
        moved = [
            (alert, pages[batch.joined[alert.id]])
            for alert in seen
            if batch.joined.get(alert.id) in pages
        ]
        saying.follow(
            moved=[one for one in moved if one[1].state != PageState.RESOLVED], outbox=batch.outbox
        )
        settling.settle(alerts=seen, joined=batch.joined, pages=pages, outbox=batch.outbox)
        senders.heed(alerts=seen, joined=batch.joined, pages=pages, outbox=batch.outbox)
        batch.outbox.write()
        alerts_actions.mark_seen(seen=[(alert.id, alert.revision) for alert in seen])
        return len(seen)


def _read(now: datetime, seen: list[UnseenAlert], memory: Memory | None) -> _Batch:
    ids = {alert.service_id for alert in seen if alert.service_id is not None}
    desk = Desk(now=now, service_ids=ids, memory=memory)
    batch = _Batch(now, seen, desk, Outbox(desk=desk, now=now))
    paged = PagedAlert.objects.filter(alert_id__in=[alert.id for alert in seen])
    batch.joined = dict(paged.values_list("alert_id", "page_id"))
    fresh: dict[PageSubject, list[UnseenAlert]] = defaultdict(list)
    for alert in seen:
        if alert.id in batch.joined:
            continue
        quiet = _quiet_reason(alert, desk)
        if quiet:
            if alert.state is AlertState.OPEN:
                batch.outbox.decide_about_alert(alert.id, "recorded", quiet)
        else:
            fresh[rules.subject_of(alert=alert)].append(alert)
    # In one order for every engine: whoever opens the same pages at once waits in no circle.
    batch.fresh = dict(sorted(fresh.items(), key=lambda one: str(one[0])))
    return batch


def _quiet_reason(alert: UnseenAlert, desk: Desk) -> str:
    service = desk.services.get(alert.service_id) if alert.service_id is not None else None
    test = alert.kind is AlertKind.TEST
    hours = desk.hours(service) if service is not None and test else None
    return rules.quiet_reason(severity=alert.severity, test=test, hours=hours)


def _open_pages(batch: _Batch) -> dict[int, Page]:
    """Put every fresh alert on a page and return all pages of the batch, locked, by key.

    Another engine may open or resolve a page of the same subject at the same moment. The unique
    constraint decides who opens it; the loser joins. A page resolved in between is opened anew.
    """
    pages: dict[int, Page] = {}
    waiting = dict(batch.fresh)
    for attempt in range(_TRIES):
        known = list(batch.joined.values()) if not attempt else []
        found = _lock_pages(waiting, known)
        pages.update({page.pk: page for page in found})
        by_subject = {page.subject: page for page in found if page.state != PageState.RESOLVED}
        for subject in [one for one in waiting if one in by_subject]:
            _join(batch, by_subject[subject], waiting.pop(subject))
        if not waiting:
            break
        created = _create(batch, waiting)
        pages.update({page.pk: page for page in created})
        for page in created:
            waiting.pop(page.subject)
        if not waiting:
            break
    else:
        raise RuntimeError(f"pages of {sorted(map(str, waiting))} open and close too fast to join")
    return pages


def _lock_pages(subjects: Iterable[PageSubject], known: Iterable[int]) -> list[Page]:
    wanted = Q(pk__in=sorted(set(known)))
    for one in queries.about(subjects=subjects):
        wanted |= one & ~Q(state=PageState.RESOLVED)
    return claims.lock(Page.objects.filter(wanted).order_by("pk"), wait=True)


def _create(batch: _Batch, subjects: dict[PageSubject, list[UnseenAlert]]) -> list[Page]:
    """Open a page for each subject; return those that were ours to open."""
    routed: list[tuple[Page, Crew | None, Route | None]] = []
    for subject, alerts in subjects.items():
        page = _new_page(subject, alerts, batch.now)
        if all(alert.state is AlertState.RESOLVED for alert in alerts):
            routed.append((page, None, None))
            continue
        routed.append((page, *_route(batch, page, alerts)))
    batch.desk.load_people(crew for _, crew, _ in routed)
    for page, crew, route in routed:
        _start(batch, page, crew, route, subjects[page.subject])
    bulk.insert(Page, [page for page, _, _ in routed], ignore_conflicts=True)
    uids = {page.uid: page for page, _, _ in routed}
    ours = Page.objects.filter(uid__in=list(uids)).values_list("uid", "pk")
    for uid, pk in ours:
        uids[uid].pk = pk
    created = [page for page in uids.values() if page.pk is not None]
    _link(batch, [(page, subjects[page.subject]) for page in created])
    events.say("page_opened", created)
    return created


def _route(batch: _Batch, page: Page, alerts: Sequence[UnseenAlert]) -> tuple[Crew | None, Route]:
    ref = alerts[0].service_ref
    route = batch.desk.route(service_id=page.service_id, ref=ref, severity=page.severity)
    for name, value in saying.routed(page, route).items():
        setattr(page, name, value)
    if route.verdict is RouteVerdict.PAGE and (route.rota or route.team):
        return batch.desk.crew(rota=route.rota or "", team=route.team), route
    return None, route


def _new_page(subject: PageSubject, alerts: Sequence[UnseenAlert], now: datetime) -> Page:
    worst = min(alerts, key=saying.worse)
    return Page(
        uid=uuid7(),
        service_id=worst.service_id,
        **subject.columns,
        severity=worst.severity,
        summary=worst.summary,
        opened_at=now,
        started_at=min(now, *(alert.starts_at for alert in alerts)),
        route=saying.of(worst, PageRoute(service_why=alerts[0].service_why)),
    )


def _start(
    batch: _Batch, page: Page, crew: Crew | None, route: Route | None, alerts: list[UnseenAlert]
) -> None:
    """Give a new page its first state, with the decisions and messages that belong to it."""
    outbox = batch.outbox
    if route is None:
        reason = "Resolved before anybody was paged: recorded, not sent"
        page.state, page.reason = PageState.RESOLVED, reason
        page.resolved_at, page.resolved_by = batch.now, alerts[0].resolved_by or "the sender"
        outbox.decide(page, "resolved", reason)
        return
    outbox.counted(page, len(alerts))
    policy = batch.desk.policy(rota=route.rota, severity=page.severity)
    page.policy = rules.adopt(policy=policy, kept=page.policy)
    trace = saying.trace(page, route)
    outbox.decide(page, "route", route.reason, trace=trace, alerts=len(alerts))
    metrics.ROUTED.labels(verdict=str(route.verdict)).inc()
    if page.service_id is None:
        metrics.UNROUTED.inc()
    if senders.take_new(page, alerts, outbox):
        return
    if route.verdict is RouteVerdict.HOLD and route.until is not None:
        page.state, page.held_until = PageState.HELD, route.until
        page.next_at = batch.desk.look_again_at(service_id=page.service_id, until=route.until)
    else:
        for name, value in outbox.run_step(page, crew).items():
            setattr(page, name, value)


def _join(batch: _Batch, page: Page, alerts: list[UnseenAlert]) -> None:
    """Let alerts join an open page. It pages again only if nobody had answered its whole policy."""
    _link(batch, [(page, alerts)])
    now_open = [alert for alert in alerts if alert.state is AlertState.OPEN]
    words = ", ".join(alert.summary[:120] for alert in alerts[:3])
    batch.outbox.decide(
        page, "joined", f"{len(alerts)} more of the same service: {words}", alerts=len(alerts)
    )
    changes: dict[str, object] = {}
    if page.state == PageState.UNANSWERED and now_open:
        # Nobody had answered; something new happened, so everybody is asked once more.
        # A ticket is held first: it may be night by now.
        again = PageState.HELD if page.severity == Severity.TICKET else PageState.PAGING
        changes |= {
            "state": again,
            "next_at": batch.now,
            "policy": replace(page.policy, begins_at=page.step + 1),
            "step": page.step + 1,
        }
    if page.state == PageState.HELD and now_open and not _is_held_now(batch, page):
        # What it was held for has changed since: a target was raised, or hours of work.
        changes["next_at"] = batch.now
    batch.outbox.change(page, **changes)


def _is_held_now(batch: _Batch, page: Page) -> bool:
    ref = page.subject.named
    route = batch.desk.route(service_id=page.service_id, ref=ref, severity=page.severity)
    return route.verdict is RouteVerdict.HOLD


def _link(batch: _Batch, pairs: Sequence[tuple[Page, list[UnseenAlert]]]) -> None:
    rows = [
        {"page_id": page.pk, "alert_id": alert.id, "joined_at": batch.now}
        for page, alerts in pairs
        for alert in alerts
    ]
    bulk.insert(PagedAlert, rows)
    for page, alerts in pairs:
        batch.joined.update({alert.id: page.pk for alert in alerts})
