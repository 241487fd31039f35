"""Teams and domains: who owns what, and who is on call for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from andon.catalogue import models
from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.people import queries as people
from andon.people.models import Team
from andon.web.portal.pages import render
from andon.web.portal.reads import entities, oncall, services


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the teams."""
    search = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = entities.teams(search=search, after=request.GET.get("after", ""))
    owned = entities.owned_counts([row.pk for row in found.rows])
    rows = [(row, owned.get(row.pk, 0)) for row in found.rows]
    context = {"section": "teams", "q": search, "rows": rows, "next": found.next_after}
    return render(request, "teams.html", context)


@require_safe
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a team: its people, its services, its rotas."""
    now, row = clock.now(), get_object_or_404(Team, slug=slug)
    context = {
        "section": "teams",
        "team": row,
        "members": people.members(team_ids=[row.pk])[row.pk],
        "on_call": _on_call(team=slug),
        **_services(request, team=slug),
        "findings": entities.findings(kind="Group", slug=slug),
        "now": now,
    }
    return render(request, "team.html", context)


@require_safe
def domains(request: HttpRequest) -> HttpResponse:
    """Show the domains."""
    found = entities.domains(after=request.GET.get("after", ""))
    return render(request, "domains.html", {"rows": found.rows, "next": found.next_after})


@require_safe
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a domain: its services and its rotas."""
    found = get_object_or_404(
        models.Domain.objects.select_related("owner", "budget_holder"), slug=slug
    )
    context = {
        "domain": found,
        "on_call": _on_call(domain=slug),
        **_services(request, domain=slug),
        "findings": entities.findings(kind="Domain", slug=slug),
    }
    return render(request, "domain.html", context)


def _on_call(**owner: str) -> list[oncall.OnCall]:
    slugs = [row.slug for row in entities.rotas(**owner).rows]
    return oncall.on_call(slugs=slugs, now=clock.now()) if slugs else []


def _services(request: HttpRequest, **owner: str) -> dict[str, object]:
    found = entities.services(search="", after=request.GET.get("after", ""), **owner)
    ids = [row.pk for row in found.rows]
    rows = services.rows(ids=ids, organisation=catalogue.organisation(), now=clock.now())
    return {"rows": rows, "next": found.next_after}
