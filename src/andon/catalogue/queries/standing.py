"""Every service with all that its cover and its risk hang on."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Q

from andon.catalogue import models
from andon.catalogue.rules.documents.organisation import stored_hours
from andon.catalogue.types import (
    Cover,
    DomainKind,
    Hardness,
    ServiceFunding,
    StandingService,
    TargetWindow,
    WorkingHours,
)
from andon.core.money import Money

_COLUMNS = (
    "id", "slug", "title", "owner__slug", "owner__title", "owner__working_hours", "domain__slug",
    "domain__kind", "exposure_minor", "exposure_currency", "cover_override", "deployment_target",
    "insurance", "telemetry", "runbook_url", "dashboard_url", "declared_at",
)  # fmt: skip


def service_ids() -> dict[str, int]:
    """Return the keys of all services, retired ones too, by slug. One query."""
    return dict(models.Service.objects.values_list("slug", "pk"))


def retirements() -> dict[int, datetime | None]:
    """Return every service there ever was, by key, and when it was retired. One query."""
    return dict(models.Service.objects.values_list("pk", "retired_at"))


def hours_of_domains(*, default: WorkingHours) -> dict[int, tuple[str, WorkingHours]]:
    """Return every domain by key: its slug, and when its owner is at work. One query."""
    rows = models.Domain.objects.values_list("pk", "slug", "owner__working_hours")
    return {pk: (slug, stored_hours(hours or {}, default)) for pk, slug, hours in rows}


def budget_holder_of(*, service_id: int) -> int | None:
    """Return the key of who pays for a service, or None. One query."""
    rows = models.Service.objects.filter(pk=service_id)
    return rows.values_list("budget_holder_id", flat=True).first()


def funding_of_services() -> list[ServiceFunding]:
    """Return who pays for each service in force, by slug, and from what. One query."""
    rows = models.Service.objects.filter(retired_at__isnull=True).order_by("slug")
    found = rows.values_list(
        "slug", "owner__slug", "domain__slug", "budget_holder__slug",
        "domain__budget_holder__slug", "funding",
    )  # fmt: skip
    return [ServiceFunding(*row) for row in found]


def standing_services(*, now: datetime | None = None) -> list[StandingService]:
    """Return the services that are not retired, by slug. Three queries, however many there are.

    With `now` also the peaks that are not over.
    """
    targets: dict[int, list[TargetWindow]] = defaultdict(list)
    standing = Q(kind="base", ends_at__isnull=True)
    if now is not None:
        standing |= Q(kind="peak", ends_at__gt=now)
    windows = models.AvailabilityTarget.objects.filter(standing).order_by("starts_at")
    for pk, ppm, starts_at, ends_at, kind in windows.values_list(
        "service_id", "ppm", "starts_at", "ends_at", "kind"
    ):
        targets[pk].append(TargetWindow(ppm, starts_at, ends_at, kind))
    needs: dict[int, set[str]] = defaultdict(set)
    hard = models.Dependency.objects.filter(hardness=Hardness.HARD, on_service__isnull=False)
    for service_id, slug in hard.values_list("service_id", "on_service__slug"):
        needs[service_id].add(str(slug))
    rows = models.Service.objects.filter(retired_at__isnull=True).order_by("slug")
    found = []
    for row in rows.values_list(*_COLUMNS):
        pk, slug, title, team, team_title, hours, domain, domain_kind, minor, currency = row[:10]
        override, deployment_target, insurance, telemetry, runbook, dashboard, place = row[10:]
        found.append(
            StandingService(
                slug=slug,
                title=title,
                team=team,
                team_title=team_title,
                domain=domain,
                domain_kind=DomainKind(domain_kind) if domain_kind else None,
                exposure=Money(minor, currency) if minor is not None and currency else None,
                targets=tuple(targets[pk]),
                cover_override=Cover(override) if override else None,
                deployment_target=deployment_target,
                working_hours=hours,
                insurance=insurance,
                needs=tuple(sorted(needs[pk])),
                telemetry=telemetry,
                runbook_url=runbook,
                dashboard_url=dashboard,
                declared_at=place,
            )
        )
    return found
