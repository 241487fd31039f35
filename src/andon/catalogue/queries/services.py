"""Services: by the names alerts use, as paging needs them, and as lists show them."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from andon.catalogue import models
from andon.catalogue.documents.organisation import stored_hours
from andon.catalogue.queries.findings import counts
from andon.catalogue.queries.organisation import organisation
from andon.catalogue.types import (
    LOW_DEMAND,
    Cover,
    DependencyLink,
    Hardness,
    Service,
    ServiceDetails,
    ServiceRow,
    TargetWindow,
    WorkingHours,
)
from andon.core.money import Money
from andon.people.queries import team_value


def find_service_ids(*, refs: Collection[str]) -> dict[str, int]:
    """Return the services that texts name, by slug and then by alias, in any case. Two queries.

    Retired services still answer until their grace has run out. A text that names none is left out.
    """
    wanted = {ref.strip().lower() for ref in refs}
    by_slug = models.Service.objects.filter(slug__in=wanted, lapsed_at__isnull=True)
    live: dict[str, int] = {}
    retired: dict[str, int] = {}
    for slug, pk, retired_at in by_slug.values_list("slug", "pk", "retired_at"):
        (retired if retired_at else live)[slug] = pk
    missing = wanted - live.keys()
    by_alias = models.ServiceAlias.objects.filter(alias__in=missing, service__lapsed_at=None)
    aliases = dict(by_alias.values_list("alias", "service_id")) if missing else {}
    # A name that moved to another service beats the retired service that had it.
    found = {**retired, **aliases, **live}
    return {ref: found[key] for ref in refs if (key := ref.strip().lower()) in found}


def load_services(*, ids: Collection[int]) -> dict[int, Service]:
    """Return services as paging, incidents and the portal need them. Four queries, however many."""
    default = organisation().working_hours
    return {row.pk: _service(row, default) for row in _full().filter(pk__in=ids)}


def find_service(*, slug: str) -> Service | None:
    """Return one service by its slug or an alias, retired ones too, or None."""
    name = slug.strip().lower()
    rows = _full().filter(Q(slug=name) | Q(aliases__alias=name)).distinct()
    found = sorted(rows, key=lambda row: row.slug != name)
    return _service(found[0], organisation().working_hours) if found else None


def find_details(*, slug: str) -> ServiceDetails | None:
    """Return what is declared about a service beyond what paging needs, or None. One query."""
    row = models.Service.objects.select_related("budget_holder").filter(slug=slug.lower()).first()
    if row is None:
        return None
    return ServiceDetails(
        id=row.pk,
        slug=row.slug,
        description=row.description,
        kind=row.kind,
        lifecycle=row.lifecycle,
        system=row.system,
        deployment_target=row.deployment_target,
        funding=row.funding,
        budget_holder=row.budget_holder.name if row.budget_holder else "",
        links=tuple((one.get("title", ""), one["url"]) for one in row.links),
        tags=tuple(row.tags),
        declared_at=row.declared_at,
        updated_at=row.updated_at,
        retired_at=row.retired_at,
        lapsed_at=row.lapsed_at,
    )


def list_services(
    *,
    at: datetime,
    search: str = "",
    team: str = "",
    domain: str = "",
    limit: int = 50,
    after: str = "",
    retired: bool = False,
) -> tuple[ServiceRow, ...]:
    """Return one page of services by slug, with the target in force at an instant. Two queries.

    `after` is the slug of the last row of the page before. `search` looks into slug and title.
    """
    rows = _searched(search=search, team=team, domain=domain, retired=retired)
    in_force = (
        models.AvailabilityTarget.objects.filter(service=OuterRef("pk"), starts_at__lte=at)
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
        .order_by("-ppm")
    )
    page = list(
        rows.filter(slug__gt=after.lower())
        .select_related("owner", "domain")
        .annotate(ppm=Subquery(in_force.values("ppm")[:1]))
        .order_by("slug")[:limit]
    )
    found = counts(kind="service", slugs=[row.slug for row in page])
    return tuple(
        ServiceRow(
            id=row.pk,
            slug=row.slug,
            title=row.title,
            owner=team_value(row.owner),
            domain=row.domain.slug if row.domain else None,
            target_ppm=row.ppm,
            exposure_per_hour=_exposure(row),
            retired_at=row.retired_at,
            errors=found.get(row.slug, (0, 0))[0],
            warnings=found.get(row.slug, (0, 0))[1],
        )
        for row in page
    )


def count_services(
    *, search: str = "", team: str = "", domain: str = "", retired: bool = False
) -> int:
    """Return how many services `list_services` would list in all."""
    return _searched(search=search, team=team, domain=domain, retired=retired).count()


def dependencies_of(*, service_id: int) -> tuple[DependencyLink, ...]:
    """Return what a service needs, the hard ones first. One query."""
    rows = models.Dependency.objects.filter(service_id=service_id)
    return _links(
        (row.on_service or row.on_resource, row)
        for row in rows.select_related("on_service", "on_resource")
    )


def dependants_of(*, service_id: int) -> tuple[DependencyLink, ...]:
    """Return the services that need a service, the hard ones first. One query."""
    rows = models.Dependency.objects.filter(
        on_service_id=service_id, service__retired_at__isnull=True
    )
    return _links((row.service, row) for row in rows.select_related("service"))


def _searched(*, search: str, team: str, domain: str, retired: bool) -> QuerySet[models.Service]:
    rows = models.Service.objects.filter(retired_at__isnull=not retired)
    for word in search.lower().split():
        rows = rows.filter(Q(slug__contains=word) | Q(title__icontains=word))
    if team:
        rows = rows.filter(owner__slug=team.lower())
    return rows.filter(domain__slug=domain.lower()) if domain else rows


def _full() -> QuerySet[models.Service]:
    return models.Service.objects.select_related("owner", "domain").prefetch_related(
        Prefetch("targets", models.AvailabilityTarget.objects.order_by("starts_at", "id")),
        Prefetch("aliases", models.ServiceAlias.objects.order_by("alias")),
    )


def _service(row: models.Service, default: WorkingHours) -> Service:
    return Service(
        id=row.pk,
        slug=row.slug,
        title=row.title,
        owner=team_value(row.owner),
        domain=row.domain.slug if row.domain else None,
        exposure_per_hour=_exposure(row),
        targets=tuple(
            TargetWindow(one.ppm, one.starts_at, one.ends_at, one.kind) for one in row.targets.all()
        ),
        working_hours=stored_hours(row.owner.working_hours, default),
        runbook_url=row.runbook_url,
        dashboard_url=row.dashboard_url,
        cover_override=Cover(row.cover_override) if row.cover_override else None,
        cover_reason=row.cover_reason,
        high_demand=row.deployment_target not in LOW_DEMAND,
        aliases=tuple(one.alias for one in row.aliases.all()),
    )


def _exposure(row: models.Service) -> Money | None:
    if row.exposure_minor is None or not row.exposure_currency:
        return None
    return Money(row.exposure_minor, row.exposure_currency)


def _links(pairs: object) -> tuple[DependencyLink, ...]:
    links = [
        DependencyLink(
            kind="service" if isinstance(thing, models.Service) else thing.kind,
            slug=thing.slug,
            title=thing.title,
            hardness=Hardness(row.hardness),
        )
        for thing, row in pairs  # type: ignore[attr-defined]
    ]
    return tuple(sorted(links, key=lambda link: (link.hardness, link.title)))
