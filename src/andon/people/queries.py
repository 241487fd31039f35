"""Reads: who people are, how they are reached, who is in which team."""

from collections.abc import Collection, Iterable

from django.db.models import Prefetch

from andon.people import models
from andon.people.types import Contact, ContactKind, Person, Team

_USABLE = Prefetch(
    "contact_methods",
    queryset=models.ContactMethod.objects.filter(fault="").order_by("position", "id"),
    to_attr="usable_contacts",
)


def contacts(*, slugs: Collection[str]) -> dict[str, Person]:
    """Return active people by slug, each with their usable contacts in order. Two queries."""
    rows = models.Person.objects.filter(slug__in=slugs, is_active=True, retired_at__isnull=True)
    return {row.slug: _person(row) for row in rows.prefetch_related(_USABLE)}


def members(*, team_ids: Collection[int]) -> dict[int, tuple[Person, ...]]:
    """Return the active members of teams with their contacts, by name. Three queries."""
    pairs = (
        models.Membership.objects.filter(
            team_id__in=team_ids, person__is_active=True, person__retired_at__isnull=True
        )
        .order_by("person__name", "person_id")
        .values_list("team_id", "person_id")
    )
    by_team: dict[int, list[int]] = {team_id: [] for team_id in team_ids}
    for team_id, person_id in pairs:
        by_team[team_id].append(person_id)
    wanted = {person_id for ids in by_team.values() for person_id in ids}
    people = models.Person.objects.filter(id__in=wanted).prefetch_related(_USABLE)
    values = {row.id: _person(row) for row in people}
    return {team_id: tuple(values[one] for one in ids) for team_id, ids in by_team.items()}


def find_person(*, slug: str) -> Person | None:
    """Return one active person, or None."""
    return contacts(slugs=[slug.lower()]).get(slug.lower())


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


def names(*, slugs: Collection[str]) -> dict[str, str]:
    """Return people's names by slug, whether or not they have left. One query."""
    rows = models.Person.objects.filter(slug__in=slugs).values_list("slug", "name")
    return dict(rows)


def team_value(row: models.Team) -> Team:
    """Return a team's row as the value others use."""
    return Team(id=row.pk, slug=row.slug, title=row.title)


def _person(row: models.Person) -> Person:
    methods: Iterable[models.ContactMethod] = getattr(row, "usable_contacts", ())
    return Person(
        id=row.pk,
        slug=row.slug,
        name=row.name,
        timezone=row.timezone,
        contacts=tuple(Contact(ContactKind(one.kind), one.address) for one in methods),
    )
