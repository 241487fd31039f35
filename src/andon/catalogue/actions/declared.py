"""What the files say, as facts that can be compared with the database's."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from andon.catalogue.rules.documents.organisation import working_hours_document
from andon.catalogue.rules.plan import Facts
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types.declared import (
    Catalogue,
    DeclaredDomain,
    DeclaredPerson,
    DeclaredResource,
    DeclaredRota,
    DeclaredService,
    DeclaredTeam,
    Peak,
)
from andon.core.documents import declaring


def person(one: DeclaredPerson) -> Facts:
    """Return the facts of a person."""
    return {
        **declaring.stored(one),
        "name": one.name,
        "contacts": [f"{contact.kind}:{contact.address}" for contact in one.contacts],
        "source": "catalogue",
    }


def team(one: DeclaredTeam) -> Facts:
    """Return the facts of a team."""
    hours = one.working_hours
    return {
        **declaring.stored(one),
        "working_hours": working_hours_document(hours) if hours else {},
        "members": sorted(one.members),
    }


def domain(one: DeclaredDomain) -> Facts:
    """Return the facts of a domain."""
    return {**declaring.stored(one), "owner": one.owner, "budget_holder": one.budget_holder}


def resource(one: DeclaredResource) -> Facts:
    """Return the facts of a resource."""
    return {**declaring.stored(one), "owner": one.owner}


def rota(one: DeclaredRota) -> Facts:
    """Return the facts of a rota."""
    found = declaring.stored(one)
    return {**found, "team": one.team, "domain": one.domain, "document": one.document}


def service(one: DeclaredService, now: datetime) -> Facts:
    """Return the facts of a service. Peak windows that are over are history, not facts."""
    peaks = [peak_fact(peak.target_ppm, peak.starts_at, peak.ends_at, now) for peak in one.peaks]
    return {
        **declaring.stored(one),
        "owner": one.owner,
        "domain": one.domain,
        "budget_holder": one.budget_holder,
        "exposure": one.exposure.exact if one.exposure else "",
        "target": format_target(one.target_ppm),
        "peaks": sorted({fact for fact in peaks if fact}),
        "cover_override": str(one.cover_override or ""),
        "insurance": one.insurance_document,
        "telemetry": one.telemetry_document,
        "links": [dict(link) for link in one.links],
        "aliases": sorted(one.aliases),
        "needs": sorted(f"{kind}:{slug} {hard}" for (kind, slug), hard in one.needs.items()),
    }


def peak_fact(ppm: int, starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Return a peak window as a fact; empty once it is over.

    A window that has begun is known by its end only: it may have been declared after it began.
    """
    if ends_at <= now:
        return ""
    start = starts_at.isoformat() if starts_at > now else "now"
    return f"{start}/{ends_at.isoformat()}={format_target(ppm)}"


def future_peaks(one: DeclaredService, now: datetime) -> tuple[Peak, ...]:
    """Return the peak windows that are not over."""
    return tuple(peak for peak in one.peaks if peak.ends_at > now)


def facts(catalogue: Catalogue, now: datetime) -> dict[str, dict[str, Facts]]:
    """Return the facts of everything declared, by kind and slug."""
    return {
        "organisation": {
            catalogue.organisation.slug: {
                "title": catalogue.organisation.title,
                "document": catalogue.organisation_document,
            }
        },
        "person": _each(catalogue.people, person),
        "team": _each(catalogue.teams, team),
        "domain": _each(catalogue.domains, domain),
        "service": _each(catalogue.services, lambda one: service(one, now)),
        "resource": _each(catalogue.resources, resource),
        "rota": _each(catalogue.rotas, rota),
    }


def former(catalogue: Catalogue) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the former names of everything that may be renamed, by kind and slug.

    People may not: what their rotas said in the past names them by their slug.
    """
    groups: dict[str, Mapping[str, Any]] = {
        "team": catalogue.teams,
        "domain": catalogue.domains,
        "service": catalogue.services,
        "resource": catalogue.resources,
        "rota": catalogue.rotas,
    }
    return {
        kind: {slug: one.aliases for slug, one in declared.items() if one.aliases}
        for kind, declared in groups.items()
    }


def _each(declared: Mapping[str, Any], read: Callable[[Any], Facts]) -> dict[str, Facts]:
    return {slug: read(one) for slug, one in declared.items()}
