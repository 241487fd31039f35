"""The way round routing: an alert or a page that cannot be done as usual still reaches somebody.

Short on purpose. Of what is broken it reads a few columns of text and nothing else: no service, no
labels, no links, no policy. Whatever fails here as well is told by `engine.watch`, which needs no
tables but the organisation's.
"""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F, Max

from andon.alerts import queries as alerts_queries
from andon.alerts.types import AlertKind, AlertState, PlainAlert, Severity
from andon.core import bulk, claims
from andon.core.ids import uuid7
from andon.paging import metrics, rules
from andon.paging.actions import events, queueing, settling
from andon.paging.actions.desk import Desk
from andon.paging.actions.outbox import Outbox, reason_for_page
from andon.paging.models import Decision, Notification, Page, PagedAlert
from andon.paging.types import (
    UNTAKEN_STATES,
    Facts,
    PagePolicy,
    PageRoute,
    PageState,
    PageSubject,
    SubjectKind,
)

log = structlog.get_logger(__name__)

#: Steps of rescues are counted from here, so that they collide with none of a policy.
FIRST_STEP = 1_000_000
_WHY = 300
_PAGE = (
    "summary", "severity", "subject_kind", "subject_ref", "state", "opened_at", "uid", "kind",
)  # fmt: skip
_SEVERITIES = frozenset(str(severity) for severity in Severity)


def rescue_alert(*, row: int, why: str, now: datetime) -> str:
    """Page whoever is on call for the catch-all about an alert that could not be routed.

    Once: alerts of the same name share a page, which goes on as any other, and one that has a
    page already is known. Returns who is told, or why nobody is; nothing when there is nobody to
    tell. Raises whatever goes wrong.
    """
    return claims.retry(lambda: _rescue_alert(row, why[:_WHY], now, ask_rota=True))


def rescue_alert_by_fallback(*, row: int, why: str, now: datetime) -> str:
    """Do the same, but tell the fallback contact and ask no rota: it may be what is broken."""
    return claims.retry(lambda: _rescue_alert(row, why[:_WHY], now, ask_rota=False))


def rescue_page(*, row: int, why: str, now: datetime) -> str:
    """Tell the fallback contact about a page whose next step could not be taken.

    Each time it is called: that is after growing waits, until somebody takes the page. Returns who
    is told, or why nobody is; nothing when there is nobody. Raises whatever goes wrong.
    """
    return claims.retry(lambda: _rescue_page(row, why[:_WHY], now))


def _rescue_alert(alert_id: int, why: str, now: datetime, *, ask_rota: bool) -> str:
    with transaction.atomic():
        alert = alerts_queries.plain(alert_id)
        if alert is None:
            return "The alert is no longer kept"
        if alert.state == AlertState.RESOLVED:
            _end_page_of(alert_id, now)
            return "The alert is over: nobody needs to be told"
        if alert.severity == Severity.INFO:
            return "Severity info pages nobody"
        if PagedAlert.objects.filter(alert_id=alert_id).exists():
            return "The alert has a page already"
        name = f"{alert.service_ref or 'no service named'} (could not be routed)"
        subject = rules.unknown(kind=_kind(alert.kind), name=name)
        open_ones = Page.objects.filter(**subject.columns).exclude(state=PageState.RESOLVED)
        known = claims.lock(open_ones, wait=True)
        desk = Desk(now=now, service_ids=())
        outbox = Outbox(desk=desk, now=now)
        rota = desk.organisation.catch_all_rota if ask_rota else ""
        page = known[0] if known else _open(subject, alert, why, rota, outbox)
        reason = f"Alert {alert_id} could not be routed and joins: {alert.summary:.200} ({why})"
        if known:
            outbox.decide(page, "joined", reason)
            outbox.change(page)
        PagedAlert.objects.create(page=page, alert_id=alert_id, joined_at=now)
        outbox.write()
        return _say_told(page, desk)


def _kind(text: str) -> AlertKind:
    """Return a kind; whatever cannot be read is real."""
    return next((kind for kind in AlertKind if kind == text), AlertKind.INCIDENT)


