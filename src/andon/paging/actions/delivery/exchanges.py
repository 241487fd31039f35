"""What came back is written down and what goes out next is marked, in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from andon.core import claims
from andon.paging.actions.delivery.results import finish
from andon.paging.actions.delivery.taking import LEASE, start
from andon.paging.actions.delivery.values import Claimed, SendOutcome


def exchange(
    *,
    results: Sequence[SendOutcome],
    claimed: Collection[Claimed],
    now: datetime,
    lease: timedelta = LEASE,
) -> set[int]:
    """Do what `finish` and `start` do; return the ids of those that may be sent now.

    One after the other in one commit: so the next message to a destination is marked as started
    exactly when the result of the last is on disk, and the disk is waited for once.
    """
    return claims.retry(lambda: _exchange(results, claimed, now, lease))


def _exchange(
    results: Sequence[SendOutcome], claimed: Collection[Claimed], now: datetime, lease: timedelta
) -> set[int]:
    with transaction.atomic():
        finish(results=results, now=now)
        return start(claimed=claimed, now=now, lease=lease)
