"""Whose turn it is by the rotation alone, by arithmetic and never by walking from the beginning.

Slots are numbered from the first hand-over, which is number 0; earlier ones are negative. On the
local clock the hand-overs are evenly spaced, so the slot of an instant is one division away. A slot
that the clocks swallow whole (a skipped day, or the hour lost in spring for an hourly rotation) has
no length: it is nobody's, and the turn it would have been passes to the next slot.

A version that took over from another one counts from where the order went on, see `succession`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from andon.catalogue.rules.zones import gaps
from andon.catalogue.types import RotationUnit
from andon.catalogue.types.rotas import Rotation, RotaVersion
from andon.core.periods import Period, first_instant

_DAY = timedelta(days=1)

#: Since when each person who is gone is gone.
Departures = Mapping[str, datetime]

#: Rotas share their hand-overs (Monday 09:00 in one zone), so most are computed once.
_first_instant = lru_cache(maxsize=65536)(first_instant)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a rotation: its period, and the place of whoever's turn it is among `people`.

    When somebody is gone, those who follow in `people` are asked, round and round.
    """

    period: Period
    place: int
    people: tuple[str, ...]
    #: Whose turn it was, when it was taken over for good; otherwise empty.
    taken_from: str = ""

    @property
    def person(self) -> str:
        """Return whose turn it is by the rotation."""
        return self.people[self.place % len(self.people)]

    @property
    def coming(self) -> tuple[str, ...]:
        """Return one round of the order after this turn, whoever has it last."""
        after = (self.place + 1) % len(self.people)
        return self.people[after:] + self.people[:after]


@dataclass(frozen=True, slots=True)
class _Cadence:
    """A rotation made ready for arithmetic: the first hand-over and the step between two."""

    timezone: str
    zone: ZoneInfo
    start: datetime
    step: timedelta
    #: The first hand-over as an instant, for rotations that run on elapsed time; otherwise None.
    elapsed_from: datetime | None


def settled(versions: Sequence[RotaVersion]) -> Sequence[RotaVersion]:
    """Return versions in order of time, each turn whole in the one whose people finish it.

    A turn that ran when the rota was edited begins in the version before the edit and ends in the
    one after it, and it is one turn.
    """
    if len(versions) == 1 and versions[0].carried is None:
        return versions
    found: list[RotaVersion] = []
    limit: datetime | None = None
    for version in sorted(versions, key=lambda one: one.period.starts_at, reverse=True):
        carried = version.carried
        starts_at, ends_at = version.period.starts_at, version.period.ends_at
        starts_at = min(starts_at, carried.since) if carried else starts_at
        ends_at = ends_at if limit is None else min(ends_at, limit)
        if starts_at < ends_at:
            found.append(replace(version, period=Period(starts_at, ends_at)))
        limit = starts_at if limit is None else min(limit, starts_at)
    return found[::-1]


def turns(*, version: RotaVersion, window: Period) -> Iterator[Turn]:
    """Yield the turns of a settled version that touch a window, clipped to the version only."""
    cadence, carried = _cadence(version.timezone, version.rotation), version.carried
    people, begins, first = version.rotation.participants, window.starts_at, None
    if carried is not None:
        people, begins = carried.order, max(begins, carried.until)
        running = Period(carried.since, carried.until)
        period = running.clip(version.period)
        if period is not None and period.overlaps(window):
            yield Turn(period, 0, (carried.person, *people), carried.turn)
        first = _first_slot(cadence, carried.until)
    if begins >= window.ends_at:
        return
    slot = _slot(cadence, begins)
    if first is not None:
        slot = max(slot, first)
    place = _served(cadence, slot) - (_served(cadence, first) if first is not None else 0)
    starts_at = carried.until if carried and slot == first else _boundary(cadence, slot)
    while starts_at < window.ends_at:
        slot += 1
        ends_at = _boundary(cadence, slot)
        if starts_at < ends_at:
            whole = _inside(Period(starts_at, ends_at), version.period)
            if whole is not None:
                yield Turn(whole, place, people)
            place += 1
            starts_at = ends_at


