"""Deployments read from metrics: a few questions a minute, however many services there are.

What is new is read up to now, a day at a time after a standstill. When the query or the services
have changed, what lies before is filled in as well, backwards, a day a turn: reading a day again
finds the same minutes, and stores nothing twice.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import TruncDay

from andon.core import bulk
from andon.slo.models import Change
from andon.slo.ports import Deployments, UnableToMeasure
from andon.slo.rules import deployments
from andon.slo.rules.reading import (
    KEEP_DAYS,
    KEEP_POINTS,
    MOST_BYTES,
    MOST_ROWS,
    SETTLED,
    cut,
    grid,
)

#: How exactly a deployment is known, and how much time one question is about.
STEP, STRETCH = timedelta(minutes=1), timedelta(days=1)
#: Marks of one service in one stretch; a query that flickers must not fill the database.
MOST_MARKS = 100


@dataclass(slots=True)
class Marked:
    """What a turn did."""

    found: int = 0
    #: Services of which even one alone was too much to ask for.
    skipped: int = 0
    #: Why not everything could be read; empty when it could. The next turn asks for it again.
    error: str = ""


@dataclass(frozen=True, slots=True)
class MarkingRound:
    """What all questions of a turn share; services are keys by slug."""

    query: str
    services: Mapping[str, int]
    source: Deployments
    done: Marked


def mark(
    *,
    query: str,
    services: Mapping[str, int],
    source: Deployments,
    memory: dict[str, Any],
    now: datetime,
) -> Marked:
    """Read and store when services were deployed; `memory` says how far that has come.

    `services` are keys by slug.
    """
    at = grid(at=now - SETTLED, step=STEP)
    oldest = at - KEEP_POINTS
    _begin(memory, query, services, at)
    this = MarkingRound(query, services, source, Marked())
    front = max(_instant(memory, "front"), oldest)
    if front < at and _read_all(front, min(at, front + STRETCH), this):
        memory["front"] = min(at, front + STRETCH).isoformat()
    back = _instant(memory, "back")
    if back > oldest and _read_all(max(oldest, back - STRETCH), back, this):
        memory["back"] = (back - STRETCH).isoformat()
    return this.done


def prune(*, now: datetime) -> int:
    """Throw away deployments as points of a burn-down are: one a day is kept for long."""
    marks = Change.objects.filter(identity="")
    old = marks.filter(at__lt=now - KEEP_POINTS).annotate(day=TruncDay("at"))
    earlier = marks.filter(
        service=OuterRef("service"), at__lt=OuterRef("at"), at__gte=OuterRef("day")
    )
    fine = old.filter(Exists(earlier)).delete()[0]
    return fine + marks.filter(at__lt=now - KEEP_DAYS).delete()[0]


def _begin(memory: dict[str, Any], query: str, services: Mapping[str, int], at: datetime) -> None:
    """Begin to fill in what lies before, when something else is asked than the last time."""
    asked = "\n".join([query, *sorted(services)])
    digest = hashlib.sha256(asked.encode()).hexdigest()[:16]
    if memory.get("of") != digest:
        front = memory.get("front", at.isoformat())
        memory.update(of=digest, front=front, back=front)


def _read_all(since: datetime, until: datetime, this: MarkingRound) -> bool:
    """Read a stretch of time for all services; return whether that was possible."""
    room = (MOST_BYTES - len(this.query)) // max(deployments.places(this.query), 1)
    for batch in cut(sorted(this.services), slug=str, room=room):
        _read(batch, since, until, this)
    return not this.done.error


def _read(batch: list[str], since: datetime, until: datetime, this: MarkingRound) -> None:
    """Read a batch and store it; halve it while the source says that it is too much."""
    if this.done.error:
        return
    try:
        found = this.source.deployed(
            query=this.query,
            services=batch,
            first=since - deployments.QUIET,
            last=until,
            step=STEP,
        )
    except UnableToMeasure as error:
        if not error.too_much:
            this.done.error = str(error)
        elif len(batch) == 1:
            this.done.skipped += 1
        else:
            middle = len(batch) // 2
            _read(batch[:middle], since, until, this)
            _read(batch[middle:], since, until, this)
        return
    rows = [
        {"service_id": this.services[slug], "at": at}
        for slug, instants in found.items()
        for at in deployments.began(instants, since=since)[-MOST_MARKS:]
    ]
    _store(rows)
    this.done.found += len(rows)


def _store(rows: Sequence[Mapping[str, Any]]) -> None:
    for first in range(0, len(rows), MOST_ROWS):
        with transaction.atomic():
            bulk.insert(Change, rows[first : first + MOST_ROWS], ignore_conflicts=True)


def _instant(memory: Mapping[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(memory[name])
