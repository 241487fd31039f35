"""Reads: who people are, how they are reached, who is in which team."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from andon.people import models, rules
from andon.people.types import Contact, ContactKind, ContactMethod, Person, SignInTry, Team, Wait

#: More tries than this say no more about an attack.
_MOST_TRIES = 1000


def contacts(*, slugs: Collection[str], whole: bool = False) -> dict[str, Person]:
    """Return active people by slug, each with their usable contacts in order. Two queries.

    The addresses are as colleagues may see them; `whole` is for who sends to them.
    """
    rows = models.Person.objects.filter(slug__in=slugs, is_active=True, retired_at__isnull=True)
    return {person.slug: person for person in _people(rows, whole=whole)}


def contact_methods(*, person_id: int, viewer_id: int | None) -> tuple[ContactMethod, ...]:
    """Return how a person is reached, usable or not: addresses whole to themselves only."""
    own = person_id == viewer_id
    rows = models.ContactMethod.objects.filter(person_id=person_id).order_by("position", "id")
    return tuple(_method(row, own=own) for row in rows)


def members(*, team_ids: Collection[int], whole: bool = False) -> dict[int, tuple[Person, ...]]:
    """Return the active members of teams with their contacts, by name. Three queries.

    The addresses are as in `contacts`.
    """
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
    rows = models.Person.objects.filter(id__in=wanted)
    values = {one.id: one for one in _people(rows, whole=whole)}
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


def sign_in_wait(*, name: str, network: str, device: str, now: datetime) -> Wait | None:
    """Return how long a try to sign in has to wait and why, or None. One query."""
    rows = models.SignInTry.objects.filter(
        Q(name=name) | Q(network=network), at__gt=now - rules.WINDOW
    ).order_by("-at")
    found = rows.values_list("at", "name", "network", "device")[:_MOST_TRIES]
    tries = [SignInTry(*row) for row in found]
    return rules.sign_in_wait(tries=tries, name=name, network=network, device=device, now=now)


def team_value(row: models.Team) -> Team:
    """Return a team's row as the value others use."""
    return Team(id=row.pk, slug=row.slug, title=row.title)


def _method(row: models.ContactMethod, *, own: bool) -> ContactMethod:
    contact = Contact(ContactKind(row.kind), row.address)
    shown = contact if own else rules.listed(contact=contact)
    fault = rules.said_of(row.fault, address=row.address)
    return ContactMethod(kind=shown.kind, address=shown.address, fault=fault)


def _people(rows: QuerySet[models.Person], *, whole: bool) -> list[Person]:
    """Read people as plain rows: whoever pages them waits for this."""
    people = list(rows.values_list("id", "slug", "name", "timezone"))
    methods = models.ContactMethod.objects.filter(person_id__in=[one[0] for one in people])
    found: dict[int, list[Contact]] = defaultdict(list)
    marked: dict[int, list[Contact]] = defaultdict(list)
    for person_id, kind, address, fault in methods.order_by("position", "id").values_list(
        "person_id", "kind", "address", "fault"
    ):
        contact = Contact(ContactKind(kind), address)
        shown = contact if whole else rules.listed(contact=contact)
        (marked if fault else found)[person_id].append(shown)
    return [
        Person(pk, slug, name, timezone, contacts=tuple(found[pk]), marked=tuple(marked[pk]))
        for pk, slug, name, timezone in people
    ]
