"""Who comes in by which key, link or name."""

from collections import defaultdict
from datetime import datetime

from django.db.models import F, Q

from andon.core import matching
from andon.core.ids import digest
from andon.people import models, rules
from andon.people.types import (
    EMAIL,
    Door,
    DoorLink,
    Key,
    LinkPurpose,
    ListedKey,
    Named,
    SignedIn,
    SignInTry,
    Wait,
)

#: More tries than this say no more about an attack.
_MOST_TRIES = 1000
#: More people than this are never called one thing; whoever is, signs in by address.
_MOST_NAMED = 200


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


def find_door_link(*, plain: str, purpose: LinkPurpose) -> DoorLink | None:
    """Return what a link that opens an account is, ended or not; None when none was made here."""
    rows = models.SignInLink.objects.filter(digest=digest(plain), purpose=purpose)
    row = rows.select_related("person").first()
    return door_link(row) if row else None


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
