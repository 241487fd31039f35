"""Teams and domains with what they hold."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet

from andon.catalogue import models
from andon.catalogue.queries.searching import holds
from andon.catalogue.types import DomainKind, DomainRow, TeamRow
from andon.core import folding
from andon.core.lists import counted
from andon.people import queries as people
from andon.people.queries import team_value


def list_teams(*, search: str = "", limit: int = 200, after: str = "") -> tuple[TeamRow, ...]:
    """Return one page of the teams that are not retired, by slug. One query."""
    rows = counted_teams().filter(retired_at__isnull=True, slug__gt=after.lower())
    rows = rows.filter(holds(kind="team", words=folding.words(search)))
    return tuple(team_row(row) for row in rows.order_by("slug")[:limit])


def find_team(*, slug: str) -> TeamRow | None:
    """Return one team, retired ones too, or None. One query."""
    row = counted_teams().filter(slug=slug.lower()).first()
    return team_row(row) if row else None


def list_teams_services(*, team: str) -> tuple[str, ...]:
    """Return the slugs of the services a team owns. One query."""
    rows = models.Service.objects.filter(owner__slug=team.lower(), retired_at__isnull=True)
    return tuple(rows.order_by("slug").values_list("slug", flat=True))


def list_domains(*, limit: int = 200, after: str = "") -> tuple[DomainRow, ...]:
    """Return one page of the domains that are not retired, by slug. One query."""
    rows = counted_domains().filter(retired_at__isnull=True, slug__gt=after.lower())
    return tuple(domain_row(row) for row in rows.order_by("slug")[:limit])


def find_domain(*, slug: str) -> DomainRow | None:
    """Return one domain, retired ones too, or None. One query."""
    row = counted_domains().filter(slug=slug.lower()).first()
    return domain_row(row) if row else None


def owners_of_domains(*, domains: Collection[str], since: datetime) -> dict[str, list[str]]:
    """Return the teams with a service in each domain; its owner where it has none. Two queries.

    Services that were retired after `since` count.
    """
    rows = models.Service.objects.filter(
        Q(retired_at__isnull=True) | Q(retired_at__gt=since), domain__slug__in=domains
    )
    found: dict[str, list[str]] = {}
    for domain, team in rows.values_list("domain__slug", "owner__slug").distinct().order_by():
        found.setdefault(str(domain), []).append(team)
    bare = set(domains) - found.keys()
    if bare:
        owned = models.Domain.objects.filter(slug__in=bare, owner__isnull=False)
        found.update({slug: [str(team)] for slug, team in owned.values_list("slug", "owner__slug")})
    return found


def has_service_in(*, person: str, domain: str) -> bool:
    """Return whether a team of somebody owns a service in a domain, both by slug. One query."""
    rows = models.Service.objects.filter(domain__slug=domain)
    return rows.filter(owner__memberships__person__slug=person).exists()


def counted_teams() -> "QuerySet[Any]":
    """Return teams with how many services and people they have."""
    services = models.Service.objects.filter(owner=OuterRef("pk"), retired_at__isnull=True)
    teams: QuerySet[Any] = people.counted_teams().annotate(service_count=counted(services))
    return teams


def counted_domains() -> QuerySet[models.Domain]:
    """Return domains with how many services they have."""
    live = Count("services", filter=Q(services__retired_at__isnull=True))
    return models.Domain.objects.select_related("owner").annotate(service_count=live)


def team_row(row: Any) -> TeamRow:
    """Return the value of a team that was counted."""
    return TeamRow(
        id=row.pk,
        slug=row.slug,
        title=row.title,
        description=row.description,
        email=row.email,
        channel=row.channel,
        services=row.service_count,
        members=row.member_count,
        retired_at=row.retired_at,
    )


def domain_row(row: models.Domain) -> DomainRow:
    """Return the value of a domain that was counted."""
    return DomainRow(
        id=row.pk,
        slug=row.slug,
        title=row.title,
        kind=DomainKind(row.kind),
        owner=team_value(row.owner) if row.owner else None,
        services=row.service_count,  # type: ignore[attr-defined]
        retired_at=row.retired_at,
    )
