"""The cumulative exposure of a week and a year as tables: the loss of a million outages at once.

The loss of an outage is a difference of two look-ups, exact because exposure is constant within a
slot: `C(m) = a[slot] + b[slot] x m`. Slots are as wide as all edges of the profile allow.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from andon.catalogue.types import WorkingHours
from andon.core.errors import Refusal
from andon.planning.rules.week import WEEK, Spans, profile, weeks
from andon.planning.types import Holidays, Season, Stretch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAY = 24 * 60
DAYS = 365
YEAR = DAYS * DAY
#: Weeks in the table. Outages that end later cost a division more.
_WEEKS = 4
#: Weeks after which bank holidays repeat: so many that a kind of week comes as often as it should.
_CYCLE = 8192
_GOLDEN = (math.sqrt(5) - 1) / 2


class UnableToSimulate(Refusal):
    """The portfolio cannot be simulated as it stands; the message says which service and why."""

    code = "unable_to_plan"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Running total of a week's exposure, in minutes of average exposure."""

    slots_per_minute: float
    base: Floats
    slope: Floats

    def until(self, minutes: Floats) -> Floats:
        """Return the exposure from a Monday 00:00 up to each minute of that or a later week."""
        if minutes.size and minutes.max() >= _WEEKS * WEEK:
            weeks = np.floor(minutes / WEEK)
            inside: Floats = self._inside(minutes - weeks * WEEK) + weeks * WEEK
            return inside
        return self._inside(minutes)

    def _inside(self, minutes: Floats) -> Floats:
        slot = (minutes * self.slots_per_minute).astype(np.int64)
        total: Floats = self.slope.take(slot)
        total *= minutes
        total += self.base.take(slot)
        return total


@lru_cache(maxsize=256)
def exposure(week: tuple[Stretch, ...]) -> Exposure | None:
    """Return the table of a week; None when exposure is flat."""
    if not week:
        return None
    shape = profile(week)
    width = math.gcd(WEEK, *(int(edge) for edge in shape.edges))
    starts = np.arange(0, _WEEKS * WEEK + width, width, dtype=np.float64)
    place = np.searchsorted(np.array(shape.edges), starts % WEEK, side="right") - 1
    slope = np.array(shape.heights)[place]
    steps = np.concatenate(([0.0], np.cumsum(slope * width)[:-1]))
    return Exposure(1 / width, steps - slope * starts, slope)


@dataclass(frozen=True, slots=True)
class Opening:
    """When somebody is next at work, by slot of the week; 0 in working hours."""

    slots_per_minute: float
    #: One table after the other for each kind of week.
    opens: Floats
    #: The first slot of each week's kind, for as many weeks as it takes; none when all are alike.
    weeks: Ints | None = None

    def begins(self, starts: Floats, number: Floats | None = None) -> Floats:
        """Return when work begins on incidents that start at these minutes of a week.

        `number` counts weeks: which of them have a bank holiday, and when, goes by it.
        """
        slot = (starts * self.slots_per_minute).astype(np.int64)
        if self.weeks is not None and number is not None:
            # A power of two: a remainder would take as long as all the rest, `mode="wrap"` longer.
            week = number.astype(np.int64)
            week &= _CYCLE - 1
            slot += self.weeks.take(week)
        begins: Floats = np.maximum(self.opens.take(slot), starts)
        return begins


@lru_cache(maxsize=256)
def opening(hours: WorkingHours, holidays: Holidays = ()) -> Opening:
    """Return the table of working hours, with the bank holidays of a year.

    Raises UnableToSimulate when nobody is ever at work: the wait would have no end.
    """
    kinds = weeks(hours, holidays)
    if not kinds[0][1]:
        raise UnableToSimulate("nobody is ever at work, and there is no cover out of hours")
    width = math.gcd(WEEK, *(edge for _, spans in kinds for span in spans for edge in span))
    tables = np.concatenate([_opens(spans, width) for _, spans in kinds])
    if len(kinds) == 1:
        return Opening(1 / width, tables)
    counts = [round(share * _CYCLE) for share, _ in kinds[1:]]
    first = np.zeros(_CYCLE, dtype=np.int64)
    # Spread as evenly as can be, so that few years have about their share of bank holidays too.
    order = np.argsort(np.arange(_CYCLE) * _GOLDEN % 1)[::-1]
    placed = np.repeat(np.arange(1, len(kinds)), counts)[:_CYCLE]
    first[order[: len(placed)]] = placed * (WEEK // width + 1)
    return Opening(1 / width, tables, first)


def _opens(spans: Spans, width: int) -> Floats:
    """Return by slot when work begins; 0 in working hours."""
    opens = np.full(WEEK // width + 1, float(spans[0][0] + WEEK))
    for start, end in reversed(spans):
        opens[: start // width] = start
        opens[start // width : end // width] = 0.0
    # Rounding can put the last instant of a week at the first of the next.
    opens[-1] = opens[0] and opens[0] + WEEK
    return opens


@dataclass(frozen=True, slots=True)
class ExposureCalendar:
    """Factors on exposure through the year, and the days on which they change."""

    #: By day of the year; one more, so that rounding at midnight of 31 December finds a day.
    factor: Floats
    #: Minutes of the year at which the factor changes, first 0.
    changes: Floats
    factors: Floats
    #: By day: the minute of the year of the next change.
    until: Floats

    def on(self, minutes: Floats) -> tuple[Floats, Floats]:
        """Return the factor at minutes of the year, and the minute of the next change."""
        day = (minutes / DAY).astype(np.int64)
        return self.factor.take(day), self.until.take(day)

    def between(self, week: Exposure | None, starts: Floats, year: Floats, end: Floats) -> Floats:
        """Return the exposure of outages through all changes of season.

        `starts` and `end` count minutes from a Monday, `year` the start from 1 January.
        """
        count = len(self.changes)
        part: Ints = np.searchsorted(self.changes, year, side="right") - 1
        length, done = end - starts, np.zeros_like(starts)
        total, before = np.zeros_like(starts), _until(week, starts)
        while (done < length).any():
            part += 1
            change = self.changes[part % count] + (part // count) * YEAR - year
            done = np.minimum(np.maximum(change, done), length)
            after = _until(week, starts + done)
            total += self.factors[(part - 1) % count] * (after - before)
            before = after
        return total


@lru_cache(maxsize=256)
def calendar(seasons: tuple[Season, ...]) -> ExposureCalendar | None:
    """Return the table of seasons; None when the year is flat. Overlaps: the highest wins."""
    if not seasons:
        return None
    factor, taken = np.ones(DAYS), np.zeros(DAYS, dtype=bool)
    for season in seasons:
        days = slice(max(season.starts, 1) - 1, max(season.ends - 1, 0))
        height = float(season.factor)
        factor[days] = np.where(taken[days], np.maximum(factor[days], height), height)
        taken[days] = True
    first = np.concatenate(([True], factor[1:] != factor[:-1]))
    changes = np.flatnonzero(first)
    following = np.append(changes[1:], DAYS)
    until = np.repeat(following, np.diff(np.append(changes, DAYS))) * float(DAY)
    return ExposureCalendar(
        factor=np.append(factor, factor[0]),
        changes=(changes * DAY).astype(np.float64),
        factors=factor[changes],
        until=np.append(until, following[0] * float(DAY) + YEAR),
    )


def _until(week: Exposure | None, minutes: Floats) -> Floats:
    return minutes if week is None else week.until(minutes)
