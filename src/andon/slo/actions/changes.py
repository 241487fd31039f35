"""Changes that senders tell: kept as long as deployments are, and never a reason to page."""

from collections.abc import Sequence
from datetime import datetime

from andon.core import bulk
from andon.slo.models import Change
from andon.slo.rules.reading import KEEP_DAYS
from andon.slo.types import NewChange

#: Rows of one deletion.
_MOST = 5000


def keep(*, changes: Sequence[NewChange], now: datetime) -> int:
    """Keep changes, each once however often it is told; return how many were new.

    Call it in a transaction.
    """
    rows = [
        {
            "identity": one.identity,
            "at": one.at,
            "summary": one.summary,
            "source": one.source,
            "told_by": one.told_by,
            "service_id": one.service_id,
            "service_ref": one.service_ref,
            "links": list(one.links),
            "labels": dict(one.labels),
            "received_at": now,
        }
        for one in changes
    ]
    return bulk.insert(Change, rows, ignore_conflicts=True)


def forget(*, now: datetime) -> int:
    """Throw away what was told too long ago; return how many went."""
    old = Change.objects.exclude(identity="").filter(at__lt=now - KEEP_DAYS)
    gone, _ = Change.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_MOST])).delete()
    return gone
