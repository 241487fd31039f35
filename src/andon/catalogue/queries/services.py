"""Services: by the names alerts use, as paging needs them, and as lists show them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from andon.catalogue import models, rules
from andon.catalogue.queries.findings import counts
from andon.catalogue.queries.organisations import organisation
from andon.catalogue.queries.searching import holds
from andon.catalogue.rules.documents.organisation import stored_hours
from andon.catalogue.types import (
    LOW_DEMAND,
    Cover,
    DependencyLink,
    Hardness,
    Organisation,
    Service,
    ServiceDetails,
    ServiceLine,
    ServiceRow,
    TargetWindow,
    WorkingHours,
)
from andon.catalogue.types.services import KeptService
from andon.core import folding
from andon.core.documents.declaring import kept
from andon.core.lists import Some, some
from andon.core.money import Money
from andon.people.queries import team_value
from andon.people.types import Team


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


def load_services(
    *, ids: Collection[int], default_hours: WorkingHours | None = None
) -> dict[int, Service]:
    """Return services as paging, incidents and the portal need them. Four queries, however many.

    `default_hours`, of teams that declare none, are the organisation's: given, they are not read.
    """
    return _load(models.Service.objects.filter(pk__in=ids), default_hours) if ids else {}


def find_service(*, slug: str) -> Service | None:
    """Return one service by its slug or an alias, retired ones too, or None."""
    name = slug.strip().lower()
    rows = models.Service.objects.filter(Q(slug=name) | Q(aliases__alias=name)).distinct()
    found = sorted(_load(rows).values(), key=lambda service: service.slug != name)
    return found[0] if found else None


def count_services() -> int:
    """Return how many services there are. One query."""
    return models.Service.objects.filter(retired_at__isnull=True).count()


def some_services(
    *,
    most: int,
    among: "QuerySet[Any, Any] | None" = None,
    but: "QuerySet[Any, Any] | None" = None,
    without_runbook: bool = False,
) -> Some[ServiceLine]:
    """Return services by slug, `most` of them at most. Two queries at most.

    `among` and `but` give the keys of services, as questions of their own.
    """
    rows = models.Service.objects.filter(retired_at__isnull=True).select_related("owner")
    rows = rows if among is None else rows.filter(pk__in=among)
    rows = rows if but is None else rows.exclude(pk__in=but)
    rows = rows.filter(runbook_url="") if without_runbook else rows
    return some(rows.order_by("slug"), most=most, load=_line)


def _line(row: models.Service) -> ServiceLine:
    return ServiceLine(row.slug, row.title, team_value(row.owner), row.declared_at)


def where_to_look(*, service_id: int | None) -> tuple[str, str]:
    """Return the addresses of a service's runbook and dashboard, empty where there is none.

    One query; none without a service.
    """
    if service_id is None:
        return "", ""
    rows = models.Service.objects.filter(pk=service_id)
    return rows.values_list("runbook_url", "dashboard_url").first() or ("", "")


def find_details(*, slug: str) -> ServiceDetails | None:
    """Return what is declared about a service beyond what paging needs, or None. One query."""
    row = models.Service.objects.select_related("budget_holder").filter(slug=slug.lower()).first()
    if row is None:
        return None
    return ServiceDetails(
        id=row.pk,
        slug=row.slug,
        **_said(row),
        budget_holder=row.budget_holder.name if row.budget_holder else "",
        links=tuple((one.get("title", ""), one["url"]) for one in row.links),
        declared_at=row.declared_at,
        updated_at=row.updated_at,
        retired_at=row.retired_at,
        lapsed_at=row.lapsed_at,
    )


def _said(row: models.Service) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in kept(KeptService)}
    return {name: tuple(one) if isinstance(one, list) else one for name, one in found.items()}


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

    `after` is the slug of the last row of the page before. `search` is words that all count.
    """
    rows = _searched(search=search, team=team, domain=domain, retired=retired)
    page = list(
        rows.filter(slug__gt=after.lower())
        .select_related("owner", "domain")
        .annotate(ppm=target_order(at=at))
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


def target_order(*, at: datetime) -> Subquery:
    """Return the target in force for a service at an instant, as the database finds it."""
    return Subquery(_in_force(at).values("ppm")[:1])


def cover_order(*, organisation: Organisation, at: datetime) -> Case:
    """Return the cover of a service as its place in `Cover`, as the database finds it.

    What a target buys is asked of the rule, once for each level, with high demand and without.
    """
    places = {cover: place for place, cover in enumerate(Cover)}
    levels = sorted((level.target_ppm for level in organisation.levels), reverse=True)

    def bought(*, high: bool) -> Coalesce:
        at_level = [
            places[rules.cover_for(ppm=ppm, organisation=organisation, high_demand=high).cover]
            for ppm in levels
        ]
        whens = [
            When(ppm__gte=ppm, then=Value(place))
            for ppm, place in zip(levels, at_level, strict=True)
        ]
        place = Case(*whens, default=at_level[-1], output_field=IntegerField())
        return Coalesce(Subquery(_in_force(at).values(place=place)[:1]), at_level[-1])

    declared = [When(cover_override=cover, then=Value(place)) for cover, place in places.items()]
    little = When(deployment_target__in=LOW_DEMAND, then=bought(high=False))
    return Case(*declared, little, default=bought(high=True), output_field=IntegerField())


def _in_force(at: datetime) -> QuerySet[models.AvailabilityTarget]:
    """Return the targets of the service around it that are in force, the highest first."""
    return models.AvailabilityTarget.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), service=OuterRef("pk"), starts_at__lte=at
    ).order_by("-ppm")


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
    rows = rows.filter(holds(kind="service", words=folding.words(search)))
    if team:
        rows = rows.filter(owner__slug=team.lower())
    return rows.filter(domain__slug=domain.lower()) if domain else rows


