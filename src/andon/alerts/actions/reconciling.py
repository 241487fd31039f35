"""Resolve alerts whose sender no longer has them."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from andon.alerts import rules
from andon.alerts.models import Alert
from andon.alerts.types import AlertState

_CHUNK = 500


def resolve_gone(
    *, key_id: int, dedup_keys: Collection[str], unheard_since: datetime, now: datetime
) -> int:
    """Resolve a key's open alerts by identity; return how many were open.

    One that was received again since the sender was asked stays open: it is back.
    """
    wanted, done = sorted(dedup_keys), 0
    for start in range(0, len(wanted), _CHUNK):
        done += Alert.objects.filter(
            key_id=key_id,
            dedup_key__in=wanted[start : start + _CHUNK],
            state=AlertState.OPEN,
            last_received_at__lt=unheard_since,
        ).update(
            state=AlertState.RESOLVED,
            resolved_at=now,
            resolved_by=rules.RECONCILED,
            unseen=True,
            revision=F("revision") + 1,
        )
    return done
