"""People and teams as the catalogue compares them with its files, lists and searches them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import OuterRef, QuerySet

from andon.core.lists import counted
from andon.people import models
from andon.people.types import StoredEntity


def stored_people(*, columns: Collection[str]) -> list[StoredEntity]:
    """Return these columns of everybody, with the addresses the catalogue keeps. Two queries.

    Whole, for comparing; whoever shows a difference masks it.
    """
    contacts: dict[int, list[str]] = defaultdict(list)
    rows = models.ContactMethod.objects.filter(source="catalogue").order_by("position", "id")
    for person_id, kind, address in rows.values_list("person_id", "kind", "address"):
        contacts[person_id].append(f"{kind}:{address}")
    return _stored(models.Person.objects.all(), columns, contacts)


def stored_teams(*, columns: Collection[str]) -> list[StoredEntity]:
    """Return these columns of every team, with its members by slug. Two queries."""
    members: dict[int, list[str]] = defaultdict(list)
    pairs = models.Membership.objects.values_list("team_id", "person__slug")
    for team_id, slug in pairs.order_by("person__slug"):
        members[team_id].append(slug)
    return _stored(models.Team.objects.all(), columns, members)


def team_ids() -> dict[str, int]:
    """Return the keys of all teams, retired ones too, by slug. One query."""
    return dict(models.Team.objects.values_list("slug", "pk"))


def live_people() -> "QuerySet[Any]":
    """Return the question for everybody who is there, for who narrows it by what else is said."""
    return models.Person.objects.filter(retired_at__isnull=True, is_active=True)


def live_teams() -> "QuerySet[Any]":
    """Return the question for the teams that are not retired, for who narrows it."""
    return models.Team.objects.filter(retired_at__isnull=True)


def counted_teams() -> "QuerySet[Any]":
    """Return the question for all teams with how many people they have, for who counts more."""
    members = models.Membership.objects.filter(team=OuterRef("pk"), person__retired_at__isnull=True)
    return models.Team.objects.annotate(member_count=counted(members))


def _stored(
    rows: "QuerySet[Any]", columns: Collection[str], linked: dict[int, list[str]]
) -> list[StoredEntity]:
    return [
        StoredEntity(
            id=row["pk"],
            slug=row["slug"],
            columns={name: row[name] for name in columns},
            linked=tuple(linked[row["pk"]]),
            is_retired=row["retired_at"] is not None,
        )
        for row in rows.values("pk", "slug", "retired_at", *columns)
    ]
