"""The first page: what is on fire, and who is on call."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from andon.alerts import queries as alerts
from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.paging.types import PageState
from andon.people.models import Person
from andon.web.portal.pages import render, viewer
from andon.web.portal.reads import engine, fires, oncall

#: Rotas shown on the first page; the rest are a link away.
_ROTAS = 12
_GAPS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what is going on."""
    now = clock.now()
    going_on = fires.active(organisation=catalogue.organisation(), now=now)
    burning = [one for one in going_on if one.incident.kind.is_real]
    gaps = alerts.gaps(limit=_GAPS + 1)
    context = {
        "section": "home",
        "live": request.GET.get("live") != "off",
        "now": now,
        "fires": burning,
        "rehearsed": [one for one in going_on if not one.incident.kind.is_real],
        "losing": fires.losing(burning),
        "unanswered": fires.waiting(PageState.UNANSWERED),
        "held": fires.waiting(PageState.HELD),
        "tickets": fires.tickets(),
        "health": engine.health(now=now),
        "gaps": gaps[:_GAPS],
        "more_gaps": len(gaps) > _GAPS,
        **_on_call(viewer(request), now),
    }
    return render(request, "home.html", context)


def _on_call(person: Person, now: datetime) -> dict[str, object]:
    slugs = oncall.rotas_for_home(person_id=person.pk, limit=_ROTAS + 1)
    rows = oncall.on_call(slugs=slugs[:_ROTAS], now=now) if slugs else []
    return {
        # Gaps, then who is on call, then the rotas that are not asked at this hour.
        "on_call": sorted(rows, key=lambda row: (not row.now.answers, not row.now.is_gap)),
        "more_rotas": len(slugs) > _ROTAS,
    }