def served(turn: Turn, gone: Departures) -> list[tuple[Period, str | None]]:
    """Return who serves which part of a turn: for whoever is gone, the next who is there.

    Somebody who leaves in the middle of their turn serves up to that instant. None: nobody is left.
    """
    if turn.person not in gone:
        return [(turn.period, turn.person)]
    order = [turn.person, *turn.coming[:-1]]
    starts_at, ends_at = turn.period.starts_at, turn.period.ends_at
    cuts = sorted({gone[p] for p in order if p in gone and starts_at < gone[p] < ends_at})
    found: list[tuple[Period, str | None]] = []
    for start, end in pairwise([starts_at, *cuts, ends_at]):
        person = next((p for p in order if p not in gone or start < gone[p]), None)
        if found and found[-1][1] == person:
            start = found.pop()[0].starts_at
        found.append((Period(start, end), person))
    return found


def by_document(*, version: RotaVersion, since: datetime) -> tuple[str, ...]:
    """Return one round of a version's own order, by its first hand-over, from an instant on."""
    cadence, people = _cadence(version.timezone, version.rotation), version.rotation.participants
    place = _served(cadence, _first_slot(cadence, since)) % len(people)
    return people[place:] + people[:place]


def first_handover(version: RotaVersion) -> datetime:
    """Return the instant of the first hand-over a version declares."""
    return _boundary(_cadence(version.timezone, version.rotation), 0)


def _inside(period: Period, whole: Period) -> Period | None:
    """Clip a period; most lie inside already, and are given back as they are."""
    if whole.starts_at <= period.starts_at and period.ends_at <= whole.ends_at:
        return period
    return period.clip(whole)


@lru_cache(maxsize=4096)
def _cadence(timezone: str, rotation: Rotation) -> _Cadence:
    zone = ZoneInfo(timezone)
    start = datetime.combine(rotation.starts_on, rotation.handover)
    elapsed_from = None
    if rotation.unit is RotationUnit.HOUR and 24 % rotation.every:
        elapsed_from = first_instant(rotation.starts_on, rotation.handover, zone)
    return _Cadence(timezone, zone, start, length(rotation), elapsed_from)


def length(rotation: Rotation) -> timedelta:
    """Return how long a shift is on the local clock."""
    return timedelta(**{f"{rotation.unit.value}s": rotation.every})


def _boundary(cadence: _Cadence, slot: int) -> datetime:
    if cadence.elapsed_from is not None:
        return cadence.elapsed_from + slot * cadence.step
    local = cadence.start + slot * cadence.step
    return _first_instant(local.date(), local.time(), cadence.zone)


def _slot(cadence: _Cadence, at: datetime) -> int:
    """Return the number of the slot with a length that holds an instant."""
    if cadence.elapsed_from is not None:
        return (at - cadence.elapsed_from) // cadence.step
    # The local clock names the slot, but for the hours around a change: a step or two mends it.
    slot = (at.astimezone(cadence.zone).replace(tzinfo=None) - cadence.start) // cadence.step
    while _boundary(cadence, slot) > at:
        slot -= 1
    while _boundary(cadence, slot + 1) <= at:
        slot += 1
    return slot


def _first_slot(cadence: _Cadence, since: datetime) -> int:
    """Return the slot of the first turn that begins at an instant.

    It is the slot that holds the instant, unless less than half of it is left, because another
    hand-over was declared: then what is left is part of the next one, for an hour is no turn.
    """
    slot = _slot(cadence, since)
    handover = _boundary(cadence, slot + 1)
    return _slot(cadence, handover) if 2 * (handover - since) < cadence.step else slot


def _served(cadence: _Cadence, slot: int) -> int:
    """Return how many slots with a length lie from the first hand-over to a slot, signed."""
    if cadence.elapsed_from is not None or cadence.step > _DAY:
        return slot
    there = (cadence.start + slot * cadence.step).year
    low, high = sorted((cadence.start.year, there))
    lost = 0
    for year in range(low - 1, high + 2):
        for first, last in _lost(cadence.timezone, cadence.start, cadence.step, year):
            if slot >= 0:
                lost += max(0, min(last, slot) - max(first, 0))
            else:
                lost -= max(0, min(last, 0) - max(first, slot))
    return slot - lost


@lru_cache(maxsize=8192)
def _lost(
    timezone: str, start: datetime, step: timedelta, year: int
) -> tuple[tuple[int, int], ...]:
    """Return the slots without length in a year, as half-open ranges of numbers.

    Every hand-over inside a gap happens when it ends, and so does one that falls on its very end.
    """
    ranges = []
    for gap in gaps(timezone, year):
        first = -((start - gap.starts) // step)
        last = (gap.ends - start) // step
        if first < last:
            ranges.append((first, last))
    return tuple(ranges)
