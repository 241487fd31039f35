"""Which teams there are, and who is in them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from andon.people import models
from andon.people.types import (
    Team,
)


def find_teams(*, slugs: Collection[str]) -> dict[str, Team]:
    """Return teams that are not retired, by slug. One query."""
    rows = models.Team.objects.filter(slug__in=slugs, retired_at__isnull=True)
    return {row[1]: Team(*row) for row in rows.values_list("id", "slug", "title")}


def find_team(*, slug: str) -> Team | None:
    """Return one team, retired or not, or None."""
    row = models.Team.objects.filter(slug=slug.lower()).first()
    return team_value(row) if row else None


def teams_of(*, person_id: int) -> tuple[Team, ...]:
    """Return the teams a person belongs to that are not retired."""
    rows = models.Team.objects.filter(
        memberships__person_id=person_id, retired_at__isnull=True
    ).order_by("title")
    return tuple(team_value(row) for row in rows)


def team_value(row: models.Team) -> Team:
    """Return a team's row as the value others use."""
    return Team(id=row.pk, slug=row.slug, title=row.title)


def team_hours(*, slugs: Collection[str] | None = None) -> dict[str, Mapping[str, Any]]:
    """Return the working hours of some teams or of all, by slug, as the catalogue stored them.

    Empty means the organisation's. One query.
    """
    rows = (
        models.Team.objects.all() if slugs is None else models.Team.objects.filter(slug__in=slugs)
    )
    return dict(rows.values_list("slug", "working_hours"))


def is_member(*, person: str, team: str) -> bool:
    """Return whether somebody is in a team, both by slug. One query."""
    rows = models.Membership.objects.filter(person__slug=person, team__slug=team)
    return rows.exists()


def members_by_team() -> dict[str, set[str]]:
    """Return who is active in each team that has anybody, by slug. One query."""
    found: dict[str, set[str]] = defaultdict(set)
    for team, person in _active().values_list("team__slug", "person__slug"):
        found[team].add(person)
    return found


def count_members() -> dict[str, int]:
    """Return how many active people each team has that is not retired, by slug. One query."""
    active = Q(memberships__person__is_active=True, memberships__person__retired_at__isnull=True)
    rows = models.Team.objects.filter(retired_at__isnull=True)
    counted = rows.annotate(count=Count("memberships", filter=active, distinct=True))
    return dict(counted.values_list("slug", "count"))


def count_memberships() -> int:
    """Return how many times somebody active is in a team: it changes as people come and go."""
    return _active().count()


def _active() -> "QuerySet[models.Membership]":
    return models.Membership.objects.filter(person__is_active=True, person__retired_at__isnull=True)
