"""Hand-overs on the local clock, by arithmetic and never by walking from the beginning.

Slots are numbered from the first hand-over, which is number 0; earlier ones are negative. On the
local clock the hand-overs are evenly spaced, so the slot of an instant is one division away. Two
kinds of slots are nobody's turn, and are not counted: one that the clocks swallow whole (a skipped
day, or the hour lost in spring for an hourly rotation), and one in which the rota is never asked
(a Saturday of a rota for working hours). So everybody serves, whatever the size of the list.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from math import lcm
from zoneinfo import ZoneInfo

from andon.catalogue.rules.zones import gaps
from andon.catalogue.types import RotationUnit
from andon.catalogue.types.rotas import Asked, Rotation
from andon.core.periods import first_instant

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_MINUTE = timedelta(minutes=1)

#: Rotas share their hand-overs (Monday 09:00 in one zone), so most are computed once.
_first_instant = lru_cache(maxsize=65536)(first_instant)


@dataclass(frozen=True, slots=True)
class Cadence:
    """A rotation made ready for arithmetic: the first hand-over and the step between two."""

    timezone: str
    zone: ZoneInfo
    start: datetime
    step: timedelta
    #: The first hand-over as an instant, for rotations that run on elapsed time; otherwise None.
    elapsed_from: datetime | None
    #: How many slots before each one of a round of whole weeks are turns, and in all of it; empty
    #: when every slot is one.
    counted: tuple[int, ...]

    def is_turn(self, slot: int) -> bool:
        """Return whether a slot has a length, and the rota is asked in it."""
        if self.counted and self._count(slot) == self._count(slot + 1):
            return False
        return self.step > _DAY or self.handover(slot) < self.handover(slot + 1)

    def handover(self, slot: int) -> datetime:
        """Return when a slot begins."""
        if self.elapsed_from is not None:
            return self.elapsed_from + slot * self.step
        local = self.start + slot * self.step
        return _first_instant(local.date(), local.time(), self.zone)

    def slot(self, at: datetime) -> int:
        """Return the number of the slot with a length that holds an instant."""
        if self.elapsed_from is not None:
            return (at - self.elapsed_from) // self.step
        # The local clock names the slot, but for the hours around a change: a step or two mends it.
        slot = (at.astimezone(self.zone).replace(tzinfo=None) - self.start) // self.step
        while self.handover(slot) > at:
            slot -= 1
        while self.handover(slot + 1) <= at:
            slot += 1
        return slot

    def turn(self, at: datetime) -> int:
        """Return the slot with which the turn began that holds an instant."""
        slot = self.slot(at)
        while not self.is_turn(slot):
            slot -= 1
        return slot

    def after(self, slot: int) -> int:
        """Return the slot with which the next turn begins."""
        slot += 1
        while not self.is_turn(slot):
            slot += 1
        return slot

    def first(self, since: datetime) -> int:
        """Return the slot of the first turn, when it begins at an instant that is no hand-over.

        It is the slot that holds the instant, unless less than half of it is left, because another
        hand-over was declared: then what is left is part of the next one, for an hour is no turn.
        """
        slot = self.slot(since)
        following = self.after(slot)
        short = 2 * (self.handover(following) - since) < self.step
        return following if short or not self.is_turn(slot) else slot

    def served(self, slot: int) -> int:
        """Return how many turns lie from the first hand-over to a slot, signed."""
        found = self._count(slot)
        if self.elapsed_from is not None or self.step > _DAY:
            return found
        low, high = sorted((self.start.year, (self.start + slot * self.step).year))
        for year in range(low - 1, high + 2):
            for first, last in _lost(self.timezone, self.start, self.step, year):
                if slot >= 0:
                    found -= self._between(max(first, 0), min(last, slot))
                else:
                    found += self._between(max(first, slot), min(last, 0))
        return found

    def _between(self, first: int, last: int) -> int:
        return self._count(last) - self._count(first) if first < last else 0

    def _count(self, slot: int) -> int:
        if not self.counted:
            return slot
        rounds, rest = divmod(slot, len(self.counted) - 1)
        return rounds * self.counted[-1] + self.counted[rest]


@lru_cache(maxsize=4096)
def cadence_of(timezone: str, rotation: Rotation) -> Cadence:
    """Return a rotation's cadence in a zone."""
    zone = ZoneInfo(timezone)
    start = datetime.combine(rotation.starts_on, rotation.handover)
    elapsed_from = None
    if rotation.unit is RotationUnit.HOUR and 24 % rotation.every:
        elapsed_from = first_instant(rotation.starts_on, rotation.handover, zone)
    step = length(rotation)
    counted = _counted(start, step, rotation.asked) if elapsed_from is None else ()
    return Cadence(timezone, zone, start, step, elapsed_from, counted)


def length(rotation: Rotation) -> timedelta:
    """Return how long a slot is on the local clock."""
    return timedelta(**{f"{rotation.unit.value}s": rotation.every})


def _counted(start: datetime, step: timedelta, asked: Asked | None) -> tuple[int, ...]:
    """Return the turns before each slot of a round of whole weeks; empty when all are turns."""
    if asked is None:
        return ()
    slots = lcm(step // _MINUTE, _WEEK // _MINUTE) // (step // _MINUTE)
    turns = [_is_asked(start + slot * step, step, asked) for slot in range(slots)]
    if all(turns) or not any(turns):
        return ()
    return tuple(accumulate(turns, initial=0))


def _is_asked(start: datetime, step: timedelta, asked: Asked) -> bool:
    """Return whether a slot holds any of the hours in which a rota is asked."""
    end = start + step
    for number in range(-1, step // _DAY + 2):
        day = start.date() + number * _DAY
        if day.weekday() not in asked.days:
            continue
        until = day if asked.starts < asked.ends else day + _DAY
        opens, shuts = datetime.combine(day, asked.starts), datetime.combine(until, asked.ends)
        if asked.working and opens < end and start < shuts:
            return True
        if not asked.working and opens <= start and end <= shuts:
            return False
    return not asked.working


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
