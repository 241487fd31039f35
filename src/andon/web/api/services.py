"""Services: what is declared, the cover in force now, who is on call for them."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from andon.alerts.types import AlertKind
from andon.catalogue import queries as catalogue
from andon.catalogue import rules as catalogue_rules
from andon.catalogue import types
from andon.catalogue.types import Cover, Hardness
from andon.core import clock
from andon.incidents import queries as incidents
from andon.incidents.types import Condition
from andon.oncall import queries as oncall
from andon.paging import queries as paging
from andon.paging.types import WhoAnswers
from andon.people import queries as people
from andon.web.api.findings import FindingOut
from andon.web.api.schemas import (
    Cursor,
    Limit,
    Listed,
    MoneyOut,
    Out,
    PersonRef,
    Ref,
    Search,
    Slug,
    Target,
    answers,
    listed,
    pair,
)

router = Router(tags=["Catalogue"])


class ServiceRowOut(Out):
    """A service in a list."""

    slug: str
    title: str
    owner: Ref | None
    domain: str | None
    target: Target | None = Field(validation_alias="target_ppm")
    exposure_per_hour: MoneyOut | None
    errors: int = Field(description="Findings that must be mended.")
    warnings: int


class CoverOut(Out):
    """What happens to its pages at this instant."""

    cover: Cover = Field(description="What happens out of working hours.")
    reason: str = Field(examples=["99.9% target: team rota out of hours"])
    working_hours: bool
    hours_reason: str
    next_working_hours: datetime


class OnCallOut(Out):
    """Who answers for it at this instant. Without a rota the team's members answer in hours."""

    rota: str | None
    person: PersonRef | None = Field(None, validation_alias="shift.person")
    until: datetime | None = None
    next: PersonRef | None = Field(None, validation_alias="following.person")
    reason: str


class TargetWindowOut(Out):
    """A target and when it is in force; without an end, for good."""

    target: Target | None = Field(validation_alias="target_ppm")
    starts_at: datetime
    ends_at: datetime | None
    kind: str


class LinkOut(Out):
    """A link."""

    title: str
    url: str


class DependencyOut(Out):
    """One end of a dependency."""

    kind: str
    slug: str
    title: str
    hardness: Hardness


class ServiceOut(Out):
    """Everything known about a service, and how it stands now."""

    slug: str
    title: str
    description: str
    kind: str
    lifecycle: str
    system: str
    owner: Ref | None
    domain: str | None
    budget_holder: str
    funding: str
    target: Target | None
    targets: list[TargetWindowOut]
    exposure_per_hour: MoneyOut | None
    cover: CoverOut
    on_call: OnCallOut
    condition: Condition = Field(
        description="How it is in one word; `unheard` while no alert has ever come."
    )
    active_incidents: list[str] = Field(examples=[["INC-1042"]])
    runbook_url: str
    dashboard_url: str
    links: list[Annotated[LinkOut, pair("title", "url")]]
    tags: list[str]
    aliases: list[str]
    depends_on: list[DependencyOut]
    needed_by: list[DependencyOut]
    findings: list[FindingOut]
    declared_at: str = Field(description="The file and line that declares it.")
    retired_at: datetime | None


@router.get("/services", response=answers(Listed[ServiceRowOut]), summary="List services")
def list_services(
    request: HttpRequest,
    *,
    search: Search = "",
    team: Search = "",
    domain: Search = "",
    limit: Limit = 50,
    after: Cursor = "",
) -> Listed[ServiceRowOut]:
    """Sorted by slug. Search looks in slug and title; `team` and `domain` are slugs."""
    found = catalogue.list_services(
        at=clock.now(), search=search, team=team, domain=domain, limit=limit + 1, after=after
    )
    return listed(ServiceRowOut, found, limit=limit)


@router.get("/services/{slug}", response=answers(ServiceOut, 404), summary="Read one service")
def get_service(request: HttpRequest, slug: Slug) -> ServiceOut:
    """By its slug or an alias."""
    service = catalogue.find_service(slug=slug)
    details = catalogue.find_details(slug=service.slug) if service else None
    if service is None or details is None:
        raise Http404(f"The catalogue knows no service {slug!r}.")
    now = clock.now()
    links = {
        "target": catalogue_rules.target_at(service=service, at=now),
        "depends_on": catalogue.dependencies_of(service_id=service.id),
        "needed_by": catalogue.dependants_of(service_id=service.id),
        "findings": catalogue.findings_of(kind="service", slug=service.slug),
    }
    return ServiceOut.of(links, _now(service, now), service, details)


def _now(service: types.Service, now: datetime) -> dict[str, Any]:
    organisation = catalogue.organisation()
    found = paging.answering(service=service, organisation=organisation, now=now)
    decision, hours = found.cover, found.hours
    active = incidents.list_incidents(
        state="active", kind=AlertKind.INCIDENT, service=service.slug, limit=10
    )
    return {
        "cover": CoverOut.of(
            {
                "working_hours": hours.working,
                "hours_reason": hours.reason,
                "next_working_hours": hours.next_start,
            },
            decision,
        ),
        "on_call": _on_call(found, now),
        "condition": incidents.conditions(slugs=[service.slug], organisation=organisation, now=now)[
            service.slug
        ],
        "active_incidents": [one.name for one in active],
    }


def _on_call(found: WhoAnswers, now: datetime) -> OnCallOut:
    """Say who would be paged now, as paging itself decides it."""
    crew = found.crew
    if crew is None or crew.rota is None:
        return OnCallOut.of({"rota": None}, found.route)
    (rota,) = oncall.on_call_now(at=now, slugs=[crew.rota])
    names = people.names(slugs={one.person for one in (rota.shift, rota.following) if one})
    return OnCallOut.of({"rota": crew.rota, "reason": found.route.reason}, rota, names=names)
