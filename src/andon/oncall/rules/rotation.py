"""Whose turn it is by the rotation alone, by arithmetic and never by walking from the beginning.

Slots are numbered from the first hand-over, which is number 0; earlier ones are negative. On the
local clock the hand-overs are evenly spaced, so the slot of an instant is one division away. A slot
that the clocks swallow whole (a skipped day, or the hour lost in spring for an hourly rotation) has
no length: it is nobody's, and the turn it would have been passes to the next slot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from andon.catalogue.types import RotationUnit
from andon.core.periods import Period, first_instant
from andon.oncall.rules.zones import gaps
from andon.oncall.types import Rotation, RotaVersion

_DAY = timedelta(days=1)

#: Rotas share their hand-overs (Monday 09:00 in one zone), so most are computed once.
_first_instant = lru_cache(maxsize=65536)(first_instant)


@dataclass(frozen=True, slots=True)
class Turn:
    """One slot of a rotation: its period, and the place in the list of whoever's turn it is."""

    period: Period
    place: int


@dataclass(frozen=True, slots=True)
class _Cadence:
    """A rotation made ready for arithmetic: the first hand-over and the step between two."""

    timezone: str
    zone: ZoneInfo
    start: datetime
    step: timedelta
    #: The first hand-over as an instant, for rotations that run on elapsed time; otherwise None.
    elapsed_from: datetime | None


def turns(*, version: RotaVersion, window: Period) -> Iterator[Turn]:
    """Yield the turns of a version that touch a window, in order, clipped to the version only."""
    cadence = _cadence(version.timezone, version.rotation)
    slot = _slot(cadence, window.starts_at)
    place = _served(cadence, slot)
    starts_at = _boundary(cadence, slot)
    while starts_at < window.ends_at:
        slot += 1
        ends_at = _boundary(cadence, slot)
        if starts_at < ends_at:
            period = _inside(Period(starts_at, ends_at), version.period)
            if period is not None:
                yield Turn(period, place)
            place += 1
            starts_at = ends_at


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
