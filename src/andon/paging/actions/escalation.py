"""Pages whose time has come: held ones are decided again, waiting ones go to the next step.

One that went through all steps without an answer is decided again too, and taken round once more.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from andon.alerts.types import Severity
from andon.core import claims
from andon.paging import rules
from andon.paging.actions import events, saying
from andon.paging.actions.desk import Desk, Memory
from andon.paging.actions.outbox import Outbox, reason_for_page
from andon.paging.models import Page
from andon.paging.types import UNTAKEN_STATES, PageState, RouteVerdict


def escalate_due(
    *,
    now: datetime,
    limit: int = 500,
    only: Sequence[int] | None = None,
    avoid: Collection[int] = (),
    memory: Memory | None = None,
) -> int:
    """Take due pages one step further; return how many were due.

    One transaction: the step, its decision and its messages commit together. The rows are locked
    and their state asked for under the lock, so an acknowledgement that came first wins and one
    that comes later cancels what was enqueued here. `only` looks at these pages alone,
    `avoid` leaves some for later.
    `memory` is shared by calls that follow each other at one instant.
    """
    # Asked before the transaction: on SQLite that would take the one writer's place for nothing.
    if not Page.objects.filter(next_at__lte=now, state__in=UNTAKEN_STATES).exists():
        return 0
    return claims.retry(lambda: _escalate_due(now, limit, only, avoid, memory))


def _escalate_due(
    now: datetime,
    limit: int,
    only: Sequence[int] | None,
    avoid: Collection[int],
    memory: Memory | None,
) -> int:
    with transaction.atomic():
        rows = Page.objects.filter(next_at__lte=now, state__in=UNTAKEN_STATES).order_by(
            "next_at", "pk"
        )
        if only is not None:
            rows = rows.filter(pk__in=only)
        if avoid:
            rows = rows.exclude(pk__in=avoid)
        pages = claims.lock(rows, limit=limit)
        if not pages:
            return 0
        desk = Desk(
            now=now,
            service_ids={page.service_id for page in pages if page.service_id is not None},
            teams={team for page in pages if (team := page.route.team)},
            rotas={page.rota for page in pages if page.rota},
            memory=memory,
        )
        outbox = Outbox(desk=desk, now=now)
        _run(pages, desk, outbox)
        outbox.write()
        return len(pages)


def _run(pages: list[Page], desk: Desk, outbox: Outbox) -> None:
    going = [page for page in pages if page.state == PageState.PAGING or _goes(page, desk, outbox)]
    events.say("pages_due", going)
    outbox.spare(going)
    outbox.recall(going)
    outbox.count(going)
    crews = [desk.crew(rota=page.rota, team=page.route.team) for page in going]
    desk.load_people(crews)
    for page, crew in zip(going, crews, strict=True):
        if page.state == PageState.UNANSWERED:
            outbox.change(page, **outbox.go_round(page, crew))
            continue
        outbox.change(page, **outbox.run_step(page, crew))


def _goes(page: Page, desk: Desk, outbox: Outbox) -> bool:
    """Decide a held or an unanswered page again; return whether it goes out now."""
    anew = "Decided anew" if page.policy.anew else "The page was held until now"
    page.policy = replace(page.policy, anew=False)
    ref = page.subject.named
    route = desk.route(service_id=page.service_id, ref=ref, severity=page.severity)
    trace = saying.trace(page, route)
    if page.state == PageState.UNANSWERED and (
        route.verdict is RouteVerdict.HOLD or page.severity == Severity.TICKET
    ):
        # Its policy begins anew, whenever it goes out; steps are numbered on.
        step = page.step + 1
        policy = replace(page.policy, begins_at=step)
        outbox.change(page, state=PageState.HELD, step=step, policy=policy)
    if route.verdict is RouteVerdict.HOLD and route.until is not None:
        again = desk.look_again_at(service_id=page.service_id, until=route.until)
        outbox.decide(page, "held", route.reason, trace=trace)
        outbox.change(
            page,
            route=replace(page.route, team=route.team),
            reason=reason_for_page(route.reason),
            held_until=route.until,
            next_at=again,
            policy=page.policy,
        )
        return False
    if page.state == PageState.HELD:
        outbox.decide(page, "released", f"{anew}. {route.reason}", trace=trace)
        # That of the rota which answers now; a held page had none in flight yet.
        answers = desk.policy(rota=route.rota, severity=page.severity)
        page.policy = rules.adopt(policy=answers, kept=page.policy)
    outbox.change(page, **saying.routed(page, route))
    return True
