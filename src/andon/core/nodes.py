"""The processes that run Andon against this database, and when each was seen last."""

from dataclasses import dataclass
from datetime import datetime

from andon.core.models import Node

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A process as it was seen last."""

    name: str
    host: str
    roles: str
    started_at: datetime
    seen_at: datetime


def list_seen(*, since: datetime, but_on: str = "") -> list[RunningNode]:
    """Return the processes seen since an instant, those of one host left out, newest first."""
    rows = Node.objects.filter(seen_at__gte=since).exclude(host=but_on).order_by("-seen_at")
    columns = ("name", "host", "roles", "started_at", "seen_at")
    return [RunningNode(*row) for row in rows.values_list(*columns)[:_SHOWN]]


def enter(*, name: str, host: str, roles: str, now: datetime) -> None:
    """Write down that a process runs."""
    known = {"host": host, "roles": roles, "started_at": now, "seen_at": now}
    Node.objects.update_or_create(name=name, defaults=known)


def note_seen(*, name: str, now: datetime) -> None:
    """Write down that a process still runs."""
    Node.objects.filter(name=name).update(seen_at=now)


def leave(*, name: str) -> None:
    """Write down that a process has ended."""
    Node.objects.filter(name=name).delete()


def forget(*, before: datetime) -> None:
    """Throw away processes that nobody has seen since."""
    Node.objects.filter(seen_at__lt=before).delete()
