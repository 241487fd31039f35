"""The first page: what is on fire, and who is on call."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from andon.alerts import queries as alerts
from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.core.lists import Some
from andon.incidents import rules as incidents
from andon.paging import queries as paging
from andon.paging.types import PageRow, PageState
from andon.people.types import SignedIn
from andon.web.portal.pages import render, viewer
from andon.web.portal.reads import engine, fires, oncall, own

#: Rotas shown on the first page; the rest are a link away.
_ROTAS = 12
_GAPS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what is going on."""
    now = clock.now()
    organisation = catalogue.organisation()
    going_on = fires.active(organisation=organisation, now=now)
    burning = [one for one in going_on if one.incident.kind.is_real and not one.is_held]
    rehearsed = [one for one in going_on if not one.incident.kind.is_real and not one.is_held]
    unanswered, health = _waiting(PageState.UNANSWERED), engine.health(now=now)
    declared = catalogue.known_since() is not None
    gaps = alerts.gaps(limit=_GAPS + 1)
    context = {
        "section": "home",
        "live": request.GET.get("live") != "off",
        "now": now,
        "own": own.of(person=viewer(request), organisation=organisation, now=now),
        "fires": burning[: fires.SHOWN],
        "more_fires": max(0, len(burning) - fires.SHOWN),
        "rehearsed": rehearsed[: fires.SHOWN],
        "losing": fires.losing(burning),
        "unestimated": sum(one.is_down and one.figures.loss is None for one in burning),
        "down": sum(one.is_down for one in burning),
        "unanswered": unanswered,
        "held": _waiting(PageState.HELD),
        "tickets": paging.tickets(most=fires.SHOWN),
        "health": health,
        "headline": _headline(burning, unanswered, health),
        "declared": declared,
        "heard": bool(going_on) or alerts.has_any(),
        "gaps": gaps[:_GAPS],
        "more_gaps": len(gaps) > _GAPS,
        **_on_call(viewer(request), now),
    }
    return render(request, "home.html", context)


def _waiting(state: PageState) -> Some[PageRow]:
    return paging.waiting(state=state, most=fires.SHOWN)


def _headline(
    burning: Sequence[fires.Fire], unanswered: Some[PageRow], health: engine.Health
) -> str:
    """Return what a reader must know first; empty when there is nothing of the kind."""
    if going_on := incidents.headline(active=[one.state for one in burning]):
        return going_on
    if unanswered.total:
        return "Nobody is answering"
    return "Andon needs help" if health.state != "fresh" else ""


def _on_call(person: SignedIn, now: datetime) -> dict[str, object]:
    slugs = catalogue.list_rotas_ranked(person_id=person.id, limit=_ROTAS + 1)
    rows = oncall.on_call(slugs=slugs[:_ROTAS], now=now) if slugs else []
    return {
        # Gaps, then who is on call, then the rotas that are not asked at this hour.
        "on_call": sorted(rows, key=lambda row: (not row.now.answers, not row.now.is_gap)),
        "more_rotas": len(slugs) > _ROTAS,
    }
