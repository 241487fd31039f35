"""What a page says: the worst of its alerts that fire, and none that has ended."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Min

from andon.alerts import queries as alerts_queries
from andon.alerts import rules as alerts_rules
from andon.alerts.types import AlertState, Severity, UnseenAlert
from andon.paging.actions.outbox import Outbox, reason_for_page
from andon.paging.models import Page, PagedAlert
from andon.paging.types import PageRoute, Route

_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def worse(alert: UnseenAlert) -> tuple[object, ...]:
    """Return how alerts are ordered by what a page should say, the first one first."""
    return alert.state, _RANK[alert.severity], alert.id


def rank(severity: str) -> int:
    """Return where a severity stands, the worst at 0."""
    return _RANK[Severity(severity)]


def say(page: Page, alert: UnseenAlert, outbox: Outbox) -> None:
    """Let a page say what an alert says.

    What has been more than a ticket never becomes one again: it has an incident by now.
    """
    severity = alert.severity
    if severity is Severity.TICKET:
        severity = Severity(page.severity)
    outbox.change(page, severity=severity, summary=alert.summary, route=of(alert, page.route))


def of(alert: UnseenAlert, route: PageRoute) -> PageRoute:
    """Return what a page keeps that says of an alert what its summary does not."""
    return replace(
        route,
        description=alert.description[:2000],
        links=tuple((link.text or link.kind, link.href) for link in alert.links[:5]),
        labels=alerts_rules.telling(alert.labels),
    )


def routed(page: Page, route: Route) -> dict[str, Any]:
    """Return what a page becomes that goes this way."""
    return {
        "route": replace(page.route, team=route.team),
        "reason": reason_for_page(route.reason),
        "rota": route.rota or "",
        "out_of_hours": route.out_of_hours,
    }


def trace(page: Page, route: Route) -> list[str]:
    """Return what led a page this way, one sentence per decision."""
    why = page.route.service_why
    return [*([why] if why else []), *route.trace]


def follow(*, moved: Iterable[tuple[UnseenAlert, Page]], outbox: Outbox) -> None:
    """Let pages say what is worst of what still fires on them, after these alerts moved.

    Three queries at most, and none while nothing that a page says has ended.
    """
    pages: dict[int, Page] = {}
    ended: dict[int, set[str]] = defaultdict(set)
    for alert, page in moved:
        if alert.state is AlertState.OPEN:
            continue
        if page.summary == alert.summary or page.severity == alert.severity:
            pages[page.pk] = page
            ended[page.pk].add(alert.summary)
    for pk, alert in _foremost(pages).items():
        page, was = pages[pk], pages[pk].summary
        if page.severity == alert.severity and (was not in ended[pk] or was == alert.summary):
            continue
        say(page, alert, outbox)
        if was != alert.summary:
            reason = f"Ended: {was:.200}. What fires still: {alert.summary:.200}"
            outbox.decide(page, "says", reason)


def _foremost(pages: Mapping[int, Page]) -> dict[int, UnseenAlert]:
    """Return the worst alert that fires on each of these pages, the oldest of them."""
    if not pages:
        return {}
    rows = PagedAlert.objects.filter(page_id__in=sorted(pages), alert__state=AlertState.OPEN)
    found = rows.values_list("page_id", "alert__severity").annotate(first=Min("alert_id"))
    best: dict[int, tuple[int, int]] = {}
    for page_id, severity, first in found:
        rank = (_RANK[Severity(severity)], first)
        best[page_id] = min(best.get(page_id, rank), rank)
    ids = [first for _, first in best.values()]
    by_id = {one.id: one for one in alerts_queries.find(ids=ids)}
    return {pk: by_id[first] for pk, (_, first) in best.items() if first in by_id}
