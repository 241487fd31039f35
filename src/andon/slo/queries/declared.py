"""The estate in force: what telemetry is generated from, read from the database."""

from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from andon.catalogue import queries
from andon.catalogue.rules.cover import cover_for
from andon.catalogue.types import LOW_DEMAND, Organisation, ServiceLine
from andon.core.lists import Some
from andon.core.money import Money
from andon.slo.models import Declaration
from andon.slo.rules.documents import shorts
from andon.slo.rules.documents.estate import estate_from
from andon.slo.rules.documents.stored import stored_alert, stored_objective
from andon.slo.rules.documents.subjects import Rotas, RotaSubject, notes_of
from andon.slo.types import Estate, MeasuredObjective, Objective, OwnAlert, Subject


def estate(andon_url: str = "") -> Estate:
    """Return everything telemetry is generated from. Seven queries, however many services.

    It equals `slo.rules.documents.estate_of` of the folder that was applied last.
    """
    organisation = queries.organisation()
    return estate_from(
        organisation=organisation,
        subjects=_subjects(organisation),
        objectives=objectives(),
        alerts=alerts(),
        andon_url=andon_url,
    )


def objectives() -> tuple[Objective, ...]:
    """Return the objectives in force by slug. One query."""
    return tuple(
        stored_objective(slug=slug, document=document, declared_at=place)
        for slug, document, place in _declared("slo")
    )


def alerts() -> tuple[OwnAlert, ...]:
    """Return the alerts of teams' own in force by slug. One query."""
    return tuple(
        stored_alert(slug=slug, document=document, declared_at=place)
        for slug, document, place in _declared("alert")
    )


def declarations() -> dict[str, tuple[int, Objective]]:
    """Return the objectives in force with the keys of their rows, by slug. One query."""
    rows = _in_force("slo").values_list("pk", "slug", "document", "declared_at")
    return {
        slug: (pk, stored_objective(slug=slug, document=document, declared_at=place))
        for pk, slug, document, place in rows
    }


def count_declared() -> int:
    """Return how many objectives and alerts of teams' own are in force. One query."""
    return Declaration.objects.filter(retired_at=None, service__retired_at=None).count()


def count_kinds() -> tuple[int, int]:
    """Return how many objectives and how many alerts of teams' own are declared. One query."""
    found = Declaration.objects.filter(retired_at__isnull=True).aggregate(
        objectives=Count("pk", filter=Q(kind="slo")), alerts=Count("pk", filter=Q(kind="alert"))
    )
    return found["objectives"], found["alerts"]


def unmeasured(*, most: int) -> Some[ServiceLine]:
    """Return the services that no objective measures, by slug. Two queries at most."""
    return queries.some_services(but=_measured(), most=most)


def without_runbook(*, most: int) -> Some[ServiceLine]:
    """Return the services whose alerts lead to no runbook, by slug. Two queries at most."""
    return queries.some_services(among=_measured(), without_runbook=True, most=most)


def _measured() -> "QuerySet[Any, Any]":
    rows = Declaration.objects.filter(kind="slo", retired_at__isnull=True)
    return rows.values("service_id")


def state_of_declarations() -> str:
    """Return a text that changes whenever something is declared or goes. One query."""
    found = Declaration.objects.aggregate(
        count=Count("pk"), made=Max("created_at"), gone=Max("retired_at")
    )
    return f"{found['count']} {found['made']} {found['gone']}"


def measured_services() -> dict[str, int]:
    """Return the keys of services that have an objective in force, by slug. One query."""
    return dict(_in_force("slo").values_list("service__slug", "service_id"))


def live_objectives() -> QuerySet[Any]:
    """Return the question for the objectives in force, for who narrows it by what it measured."""
    return _in_force("slo").select_related("service__owner", "service__domain")


def measured(row: Any) -> MeasuredObjective:
    """Return the value of a row of `live_objectives`."""
    service = row.service
    minor, currency = service.exposure_minor, service.exposure_currency
    return MeasuredObjective(
        id=row.pk,
        slug=row.slug,
        document=row.document,
        service=service.slug,
        service_title=service.title,
        exposure=Money(minor, currency) if minor is not None else None,
        team=service.owner.slug,
        team_title=service.owner.title,
        domain=service.domain.slug if service.domain else "",
    )


def _declared(kind: str) -> list[tuple[str, dict[str, object], str]]:
    # Sorted here: databases differ in how they order `-`, and what is generated must not.
    return sorted(_in_force(kind).values_list("slug", "document", "declared_at"), key=_slug)


def _slug(row: tuple[str, dict[str, object], str]) -> str:
    return row[0]


def _in_force(kind: str) -> QuerySet[Declaration]:
    return Declaration.objects.filter(kind=kind, retired_at=None, service__retired_at=None)


def _subjects(organisation: Organisation) -> tuple[Subject, ...]:
    rotas, lowest = _rotas(), min(level.target_ppm for level in organisation.levels)
    found = []
    for one in queries.standing_services():
        target = max((window.target_ppm for window in one.targets), default=lowest)
        high = one.deployment_target not in LOW_DEMAND
        bought = cover_for(ppm=target, organisation=organisation, high_demand=high).cover
        cover = one.cover_override or bought
        notes = notes_of(one.telemetry)
        found.append(
            Subject(
                slug=one.slug,
                title=one.title,
                team=one.team,
                team_title=one.team_title,
                domain=one.domain or "",
                target_ppm=target,
                cover=cover,
                exposure_per_hour=one.exposure,
                runbook_url=one.runbook_url,
                dashboard_url=one.dashboard_url,
                rota=rotas.of(cover=cover, team=one.team, domain=one.domain or ""),
                needs=one.needs,
                scrape_job=shorts.scrape_job(notes),
                closures=shorts.closures(notes),
                cloudwatch=shorts.cloudwatch(notes),
                declared_at=one.declared_at,
            )
        )
    return tuple(sorted(found, key=lambda one: one.slug))


def _rotas() -> Rotas:
    return Rotas(
        RotaSubject(one.slug, one.team or "", one.domain or "", one.covers)
        for one in queries.places_of_rotas()
    )
