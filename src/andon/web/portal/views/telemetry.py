"""Telemetry: the pipeline that makes alerts out of targets, and the budgets it measures."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from andon.budgets import queries as kept
from andon.budgets.rules.policy import BudgetLevel
from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.web.portal.pages import render, zone_of
from andon.web.portal.reads import budgets as reads
from andon.web.portal.reads import entities, telemetry


@require_safe
def pipeline(request: HttpRequest) -> HttpResponse:
    """Show what is generated of what, when it last came into force, and what is missing."""
    context = {"section": "telemetry", "found": telemetry.pipeline(now=clock.now())}
    return render(request, "telemetry.html", context)


@require_safe
def budgets(request: HttpRequest) -> HttpResponse:
    """Show the error budgets of all services, the least left first."""
    asked = {name: _text(request, name) for name in ("q", "team", "domain", "state")}
    if asked["state"] not in set(BudgetLevel):
        asked["state"] = ""
    after = _text(request, "after")[:9]
    found = kept.search_cards(
        now=clock.now(),
        search=asked["q"],
        team=asked["team"],
        domain=asked["domain"],
        level=BudgetLevel(asked["state"]) if asked["state"] else None,
        skip=int(after) if after.isascii() and after.isdigit() else 0,
        limit=entities.PAGE,
    )
    context = {
        "section": "budgets",
        **asked,
        "states": [str(one) for one in reversed(BudgetLevel)],
        "found": found,
        "query": urlencode({name: text for name, text in asked.items() if text}),
        # Whoever reads them: what was read just now needs no setting.
        "is_connected": bool(settings.ENV.prometheus_url) or any(map(_is_fresh, found.cards)),
    }
    return render(request, "budgets.html", context)


@require_safe
def budget(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the error budgets of one service and how they went."""
    now, organisation = clock.now(), catalogue.organisation()
    service = catalogue.find_service(slug=slug)
    if service is None:
        raise Http404(slug)
    if service.slug != slug:
        return redirect("portal:service-budget", slug=service.slug)
    found = reads.of_service(service_id=service.id, organisation=organisation, now=now)
    context = {
        "section": "services",
        "service": service,
        "budgets": found,
        "drawn": reads.drawn(
            service=service.slug, cards=found.cards, zone=zone_of(request), now=now
        ),
        "is_connected": bool(settings.ENV.prometheus_url),
    }
    return render(request, "budget.html", context)


def _is_fresh(one: kept.OwnedCard) -> bool:
    return one.card.budget is not None and not one.card.is_stale


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:200]
