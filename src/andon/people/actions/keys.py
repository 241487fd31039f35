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
def create_api_key(*, name: str, person: Person | None, now: datetime, by: str = "") -> Secret:
    """Make a key for the REST API that acts for a person, or for the organisation without one.

    The plain key is in the answer and nowhere else.
    """
    if person is not None and not person.is_active:
        raise UnableToMakeKey(f"{person.name} is not active", person=person.slug)
    secret = new_secret("andon_key_")
    ApiKey.objects.create(
        name=name, digest=secret.digest, hint=secret.hint, person=person, created_at=now
    )
    actor = by or (person.slug if person else "andon")
    audit.record(actor=actor, verb="created", subject=f"api-key:{secret.hint}", now=now, name=name)
    return secret


def authenticate_api_key(*, plain: str, now: datetime) -> ApiKey | None:
    """Return the live key this text is, or None. A key of somebody who left opens nothing."""
    key = (
        ApiKey.objects.select_related("person")
        .filter(digest=digest(plain), revoked_at__isnull=True)
        .filter(Q(person__isnull=True) | Q(person__is_active=True))
        .first()
    )
    if key is not None and (key.last_used_at is None or now - key.last_used_at >= USED_WITHIN):
        with process.incidental():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
            key.last_used_at = now
    return key


@transaction.atomic
def revoke_api_key(*, hint: str, by: str, now: datetime) -> int:
    """Revoke the live keys with this hint; return how many there were."""
    revoked = ApiKey.objects.filter(hint=hint, revoked_at__isnull=True).update(revoked_at=now)
    if revoked:
        audit.record(actor=by, verb="revoked", subject=f"api-key:{hint}", now=now)
    return revoked
