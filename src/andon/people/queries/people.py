"""Who people are, and how they are reached."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from andon.core import matching
from andon.people import models, rules
from andon.people.queries.teams import team_value
from andon.people.types import (
    CONTACT_KINDS,
    EMAIL,
    Contact,
    ContactMethod,
    ListedPerson,
    Person,
    PersonRow,
    Profile,
    Team,
)

#: Of contact methods: those of people who still work here.
_HERE = Q(person__is_active=True, person__retired_at__isnull=True)
#: More names than this are not sent to the database one by one: all people are read instead.
_NAMES_AT_ONCE = 500


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


def reachable(*, usable: bool) -> list[list[tuple[str, str]]]:
    """Return the addresses of everybody who may be paged, masked, as kind and address. Two queries.

    Those of the catalogue are in it also when they have none. `usable` leaves out what was refused.
    """
    methods = models.ContactMethod.objects.filter(_HERE)
    if usable:
        methods = methods.filter(fault="")
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for person_id, kind, address in methods.values_list("person_id", "kind", "address"):
        found[person_id].append((kind, rules.masked(kind=kind, address=address)))
    rows = models.Person.objects.filter(is_active=True, retired_at__isnull=True)
    for pk in rows.filter(source="catalogue").values_list("id", flat=True):
        found.setdefault(pk, [])
    return list(found.values())


def has_reachable() -> bool:
    """Return whether somebody who may be paged has a usable address. One query."""
    return models.ContactMethod.objects.filter(_HERE, fault="").exists()


def find_person(*, slug: str) -> Person | None:
    """Return one active person, or None."""
    return contacts(slugs=[slug.lower()]).get(slug.lower())


def list_people(
    *, search: str = "", team: str = "", slug: str = "", limit: int = 50, after: str = ""
) -> list[ListedPerson]:
    """Return active people by slug, with their teams, all their addresses masked. Three queries.

    Every word of `search` stands in the name or the slug; `team` is a slug.
    """
    rows = models.Person.objects.filter(is_active=True, retired_at__isnull=True, slug__gt=after)
    rows = rows.filter(matching.holding(search.split()[:6], ("slug", "name")))
    if team:
        rows = rows.filter(
            memberships__team__slug=team.lower(), memberships__team__retired_at__isnull=True
        )
    if slug:
        rows = rows.filter(slug=slug.lower())
    people = list(rows.order_by("slug").values_list("id", "slug", "name", "timezone")[:limit])
    ids = [one[0] for one in people]
    teams = _teams(ids)
    contacts: dict[int, list[ContactMethod]] = defaultdict(list)
    methods = models.ContactMethod.objects.filter(person_id__in=ids)
    for one in methods.order_by("position", "id"):
        shown = rules.masked(kind=one.kind, address=one.address)
        fault = rules.said_of(one.fault, address=one.address)
        contacts[one.person_id].append(ContactMethod(one.pk, one.kind, shown, fault))
    return [
        ListedPerson(slug, name, timezone, tuple(teams[pk]), tuple(contacts[pk]))
        for pk, slug, name, timezone in people
    ]


def list_rows(*, ids: Sequence[int]) -> list[PersonRow]:
    """Return people as a list shows them, with their teams, in the order of `ids`. Two queries."""
    rows = models.Person.objects.filter(pk__in=ids).values_list("id", "slug", "name", "timezone")
    teams = _teams(ids)
    found = {
        pk: PersonRow(slug, name, timezone, tuple(teams[pk])) for pk, slug, name, timezone in rows
    }
    return [found[pk] for pk in ids]


def find_profile(*, slug: str) -> Profile | None:
    """Return a person, whether or not they have left, or None. One query."""
    rows = models.Person.objects.filter(slug=slug)
    found = rows.first()
    if found is None:
        return None
    return Profile(
        id=found.pk,
        slug=found.slug,
        name=found.name,
        timezone=found.timezone,
        is_active=found.is_active,
        has_password=found.has_usable_password(),
    )


def is_reachable(*, person_id: int) -> bool:
    """Return whether somebody has an address that works, as far as is known. One query."""
    return models.ContactMethod.objects.filter(person_id=person_id, fault="").exists()


def has_any() -> bool:
    """Return whether there is anybody at all. One query."""
    return models.Person.objects.exists()


def names(*, slugs: Collection[str]) -> dict[str, str]:
    """Return people's names by slug, whether or not they have left. One query."""
    rows = models.Person.objects.filter(slug__in=slugs).values_list("slug", "name")
    return dict(rows)


