"""Teams and domains."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Router

from andon.catalogue import queries as catalogue
from andon.catalogue import types
from andon.people import queries as people
from andon.web.api.schemas import (
    Cursor,
    Limit,
    Listed,
    Out,
    PersonRef,
    Ref,
    Search,
    Slug,
    answers,
    listed,
)

router = Router(tags=["Catalogue"])


class TeamRowOut(Out):
    """A team in a list."""

    slug: str
    title: str
    description: str
    email: str
    channel: str
    services: int
    members: int


class TeamOut(Out):
    """A team with its people and the services it owns."""

    slug: str
    title: str
    description: str
    email: str
    channel: str
    members: list[PersonRef]
    services: list[str]
    retired_at: datetime | None


class DomainOut(Out):
    """Sibling services under one rota and one budget holder."""

    slug: str
    title: str
    kind: types.DomainKind
    owner: Ref | None
    services: int
    retired_at: datetime | None


@router.get("/teams", response=answers(Listed[TeamRowOut]), summary="List teams")
def list_teams(
    request: HttpRequest, search: Search = "", limit: Limit = 50, after: Cursor = ""
) -> Listed[TeamRowOut]:
    """Sorted by slug, without the retired ones."""
    found = catalogue.list_teams(search=search, limit=limit + 1, after=after)
    return listed(TeamRowOut, found, limit=limit)


@router.get("/teams/{slug}", response=answers(TeamOut, 404), summary="Read one team")
def get_team(request: HttpRequest, slug: Slug) -> TeamOut:
    """With its members and the services it owns."""
    team = catalogue.find_team(slug=slug)
    if team is None:
        raise Http404(f"There is no team {slug!r}.")
    members = people.members(team_ids=[team.id]).get(team.id, ())
    services = catalogue.list_teams_services(team=team.slug)
    return TeamOut.of({"members": members, "services": services}, team)


@router.get("/domains", response=answers(Listed[DomainOut]), summary="List domains")
def list_domains(request: HttpRequest, limit: Limit = 50, after: Cursor = "") -> Listed[DomainOut]:
    """Sorted by slug, without the retired ones."""
    found = catalogue.list_domains(limit=limit + 1, after=after)
    return listed(DomainOut, found, limit=limit)


@router.get("/domains/{slug}", response=answers(DomainOut, 404), summary="Read one domain")
def get_domain(request: HttpRequest, slug: Slug) -> DomainOut:
    """Its services are `GET /services?domain=<slug>`."""
    domain = catalogue.find_domain(slug=slug)
    if domain is None:
        raise Http404(f"There is no domain {slug!r}.")
    return DomainOut.of(domain)
