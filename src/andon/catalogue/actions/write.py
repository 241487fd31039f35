"""Carrying a plan out: tables in the order of their foreign keys, a few statements each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from andon.catalogue import models
from andon.catalogue.actions import parts, versions
from andon.catalogue.actions.ownership import write_ownership
from andon.catalogue.rules.documents.organisation import working_hours_document
from andon.catalogue.rules.plan import EntityAct, PlanLine
from andon.catalogue.types.declared import (
    Catalogue,
    DeclaredDomain,
    DeclaredResource,
    DeclaredRota,
    DeclaredService,
    DeclaredTeam,
)
from andon.core import rows
from andon.core.documents.declaring import kept, stored
from andon.people import actions as people_actions
from andon.people import queries as people_queries

#: Kinds whose tables are those of people; they go first.
OF_PEOPLE = ("person", "team")
TABLES: Mapping[str, type[Model]] = {
    "domain": models.Domain,
    "service": models.Service,
    "resource": models.Resource,
    "rota": models.Rota,
}
#: What is written again when an entity is touched. Passwords and rights of people never are.
DOMAIN_FIELDS = ("owner", "budget_holder", *kept(DeclaredDomain))
RESOURCE_FIELDS = ("owner", *kept(DeclaredResource))
ROTA_FIELDS = ("team", "domain", *kept(DeclaredRota))
SERVICE_FIELDS = (
    *kept(DeclaredService),
    "owner",
    "domain",
    "budget_holder",
    "exposure_minor",
    "exposure_currency",
    "cover_override",
    "insurance",
    "telemetry",
    "links",
    "declared_at",
    "digest",
    "updated_at",
)
_WRITTEN = frozenset({EntityAct.ADDED, EntityAct.CHANGED, EntityAct.RENAMED, EntityAct.RESTORED})


@dataclass(frozen=True, slots=True)
class EntityWork:
    """What is to be done, by kind."""

    catalogue: Catalogue
    changes: tuple[PlanLine, ...]
    digests: Mapping[str, str]
    now: datetime

    def touched(self, kind: str, field: str = "") -> set[str]:
        """Return the slugs of a kind that are written, or those whose one field differs."""
        return {
            change.slug
            for change in self.changes
            if change.kind == kind and change.act in _WRITTEN
            if not field or field in change.fields
        }

    def acted(self, kind: str, act: EntityAct) -> list[PlanLine]:
        """Return the changes of a kind by what is done."""
        return [one for one in self.changes if one.kind == kind and one.act is act]


def carry_out(work: EntityWork) -> None:
    """Write everything a plan says. The caller holds the transaction."""
    for kind in OF_PEOPLE:
        for change in work.acted(kind, EntityAct.RENAMED):
            people_actions.rename(kind=kind, was=change.was, slug=change.slug)
    for kind, model in TABLES.items():
        for change in work.acted(kind, EntityAct.RENAMED):
            QuerySet(model).filter(slug=change.was).update(slug=change.slug)
    _organisation(work)
    _people(work)
    _teams(work)
    _domains(work)
    _services(work)
    _rotas(work)
    write_ownership(now=work.now)
    _retire(work)


def _organisation(work: EntityWork) -> None:
    if not work.touched("organisation"):
        return
    organisation = work.catalogue.organisation
    models.Organisation.objects.exclude(slug=organisation.slug).delete()
    models.Organisation.objects.update_or_create(
        slug=organisation.slug,
        defaults={
            "title": organisation.title,
            "document": work.catalogue.organisation_document,
        },
    )


def _people(work: EntityWork) -> None:
    declared = work.catalogue.people
    people_actions.write_people(
        declared={
            slug: {"name": declared[slug].name, **stored(declared[slug])}
            for slug in sorted(work.touched("person"))
        }
    )
    touched = work.touched("person", "contacts")
    people_actions.write_contacts(declared={slug: declared[slug].contacts for slug in touched})


def _teams(work: EntityWork) -> None:
    declared = work.catalogue.teams
    people_actions.write_teams(
        declared={slug: _team(declared[slug]) for slug in sorted(work.touched("team"))}
    )
    touched = work.touched("team", "members")
    people_actions.write_members(declared={slug: declared[slug].members for slug in touched})


def _team(one: DeclaredTeam) -> dict[str, Any]:
    hours = working_hours_document(one.working_hours) if one.working_hours else {}
    return {**stored(one), "working_hours": hours}


def _domains(work: EntityWork) -> None:
    touched = sorted(work.touched("domain"))
    if touched:
        teams, people = people_queries.team_ids(), people_queries.ids()
        declared = [work.catalogue.domains[slug] for slug in touched]
        domains = [
            models.Domain(
                slug=one.slug,
                **stored(one),
                owner_id=teams.get(one.owner),
                budget_holder_id=people.get(one.budget_holder),
            )
            for one in declared
        ]
        rows.upsert(models.Domain, domains, fields=DOMAIN_FIELDS)


def _services(work: EntityWork) -> None:
    resources = sorted(work.touched("resource"))
    touched = sorted(work.touched("service"))
    teams = people_queries.team_ids() if resources or touched else {}
    declared = [work.catalogue.resources[slug] for slug in resources]
    found = [
        models.Resource(slug=one.slug, **stored(one), owner_id=teams.get(one.owner))
        for one in declared
    ]
    rows.upsert(models.Resource, found, fields=RESOURCE_FIELDS)
    if not touched:
        return
    domains, people = rows.ids(models.Domain), people_queries.ids()
    services = [_service(work, slug, teams, domains, people) for slug in touched]
    rows.upsert(models.Service, services, fields=SERVICE_FIELDS)
    parts.write_aliases(work.catalogue, work.touched("service", "aliases"))
    parts.write_targets(work.catalogue, work.touched("service", "target"), work.now)
    parts.write_peaks(work.catalogue, work.touched("service", "peaks"), work.now)
    parts.write_needs(work.catalogue, work.touched("service", "needs"))


def _service(
    work: EntityWork,
    slug: str,
    teams: Mapping[str, int],
    domains: Mapping[str, int],
    people: Mapping[str, int],
) -> models.Service:
    one = work.catalogue.services[slug]
    return models.Service(
        slug=slug,
        **stored(one),
        owner_id=teams[one.owner],
        domain_id=domains.get(one.domain),
        budget_holder_id=people.get(one.budget_holder),
        exposure_minor=one.exposure.minor if one.exposure else None,
        exposure_currency=one.exposure.currency if one.exposure else "",
        cover_override=one.cover_override or "",
        insurance=dict(one.insurance_document),
        telemetry=dict(one.telemetry_document),
        links=[dict(link) for link in one.links],
        declared_at=one.entity.where,
        digest=work.digests[slug],
        updated_at=work.now,
    )


def _rotas(work: EntityWork) -> None:
    touched = sorted(work.touched("rota"))
    if not touched:
        return
    teams, domains = people_queries.team_ids(), rows.ids(models.Domain)
    declared = [work.catalogue.rotas[slug] for slug in touched]
    rotas = [
        models.Rota(
            slug=one.slug,
            **stored(one),
            team_id=teams.get(one.team),
            domain_id=domains.get(one.domain),
        )
        for one in declared
    ]
    rows.upsert(models.Rota, rotas, fields=ROTA_FIELDS)
    changed = work.touched("rota", "document") | _slugs(work.acted("rota", EntityAct.RESTORED))
    versions.write_versions(
        {slug: work.catalogue.rotas[slug].document for slug in changed},
        work.now,
        leaving=_slugs(work.acted("person", EntityAct.REMOVED)),
        returning=_slugs(work.acted("person", EntityAct.RESTORED)),
    )


def _retire(work: EntityWork) -> None:
    for kind in OF_PEOPLE:
        people_actions.retire(kind=kind, slugs=_removed(work, kind), now=work.now)
        people_actions.restore(kind=kind, slugs=_back(work, kind))
    for kind, model in TABLES.items():
        rows.update(model, _removed(work, kind), retired_at=work.now)
        extra = {"lapsed_at": None} if kind == "service" else {}
        rows.update(model, _back(work, kind), retired_at=None, **extra)
    versions.close_versions(_slugs(work.acted("rota", EntityAct.REMOVED)), work.now)
    lapsed = _slugs(work.acted("service", EntityAct.LAPSED))
    rows.update(models.Service, lapsed, lapsed_at=work.now)


def _removed(work: EntityWork, kind: str) -> set[str]:
    return _slugs(work.acted(kind, EntityAct.REMOVED))


def _back(work: EntityWork, kind: str) -> set[str]:
    return _slugs([*work.acted(kind, EntityAct.RESTORED), *work.acted(kind, EntityAct.RENAMED)])


def _slugs(changes: Iterable[PlanLine]) -> set[str]:
    return {change.slug for change in changes}
