"""What the database says, as facts to compare with the files', in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db.models import F, Q

from andon.catalogue import models
from andon.catalogue.actions.declared import peak_fact
from andon.catalogue.rules.plan import Facts, StandingEntity
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types.declared import (
    DeclaredDomain,
    DeclaredPerson,
    DeclaredResource,
    DeclaredRota,
    DeclaredService,
    DeclaredTeam,
)
from andon.core.documents.declaring import kept
from andon.core.money import Money
from andon.people import queries as people

Lists = dict[int, list[str]]

_SERVICE_COLUMNS = (*kept(DeclaredService), "cover_override", "insurance", "telemetry", "links")


def facts(now: datetime) -> dict[str, dict[str, StandingEntity]]:
    """Return everything the database holds, by kind and slug."""
    return {
        "organisation": _organisations(),
        "person": _people(),
        "team": _teams(),
        "domain": _domains(),
        "service": _services(now),
        "resource": _resources(),
        "rota": _rotas(),
    }


def _organisations() -> dict[str, StandingEntity]:
    return {
        row.slug: StandingEntity(row.pk, {"title": row.title, "document": row.document})
        for row in models.Organisation.objects.all()
    }


def _people() -> dict[str, StandingEntity]:
    columns = (*kept(DeclaredPerson), "name", "source")
    return {
        one.slug: StandingEntity(
            one.id,
            {**one.columns, "contacts": list(one.linked)},
            retired=one.is_retired,
            ours=one.columns["source"] == "catalogue",
        )
        for one in people.stored_people(columns=columns)
    }


def _teams() -> dict[str, StandingEntity]:
    columns = (*kept(DeclaredTeam), "working_hours")
    return {
        one.slug: StandingEntity(
            one.id, {**one.columns, "members": list(one.linked)}, retired=one.is_retired
        )
        for one in people.stored_teams(columns=columns)
    }


def _domains() -> dict[str, StandingEntity]:
    columns = kept(DeclaredDomain)
    rows = models.Domain.objects.values(
        "pk",
        "slug",
        "retired_at",
        *columns,
        owner_slug=F("owner__slug"),
        holder=F("budget_holder__slug"),
    )
    return {
        row["slug"]: StandingEntity(
            row["pk"],
            {
                **{name: row[name] for name in columns},
                "owner": row["owner_slug"] or "",
                "budget_holder": row["holder"] or "",
            },
            retired=row["retired_at"] is not None,
        )
        for row in rows
    }


def _resources() -> dict[str, StandingEntity]:
    columns = kept(DeclaredResource)
    rows = models.Resource.objects.values(
        "pk", "slug", "retired_at", *columns, owner_slug=F("owner__slug")
    )
    return {
        row["slug"]: StandingEntity(
            row["pk"],
            {**{name: row[name] for name in columns}, "owner": row["owner_slug"] or ""},
            retired=row["retired_at"] is not None,
        )
        for row in rows
    }


def _rotas() -> dict[str, StandingEntity]:
    documents = dict(
        models.RotaVersion.objects.filter(ends_at__isnull=True)
        .order_by("starts_at")
        .values_list("rota_id", "document")
    )
    rows = models.Rota.objects.select_related("team", "domain")
    return {
        row.slug: StandingEntity(
            row.pk,
            {
                **{name: getattr(row, name) for name in kept(DeclaredRota)},
                "team": row.team.slug if row.team else "",
                "domain": row.domain.slug if row.domain else "",
                "document": documents.get(row.pk, {}),
            },
            retired=row.retired_at is not None,
        )
        for row in rows
    }


def _services(now: datetime) -> dict[str, StandingEntity]:
    aliases = _grouped(
        models.ServiceAlias.objects.order_by("alias").values_list("service_id", "alias"),
        lambda alias: alias,
    )
    base, peaks = _targets(now)
    needs = _needs()
    rows = models.Service.objects.values(
        "pk",
        "slug",
        "retired_at",
        "exposure_minor",
        "exposure_currency",
        *_SERVICE_COLUMNS,
        owner_slug=F("owner__slug"),
        domain_slug=F("domain__slug"),
        holder=F("budget_holder__slug"),
    )
    found = {}
    for row in rows:
        pk = row["pk"]
        known: Facts = {name: row[name] for name in _SERVICE_COLUMNS}
        known.update(
            owner=row["owner_slug"] or "",
            domain=row["domain_slug"] or "",
            budget_holder=row["holder"] or "",
            exposure=_exposure(row["exposure_minor"], row["exposure_currency"]),
            target=base.get(pk, ""),
            peaks=sorted(peaks.get(pk, ())),
            aliases=aliases.get(pk, []),
            needs=sorted(needs.get(pk, ())),
        )
        found[row["slug"]] = StandingEntity(pk, known, retired=row["retired_at"] is not None)
    return found


def _targets(now: datetime) -> tuple[dict[int, str], Lists]:
    base: dict[int, str] = {}
    peaks: Lists = defaultdict(list)
    rows = models.AvailabilityTarget.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    for service_id, ppm, kind, starts_at, ends_at in rows.values_list(
        "service_id", "ppm", "kind", "starts_at", "ends_at"
    ):
        if kind == "peak" and ends_at is not None:
            peaks[service_id].append(peak_fact(ppm, starts_at, ends_at, now))
        elif ends_at is None:
            base[service_id] = format_target(ppm)
    return base, peaks


def _needs() -> Lists:
    needs: Lists = defaultdict(list)
    rows = models.Dependency.objects.values_list(
        "service_id", "on_service__slug", "on_resource__slug", "hardness"
    )
    for service_id, service, resource, hardness in rows:
        thing = f"service:{service}" if service else f"resource:{resource}"
        needs[service_id].append(f"{thing} {hardness}")
    return needs


def _grouped(pairs: object, read: Callable[[str], str]) -> Lists:
    found: Lists = defaultdict(list)
    for key, value in pairs:  # type: ignore[attr-defined]
        found[key].append(read(value))
    return found


def _exposure(minor: int | None, currency: str) -> str:
    return Money(minor, currency).exact if minor is not None and currency else ""
