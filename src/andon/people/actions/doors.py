"""Links that open an account: made, used once, and ended. Only their hashes are kept."""

from datetime import datetime, timedelta

from django.db import transaction

from andon.core import audit
from andon.core.errors import Refusal
from andon.core.ids import Secret, digest, new_secret
from andon.people import queries, rules
from andon.people.actions import people
from andon.people.models import Person, SignInLink
from andon.people.types import LinkPurpose


class UnableToMakeLink(Refusal):
    """Nobody is there whom a link could sign in, or it may not be made now."""

    code = "sign_in_link_refused"


class UnableToUseLink(Refusal):
    """The link was used, is too old, or whom it was for has left."""

    code = "sign_in_link_over"
    status = 410


class UnknownLink(UnableToUseLink):
    """No such link was made here."""

    code = "sign_in_link_unknown"
    status = 404


@transaction.atomic
def make_set_up_link(*, by: str, now: datetime) -> Secret:
    """Make a link that opens the account of the first administrator, whoever uses it first.

    Raises UnableToMakeLink once there is an administrator.
    """
    if name := queries.administrator():
        raise UnableToMakeLink(
            f"{name} administers this Andon already. A link for somebody to sign in is made by "
            "`andon sign-in-link PERSON`; an administrator gives others rights at /admin/."
        )
    return _make(LinkPurpose.SET_UP, None, life=rules.SET_UP, by=by, now=now)


@transaction.atomic
def make_sign_in_link(*, person: str, by: str, now: datetime) -> Secret:
    """Make a link that signs somebody in once: for whoever runs this Andon to hand over.

    Raises UnableToMakeLink.
    """
    return _make(LinkPurpose.SIGN_IN, _active(person), life=rules.BY_COMMAND, by=by, now=now)


@transaction.atomic
def make_mailed_link(*, person: str, next_path: str, now: datetime) -> Secret:
    """Make a link that signs somebody in once, to be mailed to them.

    Raises UnableToMakeLink, also when they were sent too many of late.
    """
    row = _active(person)
    Person.objects.select_for_update().get(pk=row.pk)  # so that all at one moment are counted
    made = SignInLink.objects.filter(person=row, created_at__gt=now - rules.WINDOW)
    if wait := rules.mail_wait(made=list(made.values_list("created_at", flat=True)), now=now):
        raise UnableToMakeLink(f"{wait.reason}: none before {wait.until:%H:%M} UTC", person=person)
    return _make(
        LinkPurpose.SIGN_IN, row, life=rules.BY_MAIL, by="sign-in page", now=now, path=next_path
    )


@transaction.atomic
def use_sign_in_link(*, plain: str, now: datetime) -> Person:
    """Return whom a link signs in, and end it with all others of theirs.

    Raises UnableToUseLink.
    """
    link = _take(plain, LinkPurpose.SIGN_IN, now)
    person = link.person
    if person is None or not person.is_active or person.retired_at is not None:
        raise UnableToUseLink("Whoever this link was for can no longer sign in.")
    SignInLink.objects.filter(person=person, ended_at__isnull=True).update(ended_at=now)
    return person


@transaction.atomic
def set_up(*, plain: str, name: str, email: str, slug: str, password: str, now: datetime) -> Person:
    """Make whoever holds a set-up link the administrator, and end all such links.

    Somebody whom the catalogue declares by that short name or address becomes it; else a person is
    made. Raises UnableToUseLink, UnableToCreatePerson and UnableToSetPassword; the link then stays.
    """
    _take(plain, LinkPurpose.SET_UP, now)
    if taken := queries.administrator():
        raise UnableToUseLink(f"{taken} administers this Andon already; sign in instead.")
    SignInLink.objects.filter(purpose=LinkPurpose.SET_UP, ended_at__isnull=True).update(
        ended_at=now
    )
    by = audit.Actor(name, person=slug, via="the set-up link")
    known = queries.account_of(typed=email) or queries.account_of(typed=slug)
    if known:
        Person.objects.filter(slug=known).update(is_staff=True, is_superuser=True)
        people.set_password(slug=known, password=password, by=by, now=now)
    else:
        people.create_person(
            slug=slug,
            name=name,
            email=email,
            password=password,
            is_staff=True,
            is_superuser=True,
            now=now,
            by=by,
        )
    person = Person.objects.get(slug=known or slug)
    audit.record(actor=by, verb="set up", subject=f"person:{person.slug}", now=now)
    return person


def _active(slug: str) -> Person:
    person = Person.objects.filter(slug=slug, is_active=True, retired_at__isnull=True).first()
    if person is None:
        raise UnableToMakeLink(f"there is nobody active called {slug!r}", person=slug)
    return person


def _make(
    purpose: LinkPurpose,
    person: Person | None,
    *,
    life: timedelta,
    by: str,
    now: datetime,
    path: str = "",
) -> Secret:
    secret = new_secret(rules.LINK_PREFIX)
    SignInLink.objects.create(
        digest=secret.digest,
        purpose=purpose,
        person=person,
        next_path=path,
        created_at=now,
        expires_at=now + life,
    )
    subject = f"person:{person.slug}" if person else "person:administrator"
    audit.record(actor=by, verb=f"made a {purpose} link for", subject=subject, now=now)
    return secret


def _take(plain: str, purpose: LinkPurpose, now: datetime) -> SignInLink:
    """End a link and return it. Of two who use it at one moment, one does."""
    rows = SignInLink.objects.filter(digest=digest(plain), purpose=purpose)
    found = rows.select_related("person").first()
    if found is None:
        raise UnknownLink("This link was not made here, or it was cut short on its way to you.")
    # All that end together, always in one order: two who use two of them wait for each other.
    kin = SignInLink.objects.filter(purpose=purpose, person=found.person)
    list(kin.select_for_update().order_by("pk"))
    if not rows.filter(ended_at__isnull=True, expires_at__gt=now).update(ended_at=now):
        found.refresh_from_db(fields=["ended_at"])
        raise UnableToUseLink(rules.link_refusal(link=queries.door_link(found), now=now))
    return found
