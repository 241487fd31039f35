"""Whose turn it is: what many processes could do, and one of them does once per interval.

Three ways, one table. `take` is for what is short: it is over when the turn begins. `put_off` says
that a turn taken for a short while is done for longer. `hold` is for what takes long, or remembers:
a lease that its holder renews, and that others have when it dies (`core.claims`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from andon.core import claims
from andon.core.models import TurnLease


@dataclass(frozen=True, slots=True)
class Lease:
    """A turn that is held."""

    key: int
    fence: int
    #: What the last turn left for this one, whoever had it.
    memory: dict[str, Any]


def take(*, name: str, every: timedelta, now: datetime) -> bool:
    """Return whether it is this process's turn to do what happens once per `every`."""
    if not _is_due(name, now):
        return False
    due = TurnLease.objects.filter(name=name, next_at__lte=now)
    return bool(due.update(next_at=now + every))


def put_off(*, name: str, until: datetime) -> None:
    """Say that what a turn was taken for is done, and is nobody's turn before an instant."""
    TurnLease.objects.filter(name=name).update(next_at=until)


def hold(*, name: str, now: datetime, lease: timedelta) -> Lease | None:
    """Return the turn if it is due and nobody holds it: this process's until the lease ends."""
    if not _is_due(name, now):
        return None
    held = claims.claim(TurnLease, now=now, limit=1, lease=lease, where=Q(name=name))
    for key, fence in held.items():
        return Lease(key, fence, TurnLease.objects.get(pk=key).memory)
    return None


def renew(*, held: Lease, until: datetime) -> bool:
    """Lengthen a lease; return whether the turn is still this process's."""
    rows = TurnLease.objects.filter(pk=held.key, fence=held.fence)
    return rows.update(lease_until=until) == 1


def give_back(*, held: Lease, next_at: datetime) -> None:
    """End a turn, unless it is somebody else's by now, and keep what the next one must know."""
    claims.finish(TurnLease, claims={held.key: held.fence}, next_at=next_at, memory=held.memory)


def free_all() -> int:
    """End every lease, for whoever knows that no other engine lives; return how many."""
    return claims.free_all(TurnLease)


def _is_due(name: str, now: datetime) -> bool:
    """Ask by a plain read: on SQLite a claim of nothing takes the one writer's place."""
    next_at = TurnLease.objects.filter(name=name).values_list("next_at", flat=True).first()
    if next_at is None:
        TurnLease.objects.get_or_create(name=name, defaults={"next_at": now})
    return next_at is None or next_at <= now
