"""What the catalogue's files declare of people and teams is written; what is theirs stays."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Model

from andon.core import rows
from andon.people.models import ContactMethod, Membership, Person, Team
from andon.people.types import Contact

_OURS = "catalogue"
_TABLES: Mapping[str, type[Model]] = {"person": Person, "team": Team}


def write_people(*, declared: Mapping[str, Mapping[str, Any]]) -> None:
    """Write columns of people by slug. Passwords and rights of those who are there never are."""
    people = [
        Person(slug=slug, **columns, source=_OURS, password=make_password(None))
        for slug, columns in declared.items()
    ]
    rows.upsert(Person, people, fields=["source", *_columns(declared)])


def write_teams(*, declared: Mapping[str, Mapping[str, Any]]) -> None:
    """Write columns of teams by slug."""
    teams = [Team(slug=slug, **columns) for slug, columns in declared.items()]
    rows.upsert(Team, teams, fields=_columns(declared))


def write_contacts(*, declared: Mapping[str, Sequence[Contact]]) -> None:
    """Make the catalogue's addresses of people what the files say; their own stay as they are."""
    if not declared:
        return
    known = rows.ids(Person)
    owners = {known[slug]: slug for slug in declared}
    there = {
        (row.person_id, row.kind, row.address): row
        for row in rows.among(ContactMethod.objects.all(), "person_id", owners)
    }
    new: list[ContactMethod] = []
    moved: list[ContactMethod] = []
    for person_id, slug in owners.items():
        for position, contact in enumerate(declared[slug]):
            key = (person_id, str(contact.kind), contact.address)
            if key not in there:
                new.append(_contact(key, position))
                continue
            row = there.pop(key)
            if (row.position, row.source) != (position, _OURS):
                row.position, row.source = position, _OURS
                moved.append(row)
    rows.delete(ContactMethod, [row.pk for row in there.values() if row.source == _OURS])
    rows.insert(ContactMethod, new)
    ContactMethod.objects.bulk_update(moved, ["position", "source"], batch_size=rows.BATCH)


def write_members(*, declared: Mapping[str, Collection[str]]) -> None:
    """Make the members of teams what the files say."""
    if not declared:
        return
    teams, people = rows.ids(Team), rows.ids(Person)
    wanted = {
        (teams[slug], people[person])
        for slug, members in declared.items()
        for person in members
        if person in people
    }
    touched = {teams[slug] for slug in declared}
    there = {
        (row.team_id, row.person_id): row.pk
        for row in rows.among(Membership.objects.all(), "team_id", touched)
    }
    rows.delete(Membership, [pk for pair, pk in there.items() if pair not in wanted])
    new = [Membership(team_id=team, person_id=one) for team, one in sorted(wanted - there.keys())]
    rows.insert(Membership, new)


def rename(*, kind: str, was: str, slug: str) -> None:
    """Give a person or a team another slug; `kind` is person or team, here and below."""
    rows.update(_TABLES[kind], [was], slug=slug)


def retire(*, kind: str, slugs: Collection[str], now: datetime) -> None:
    """Retire people or teams: people do not sign in any more and are not paged."""
    extra = {"is_active": False} if kind == "person" else {}
    rows.update(_TABLES[kind], slugs, retired_at=now, **extra)


def restore(*, kind: str, slugs: Collection[str]) -> None:
    """Take people or teams in again."""
    extra = {"is_active": True, "inactive_at": None} if kind == "person" else {}
    rows.update(_TABLES[kind], slugs, retired_at=None, **extra)


def _columns(declared: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return list(next(iter(declared.values()), ()))


def _contact(key: tuple[int, str, str], position: int) -> ContactMethod:
    person_id, kind, address = key
    return ContactMethod(
        person_id=person_id, kind=kind, address=address, position=position, source=_OURS
    )
