"""People made by hand, such as the first administrator, and passwords."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from andon.core import audit
from andon.core.errors import Refusal
from andon.people.models import ContactMethod, Person, SignInLink
from andon.people.types import EMAIL


class UnableToCreatePerson(Refusal):
    """A person with this slug exists already."""

    code = "person_exists"


class UnableToSetPassword(Refusal):
    """The password is too weak, or the person is not there."""

    code = "password_refused"
    status = 422


@transaction.atomic
def create_person(
    *,
    slug: str,
    name: str,
    now: datetime,
    by: str,
    email: str = "",
    password: str | None = None,
    is_staff: bool = False,
    is_superuser: bool = False,
) -> Person:
    """Make a person by hand. The catalogue leaves them alone, unless a file declares the same name.

    Without a password they can be paged, and sign in by link.
    """
    if Person.objects.filter(slug=slug).exists():
        raise UnableToCreatePerson(f"there is a person called {slug!r} already", slug=slug)
    person = Person(slug=slug, name=name, email=email, is_staff=is_staff, is_superuser=is_superuser)
    _set(person, password)
    person.save()
    if email:
        ContactMethod.objects.create(person=person, kind=EMAIL, address=email, source="person")
    audit.record(actor=by, verb="created", subject=f"person:{slug}", now=now)
    return person


@transaction.atomic
def set_password(*, slug: str, password: str | None, by: str, now: datetime) -> None:
    """Set somebody's password, or take it away with None. Ends the links that sign them in."""
    person = Person.objects.select_for_update().filter(slug=slug).first()
    if person is None:
        raise UnableToSetPassword(f"there is nobody called {slug!r}", slug=slug)
    _set(person, password)
    person.save(update_fields=["password"])
    SignInLink.objects.filter(person=person, ended_at__isnull=True).update(ended_at=now)
    audit.record(actor=by, verb="set the password of", subject=f"person:{slug}", now=now)


def _set(person: Person, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise UnableToSetPassword(" ".join(error.messages), slug=person.slug) from error
    person.set_password(password)
