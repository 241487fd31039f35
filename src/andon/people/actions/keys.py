"""API keys: made once, shown once, found again by their hash."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from andon.core import audit, process
from andon.core.errors import Refusal
from andon.core.ids import Secret, digest, new_secret
from andon.people import queries
from andon.people.models import ApiKey, Person
from andon.people.types import LiveKey

#: How stale `last_used_at` may be. A write for each request would cost more than the request.
USED_WITHIN = timedelta(minutes=1)


class UnableToMakeKey(Refusal):
    """A key was asked for somebody who is not there any more."""

    code = "key_person_inactive"


@transaction.atomic
def create_api_key(
    *,
    name: str,
    person: str | None,
    now: datetime,
    by: str = "",
    life: timedelta | None = None,
) -> Secret:
    """Make a key for the REST API that acts for a person, or for the organisation without one.

    The plain key is in the answer and nowhere else. Without a `life` it has no end. Raises
    UnableToMakeKey.
    """
    owner = Person.objects.filter(slug=person, is_active=True).first() if person else None
    if person and owner is None:
        raise UnableToMakeKey(f'There is no active person "{person}".', person=person)
    secret = new_secret("andon_key_")
    ApiKey.objects.create(
        name=name,
        digest=secret.digest,
        hint=secret.hint,
        person=owner,
        created_at=now,
        expires_at=now + life if life else None,
    )
    actor = by or person or "andon"
    audit.record(actor=actor, verb="created", subject=f"api-key:{secret.hint}", now=now, name=name)
    return secret


def authenticate_api_key(*, plain: str, now: datetime) -> LiveKey | None:
    """Return the live key this text is, or None. One of a leaver or past its end opens nothing."""
    key = (
        ApiKey.objects.select_related("person")
        .filter(digest=digest(plain), revoked_at__isnull=True)
        .filter(Q(person__isnull=True) | Q(person__is_active=True))
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .first()
    )
    if key is None:
        return None
    if key.last_used_at is None or now - key.last_used_at >= USED_WITHIN:
        with process.incidental():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    holder = queries.signed_in(person=key.person) if key.person else None
    return LiveKey(name=key.name, hint=key.hint, person=holder)


@transaction.atomic
def revoke_api_key(
    *, key_id: int, by: str, now: datetime, person_id: int | None = None, organisation: bool = True
) -> str:
    """Revoke a live key; return its name, or nothing when there is no such key.

    With a `person_id` only if it is theirs, or the organisation's where that is allowed.
    """
    rows = ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True)
    if person_id is not None:
        nobodys = Q(person__isnull=True) if organisation else Q(pk__in=[])
        rows = rows.filter(Q(person_id=person_id) | nobodys)
    key = rows.first()
    if key is None or not rows.update(revoked_at=now):
        return ""
    audit.record(actor=by, verb="revoked", subject=f"api-key:{key.hint}", now=now, name=key.name)
    return key.name