_Row = tuple[Any, ...]
_COLUMNS = (
    "id", "slug", "title", "owner_id", "owner__slug", "owner__title", "owner__working_hours",
    "domain__slug", "exposure_minor", "exposure_currency", "runbook_url", "dashboard_url",
    "cover_override", "cover_reason", "deployment_target",
)  # fmt: skip


def _load(
    services: QuerySet[models.Service], default: WorkingHours | None = None
) -> dict[int, Service]:
    """Read services as plain rows: in a storm, making model objects of them costs too much."""
    default = default or organisation().working_hours
    rows = list(services.values_list(*_COLUMNS))
    ids = [row[0] for row in rows]
    targets: dict[int, list[TargetWindow]] = defaultdict(list)
    windows = models.AvailabilityTarget.objects.filter(service_id__in=ids)
    for pk, ppm, starts_at, ends_at, kind in windows.order_by("starts_at", "id").values_list(
        "service_id", "ppm", "starts_at", "ends_at", "kind"
    ):
        targets[pk].append(TargetWindow(ppm, starts_at, ends_at, kind))
    aliases: dict[int, list[str]] = defaultdict(list)
    names = models.ServiceAlias.objects.filter(service_id__in=ids).order_by("alias")
    for pk, alias in names.values_list("service_id", "alias"):
        aliases[pk].append(alias)
    return {row[0]: _service(row, default, targets[row[0]], aliases[row[0]]) for row in rows}


def _service(
    row: _Row, default: WorkingHours, targets: list[TargetWindow], aliases: list[str]
) -> Service:
    pk, slug, title, owner_id, owner_slug, owner_title, hours, domain, minor, currency = row[:10]
    runbook_url, dashboard_url, cover, cover_reason, deployment_target = row[10:]
    return Service(
        id=pk,
        slug=slug,
        title=title,
        owner=Team(id=owner_id, slug=owner_slug, title=owner_title),
        domain=domain,
        exposure_per_hour=_money(minor, currency),
        targets=tuple(targets),
        working_hours=stored_hours(hours, default),
        runbook_url=runbook_url,
        dashboard_url=dashboard_url,
        cover_override=Cover(cover) if cover else None,
        cover_reason=cover_reason,
        high_demand=deployment_target not in LOW_DEMAND,
        aliases=tuple(aliases),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return Money(minor, currency) if minor is not None and currency else None


def _exposure(row: models.Service) -> Money | None:
    return _money(row.exposure_minor, row.exposure_currency)


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
