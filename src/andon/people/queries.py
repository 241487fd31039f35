"""Reads: who people are, how they are reached, who is in which team."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet

from andon.core import matching
from andon.core.ids import digest
from andon.people import models, rules
from andon.people.types import (
    CONTACT_KINDS,
    EMAIL,
    Contact,
    ContactMethod,
    Door,
    DoorLink,
    Key,
    LinkPurpose,
    Listed,
    ListedKey,
    Named,
    Person,
    PersonRow,
    Profile,
    SignedIn,
    SignInTry,
    Team,
    Wait,
)

#: More tries than this say no more about an attack.
_MOST_TRIES = 1000
#: More people than this are never called one thing; whoever is, signs in by address.
_MOST_NAMED = 200
#: Of contact methods: those of people who still work here.
_HERE = Q(person__is_active=True, person__retired_at__isnull=True)


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


def find_teams(*, slugs: Collection[str]) -> dict[str, Team]:
    """Return teams that are not retired, by slug. One query."""
    rows = models.Team.objects.filter(slug__in=slugs, retired_at__isnull=True)
    return {row[1]: Team(*row) for row in rows.values_list("id", "slug", "title")}


def find_team(*, slug: str) -> Team | None:
    """Return one team, retired or not, or None."""
    row = models.Team.objects.filter(slug=slug.lower()).first()
    return team_value(row) if row else None


def list_people(
    *, search: str = "", team: str = "", slug: str = "", limit: int = 50, after: str = ""
) -> list[Listed]:
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
        Listed(slug, name, timezone, tuple(teams[pk]), tuple(contacts[pk]))
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


def list_api_keys(*, person_id: int, organisation: bool) -> list[Key]:
    """Return a person's keys, live ones first, and the organisation's where that is asked for."""
    wanted = Q(person_id=person_id) | (Q(person__isnull=True) if organisation else Q(pk__in=[]))
    rows = models.ApiKey.objects.filter(wanted)
    return [_key(row) for row in rows.order_by(F("revoked_at").desc(nulls_first=True), "-pk")]


def list_every_api_key() -> list[ListedKey]:
    """Return the keys of everybody, live ones first, with whose they are. One query."""
    rows = models.ApiKey.objects.select_related("person")
    return [
        ListedKey(
            key=_key(row),
            person=row.person.slug if row.person else None,
            is_administrator=row.person is not None and row.person.is_superuser,
        )
        for row in rows.order_by(F("revoked_at").asc(nulls_first=True), "id")
    ]


def signed_in(*, person: models.Person) -> SignedIn:
    """Return whom Django says is signed in, as the value others use."""
    return SignedIn(person.pk, person.slug, person.name, person.timezone, person.is_staff)


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


def sign_in_wait(
    *, name: str, network: str, device: str, now: datetime, door: Door = Door.PASSWORD
) -> Wait | None:
    """Return how long a try to sign in has to wait and why, or None. One query."""
    rows = models.SignInTry.objects.filter(
        Q(name=name) | Q(network=network), door=door, at__gt=now - rules.WINDOW
    ).order_by("-at")
    found = rows.values_list("at", "name", "network", "device")[:_MOST_TRIES]
    tries = [SignInTry(*row) for row in found]
    return rules.sign_in_wait(
        tries=tries, name=name, network=network, device=device, now=now, door=door
    )


def account_of(*, typed: str) -> str:
    """Return the slug of the one person whom somebody means by what they typed, or nothing.

    By slug, mail address or name, in any case. Two queries, whoever it is.
    """
    text = rules.typed_name(typed)
    return rules.who_is_meant(typed=text, people=_called(text))


def people_meant(*, typed: str) -> list[Named]:
    """Return whom somebody may mean by what they typed about another person, by name.

    One when it is said; several that share a name; else up to ten whose names hold all its words.
    """
    text = rules.typed_name(typed)
    found = rules.all_meant(typed=text, people=_called(text))
    if not found and text:
        rows = models.Person.objects.filter(is_active=True, retired_at__isnull=True)
        rows = rows.filter(matching.holding(text.split()[:6], ("slug", "name")))
        found = [Named(*row) for row in rows.order_by("name").values_list("slug", "name")[:10]]
    return sorted(found, key=lambda one: (one.name, one.slug))


def _called(text: str) -> list[Named]:
    """Return people who may be called by a text, with all they are called by. Two queries."""
    rows = models.Person.objects.filter(is_active=True, retired_at__isnull=True)
    found = Q(pk__in=[])
    # SQLite compares without case in ASCII only: other names are looked for as they are written.
    for form in {text, text.lower(), text.upper(), text.title()}:
        found |= Q(slug__iexact=form) | Q(name__iexact=form) | Q(email__iexact=form)
    mails = models.ContactMethod.objects.filter(kind=EMAIL)
    found |= Q(pk__in=mails.filter(address__iexact=text).values("person_id"))
    people = list(rows.filter(found).values_list("id", "slug", "name", "email")[:_MOST_NAMED])
    addresses: dict[int, list[str]] = defaultdict(list)
    ids = [0, *(one[0] for one in people)]  # with nobody it is asked too: that takes as long
    for person_id, address in mails.filter(person_id__in=ids).values_list("person_id", "address"):
        addresses[person_id].append(address)
    return [Named(slug, name, (mail, *addresses[pk])) for pk, slug, name, mail in people]


def mail_address(*, slug: str) -> str:
    """Return the whole address that a person's sign-in links are mailed to, or nothing."""
    rows = models.Person.objects.filter(slug=slug, is_active=True, retired_at__isnull=True)
    person = rows.first()
    if person is None or person.email:
        return person.email if person else ""
    mails = person.contact_methods.filter(kind=EMAIL).order_by("position", "id")
    return mails.values_list("address", flat=True).first() or ""


def find_door_link(*, plain: str, purpose: LinkPurpose) -> DoorLink | None:
    """Return what a link that opens an account is, ended or not; None when none was made here."""
    rows = models.SignInLink.objects.filter(digest=digest(plain), purpose=purpose)
    row = rows.select_related("person").first()
    return door_link(row) if row else None


def administrator() -> str:
    """Return the name of somebody active who may administer this installation, or nothing."""
    rows = models.Person.objects.filter(
        is_superuser=True, is_active=True, retired_at__isnull=True
    ).order_by("pk")
    return rows.values_list("name", flat=True).first() or ""


def door_link(row: models.SignInLink) -> DoorLink:
    """Return a link's row as the value others use."""
    person = row.person
    return DoorLink(
        purpose=LinkPurpose(row.purpose),
        person=person.slug if person else "",
        name=person.name if person else "",
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        next_path=row.next_path,
    )


def team_value(row: models.Team) -> Team:
    """Return a team's row as the value others use."""
    return Team(id=row.pk, slug=row.slug, title=row.title)


def _teams(ids: Collection[int]) -> dict[int, list[Team]]:
    """Return the teams of people that are not retired, by person. One query."""
    teams: dict[int, list[Team]] = defaultdict(list)
    rows = models.Membership.objects.filter(person_id__in=ids, team__retired_at__isnull=True)
    for row in rows.select_related("team").order_by("team__slug"):
        teams[row.person_id].append(team_value(row.team))
    return teams


def _key(row: models.ApiKey) -> Key:
    return Key(
        id=row.pk,
        name=row.name,
        hint=row.hint,
        personal=row.person_id is not None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


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