def _end_page_of(alert_id: int, now: datetime) -> None:
    """End the page of an alert that is over, unless another alert on it is not."""
    pages = PagedAlert.objects.filter(alert_id=alert_id).values("page_id")
    firing = PagedAlert.objects.filter(page_id__in=pages, alert__state=AlertState.OPEN)
    if not firing.exists():
        settling.resolve(page_ids=[row["page_id"] for row in pages], by="the sender", now=now)


def _say_told(page: Page, desk: Desk) -> str:
    if page.state == PageState.ACKNOWLEDGED:
        return f"It joined a page that {page.acknowledged_by} has taken"
    if page.state == PageState.PAGING:
        return f"A message goes to the catch-all rota {page.rota}"
    return "A message goes to the fallback contact" if desk.organisation.fallback else ""


def _open(subject: PageSubject, alert: PlainAlert, why: str, rota: str, outbox: Outbox) -> Page:
    desk = outbox.desk
    crew = desk.crew(rota=rota, team=None) if rota else None
    desk.load_people([crew])
    severity = alert.severity if alert.severity in _SEVERITIES else Severity.CRITICAL
    whom = f"paging the catch-all {crew.label}" if crew else "only the fallback contact is left"
    reason = reason_for_page(f"Andon could not route this alert ({why}): {whom}")
    page = Page(
        uid=uuid7(),
        **subject.columns,
        severity=severity,
        summary=alert.summary,
        opened_at=outbox.now,
        started_at=outbox.now,
        reason=reason,
        rota=crew.rota or "" if crew else "",
        policy=rules.adopt(policy=desk.policy(rota=rota, severity=severity), kept=PagePolicy()),
        route=PageRoute(
            description=f"Andon could not process this alert as usual: {why}. See /engine/."
        ),
    )
    outbox.decide(page, "route", reason, trace=[reason], alerts=1)
    for name, value in outbox.run_step(page, crew).items():
        setattr(page, name, value)
    page.save()
    metrics.RESCUED.labels(what="alert").inc()
    events.say("page_opened", [page])
    return page


def _rescue_page(page_id: int, why: str, now: datetime) -> str:
    with transaction.atomic():
        pages = Page.objects.filter(pk=page_id, state__in=UNTAKEN_STATES)
        [page] = claims.lock(pages.values_list(*_PAGE), wait=True) or [None]
        if page is None:
            return "Somebody has the page, or it is over"
        summary, severity, of, ref, state, opened_at, uid, kind = page
        title = Page.objects.values_list("service__title", flat=True).get(pk=page_id)
        organisation = Desk(now=now, service_ids=()).organisation
        said = f"Andon could not take the next step of this page ({why})"
        text = rules.fallback_text(
            facts=Facts(
                service=title or (of == SubjectKind.UNKNOWN and ref) or "an unnamed service",
                summary=summary,
                severity=severity,
                started_at=opened_at,
                reason=said,
                kind=_kind(kind),
            ),
            timezone=organisation.working_hours.timezone,
            why=said,
            unanswered=False,
        )
        earlier = Notification.objects.filter(page_id=page_id, step__gte=FIRST_STEP)
        last = earlier.aggregate(last=Max("step"))["last"]
        step = FIRST_STEP if last is None else last + 1
        rows = [
            queueing.row(
                to=one, text=text, purpose="page", now=now, step=step, priority=1, page_id=page_id
            )
            for one in organisation.fallback
        ]
        bulk.insert(Notification, rows)
        told = ", ".join(sorted({contact.kind for contact in organisation.fallback}))
        whom = (
            f"a message goes to the fallback contact ({told})"
            if told
            else "there is no fallback contact"
        )
        Decision.objects.create(page_id=page_id, at=now, kind="rescued", reason=f"{said}: {whom}")
        Page.objects.filter(pk=page_id).update(unseen=True, revision=F("revision") + 1)
        metrics.RESCUED.labels(what="page").inc()
        log.error("page_rescued", page=str(uid), state=state, reason=why)
        return f"A message goes to the fallback contact ({told})" if told else ""
