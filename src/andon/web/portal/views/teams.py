"""Teams and domains: who owns what, and who is on call for it."""

from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.people import queries as people
from andon.web.portal.pages import render
from andon.web.portal.reads import entities, oncall, services
from andon.web.portal.views import costs

T = TypeVar("T")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the teams."""
    search = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    rows = catalogue.list_teams(search=search, limit=entities.PAGE + 1, after=_after(request))
    found = entities.cut(rows, lambda row: row.slug)
    context = {"section": "teams", "q": search, "rows": found.rows, "next": found.next_after}
    return render(request, "teams.html", context)


@require_safe
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a team: its people, its services, its rotas."""
    row = _or_404(catalogue.find_team(slug=slug), slug)
    context = {
        "section": "teams",
        "team": row,
        "members": people.members(team_ids=[row.id])[row.id],
        "on_call": _on_call(team=slug),
        **_services(request, team=slug),
        "findings": catalogue.findings_of(kind="team", slug=slug),
        "costs": costs.of_team(slug=slug, now=clock.now()),
    }
    return render(request, "team.html", context)


@require_safe
def domains(request: HttpRequest) -> HttpResponse:
    """Show the domains."""
    rows = catalogue.list_domains(limit=entities.PAGE + 1, after=_after(request))
    found = entities.cut(rows, lambda row: row.slug)
    return render(request, "domains.html", {"rows": found.rows, "next": found.next_after})


@require_safe
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a domain: its services and its rotas."""
    context = {
        "domain": _or_404(catalogue.find_domain(slug=slug), slug),
        "on_call": _on_call(domain=slug),
        **_services(request, domain=slug),
        "findings": catalogue.findings_of(kind="domain", slug=slug),
    }
    return render(request, "domain.html", context)


def _on_call(**owner: str) -> list[oncall.OnCall]:
    slugs = [row.slug for row in entities.rotas(**owner).rows]
    return oncall.on_call(slugs=slugs, now=clock.now()) if slugs else []


def _services(request: HttpRequest, **owner: str) -> dict[str, object]:
    found = entities.services(search="", after=_after(request), **owner)
    ids = [row.pk for row in found.rows]
    rows = services.rows(ids=ids, organisation=catalogue.organisation(), now=clock.now())
    return {"rows": rows, "next": found.next_after}


def _after(request: HttpRequest) -> str:
    return request.GET.get("after", "").replace("\x00", "")[:63]


def _or_404(found: T | None, slug: str) -> T:
    if found is None:
        raise Http404(slug)
    return found
