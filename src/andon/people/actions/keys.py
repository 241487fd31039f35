"""API keys: made once, shown once, found again by their hash."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from andon.core import audit, process
from andon.core.errors import Refusal
from andon.core.ids import Secret, digest, new_secret
from andon.people.models import ApiKey, Person

#: How stale `last_used_at` may be. A write for each request would cost more than the request.
USED_WITHIN = timedelta(minutes=1)


class UnableToMakeKey(Refusal):
    """A key was asked for somebody who is not there any more."""

    code = "key_person_inactive"


@transaction.atomic
def create_api_key(
    *,
    name: str,
    person: Person | None,
    now: datetime,
    by: str = "",
    life: timedelta | None = None,
) -> Secret:
    """Make a key for the REST API that acts for a person, or for the organisation without one.

    The plain key is in the answer and nowhere else. Without a `life` it has no end.
    """
    if person is not None and not person.is_active:
        raise UnableToMakeKey(f"{person.name} is not active", person=person.slug)
    secret = new_secret("andon_key_")
    ApiKey.objects.create(
        name=name,
        digest=secret.digest,
        hint=secret.hint,
        person=person,
        created_at=now,
        expires_at=now + life if life else None,
    )
    actor = by or (person.slug if person else "andon")
    audit.record(actor=actor, verb="created", subject=f"api-key:{secret.hint}", now=now, name=name)
    return secret


def authenticate_api_key(*, plain: str, now: datetime) -> ApiKey | None:
    """Return the live key this text is, or None. One of a leaver or past its end opens nothing."""
    key = (
        ApiKey.objects.select_related("person")
        .filter(digest=digest(plain), revoked_at__isnull=True)
        .filter(Q(person__isnull=True) | Q(person__is_active=True))
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .first()
    )
    if key is not None and (key.last_used_at is None or now - key.last_used_at >= USED_WITHIN):
        with process.incidental():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
            key.last_used_at = now
    return key


@transaction.atomic
def revoke_api_key(
    *, key_id: int, by: str, now: datetime, person_id: int | None = None, organisation: bool = True
) -> bool:
    """Revoke a live key; return whether there was one.

    With a `person_id` only if it is theirs, or the organisation's where that is allowed.
    """
    rows = ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True)
    if person_id is not None:
        nobodys = Q(person__isnull=True) if organisation else Q(pk__in=[])
        rows = rows.filter(Q(person_id=person_id) | nobodys)
    key = rows.first()
    if key is None or not rows.update(revoked_at=now):
        return False
    audit.record(actor=by, verb="revoked", subject=f"api-key:{key.hint}", now=now, name=key.name)
    return True