def mail_address(*, slug: str) -> str:
    """Return the whole address that a person's sign-in links are mailed to, or nothing."""
    rows = models.Person.objects.filter(slug=slug, is_active=True, retired_at__isnull=True)
    person = rows.first()
    if person is None or person.email:
        return person.email if person else ""
    mails = person.contact_methods.filter(kind=EMAIL).order_by("position", "id")
    return mails.values_list("address", flat=True).first() or ""


def administrator() -> str:
    """Return the name of somebody active who may administer this installation, or nothing."""
    rows = models.Person.objects.filter(
        is_superuser=True, is_active=True, retired_at__isnull=True
    ).order_by("pk")
    return rows.values_list("name", flat=True).first() or ""


def find_people(*, slugs: Collection[str]) -> dict[str, Person]:
    """Return active people by slug, without their contacts. One query."""
    rows = models.Person.objects.filter(slug__in=slugs, is_active=True, retired_at__isnull=True)
    found = rows.values_list("id", "slug", "name", "timezone")
    return {row[1]: Person(*row) for row in found}


def ids(*, slugs: Collection[str] | None = None) -> dict[str, int]:
    """Return the keys of some people or of all by slug, also of who has left. One query."""
    rows = models.Person.objects.all()
    if slugs is not None:
        rows = rows.filter(slug__in=slugs)
    return dict(rows.values_list("slug", "pk"))


def slugs_of(*, ids: Collection[int]) -> dict[int, str]:
    """Return what people are called in files, by key, whether or not they have left. One query."""
    return dict(models.Person.objects.filter(pk__in=ids).values_list("pk", "slug"))


def departures(*, slugs: Collection[str]) -> dict[str, datetime | None]:
    """Return who of some people has left, was switched off or never was there, and since when.

    None: nobody knows since when. One query.
    """
    rows = models.Person.objects.all()
    if len(slugs) <= _NAMES_AT_ONCE:
        rows = rows.filter(slug__in=slugs)
    found: dict[str, datetime | None] = dict.fromkeys(slugs)
    columns = ("slug", "is_active", "retired_at", "inactive_at")
    for slug, active, retired_at, inactive_at in rows.values_list(*columns):
        if slug not in found:
            continue
        if active and retired_at is None:
            del found[slug]
        else:
            since = (at for at in (retired_at, inactive_at) if at is not None)
            found[slug] = min(since, default=None)
    return found


def _teams(ids: Collection[int]) -> dict[int, list[Team]]:
    """Return the teams of people that are not retired, by person. One query."""
    teams: dict[int, list[Team]] = defaultdict(list)
    rows = models.Membership.objects.filter(person_id__in=ids, team__retired_at__isnull=True)
    for row in rows.select_related("team").order_by("team__slug"):
        teams[row.person_id].append(team_value(row.team))
    return teams


def _method(row: models.ContactMethod, *, own: bool) -> ContactMethod:
    contact = Contact(row.kind, row.address)
    shown = contact if own else rules.listed(contact=contact)
    fault = rules.said_of(row.fault, address=row.address)
    return ContactMethod(id=row.pk, kind=shown.kind, address=shown.address, fault=fault)


def _people(rows: QuerySet[models.Person], *, whole: bool) -> list[Person]:
    """Read people as plain rows: whoever pages them waits for this."""
    people = list(rows.values_list("id", "slug", "name", "timezone"))
    methods = models.ContactMethod.objects.filter(person_id__in=[one[0] for one in people])
    found: dict[int, list[Contact]] = defaultdict(list)
    marked: dict[int, list[Contact]] = defaultdict(list)
    for person_id, pk, kind, address, fault in methods.order_by("position", "id").values_list(
        "person_id", "id", "kind", "address", "fault"
    ):
        if kind not in CONTACT_KINDS:
            continue  # nothing can be sent to it: said as a trouble by whoever looks at the ways
        contact = Contact(kind, address, pk)
        shown = contact if whole else rules.listed(contact=contact)
        (marked if fault else found)[person_id].append(shown)
    return [
        Person(pk, slug, name, timezone, contacts=tuple(found[pk]), marked=tuple(marked[pk]))
        for pk, slug, name, timezone in people
    ]
