"""Integration keys: made, shown once, revoked."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from andon.alerts.models import IntegrationKey
from andon.alerts.types import KEY_KINDS
from andon.catalogue import queries as catalogue
from andon.core import audit, ids
from andon.core.errors import Refusal


class UnableToCreateKey(Refusal):
    """The service a key should belong to is not in the catalogue."""

    code: ClassVar[str] = "unknown_service"
    status: ClassVar[int] = 422


class UnableToRevokeKey(Refusal):
    """There is no live key of this id, name or beginning, or there are several."""

    code: ClassVar[str] = "unknown_key"
    status: ClassVar[int] = 404


def create_key(
    *,
    name: str,
    kind: str,
    service_slug: str | None = None,
    by: str,
    now: datetime,
    per_minute: int | None = None,
) -> ids.Secret:
    """Make an integration key; its plain text is in the answer and nowhere else.

    One that is written into bodies is hexadecimal, of 32 characters. `per_minute` is the rate of
    its requests, 0 for none, None for what its kind has. Raises UnknownKind.
    """
    declared = KEY_KINDS.of(kind)
    service_id = None
    if service_slug:
        found = catalogue.find_service_ids(refs=[service_slug])
        service_id = next(iter(found.values()), None)
        if service_id is None:
            raise UnableToCreateKey(
                f'The catalogue knows no service "{service_slug}".', service=service_slug
            )
    secret = (
        ids.new_hex_secret(nbytes=16)
        if declared.in_body
        else ids.new_secret("andon_key_", nbytes=32)
    )
    with transaction.atomic():
        key = IntegrationKey.objects.create(
            name=name or kind,
            kind=kind,
            digest=secret.digest,
            hint=secret.hint,
            service_id=service_id,
            per_minute=declared.per_minute if per_minute is None else per_minute,
            created_at=now,
            created_by=audit.identity_of(by),
        )
        audit.record(
            actor=by, verb="create", subject=f"integration-key:{key.pk}", now=now, kind=kind
        )
    return secret


def revoke_key(*, key: str = "", hint: str = "", by: str, now: datetime) -> str:
    """Revoke the live key of an id, a name or a hint (its visible beginning); return its name."""
    live = IntegrationKey.objects.filter(revoked_at__isnull=True)
    found = list(live.filter(pk=int(key))) if key.isdecimal() and len(key) < 18 else []
    hint = hint or key.rstrip(".")
    found = found or list(live.filter(name=key)) or list(live.filter(hint=hint))
    if len(found) != 1:
        why = "No live key is" if not found else f"{len(found)} live keys are"
        raise UnableToRevokeKey(f'{why} called "{key or hint}"; `andon keys list` shows their ids')
    with transaction.atomic():
        IntegrationKey.objects.filter(pk=found[0].pk).update(revoked_at=now)
        audit.record(actor=by, verb="revoke", subject=f"integration-key:{found[0].pk}", now=now)
    return found[0].name


def touch_keys(*, ids: Collection[int], now: datetime) -> None:
    """Note that keys were used; called once in a while, not per request."""
    if ids:
        IntegrationKey.objects.filter(id__in=ids).update(last_used_at=now)
