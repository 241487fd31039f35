"""Teams and domains: who owns what, and who is on call for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.people import queries as people
from andon.web.portal import listing
from andon.web.portal.pages import render, viewer
from andon.web.portal.reads import oncall, services
from andon.web.portal.reads.lists import catalogue as lists
from andon.web.portal.views import costs

T = TypeVar("T")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the teams."""
    list_ = lists.teams()
    asked = listing.ask(list_, request.GET)
    found = listing.of_stored(list_, asked, catalogue.rows_of_teams(viewer_id=viewer(request).id))
    context = {"section": "teams", "list": listing.ShownList(list_, asked, found)}
    return render(request, "teams.html", context)


@require_safe
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a team: its people, its services, its rotas."""
    row = _or_404(catalogue.find_team(slug=slug), slug)
    context = {
        "section": "teams",
        "team": row,
        "members": people.members(team_ids=[row.id])[row.id],
        "on_call": _on_call(catalogue.list_rotas_owned(team=slug)),
        **_services(request, team=slug),
        "findings": catalogue.findings_of(kind="team", slug=slug),
        "costs": costs.of_team(slug=slug, now=clock.now()),
    }
    return render(request, "team.html", context)


@require_safe
def domains(request: HttpRequest) -> HttpResponse:
    """Show the domains."""
    list_ = lists.domains()
    asked = listing.ask(list_, request.GET)
    found = listing.of_stored(list_, asked, catalogue.rows_of_domains())
    return render(request, "domains.html", {"list": listing.ShownList(list_, asked, found)})


@require_safe
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a domain: its services and its rotas."""
    context = {
        "domain": _or_404(catalogue.find_domain(slug=slug), slug),
        "on_call": _on_call(catalogue.list_rotas_owned(domain=slug)),
        **_services(request, domain=slug),
        "findings": catalogue.findings_of(kind="domain", slug=slug),
    }
    return render(request, "domain.html", context)


def _on_call(slugs: Sequence[str]) -> list[oncall.OnCall]:
    return oncall.on_call(slugs=slugs, now=clock.now()) if slugs else []


def _services(request: HttpRequest, *, team: str = "", domain: str = "") -> dict[str, object]:
    """Return the services of a team or a domain: the list of services without its form."""
    list_ = replace(lists.services(), filters=(), searched=False)
    asked = listing.ask(list_, request.GET)
    rows = services.listed(viewer_id=viewer(request).id, now=clock.now(), team=team, domain=domain)
    return {"list": listing.ShownList(list_, asked, listing.of_stored(list_, asked, rows))}


def _or_404(found: T | None, slug: str) -> T:
    if found is None:
        raise Http404(slug)
    return found
