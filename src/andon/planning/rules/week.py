"""The week as the model sees it: exposure by minute, and the minutes somebody is at work.

Local wall time, 10,080 minutes from Monday 00:00, half-open; without a change of the clocks. A bank
holiday takes away what begins on it. A year is a mix of weeks, by which of their days are holidays,
each followed by one of its own kind: Easter's Friday and Monday are in two weeks, and do not meet.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from andon.catalogue.types import WorkingHours
from andon.planning.types import Holidays, Season, Stretch

WEEK = 7 * 24 * 60
_DAY = 24 * 60
_DAYS_A_YEAR = 365
Spans = tuple[tuple[int, int], ...]
ALWAYS: Spans = ((0, WEEK),)
#: Kinds of weeks: the share of all weeks that are so, and the minutes somebody is there in them.
Weeks = tuple[tuple[Decimal, Spans], ...]
EVERY_MINUTE: Weeks = ((Decimal(1), ALWAYS),)


@dataclass(frozen=True, slots=True)
class WeekProfile:
    """Exposure relative to its average, piecewise constant and periodic, with its running total.

    Units are minutes of average exposure: a whole week adds up to 10,080.
    """

    edges: tuple[float, ...]
    heights: tuple[float, ...]
    totals: tuple[float, ...]

    def until(self, at: float) -> float:
        """Return the exposure from Monday 00:00 up to a minute, of this week or a later one."""
        weeks, inside = divmod(at, WEEK)
        place = bisect_right(self.edges, inside) - 1
        return (
            weeks * WEEK + self.totals[place] + self.heights[place] * (inside - self.edges[place])
        )

    def between(self, start: float, end: float) -> float:
        """Return the exposure of a span of minutes."""
        return self.until(end) - self.until(start)


@lru_cache(maxsize=1024)
def profile(week: tuple[Stretch, ...]) -> WeekProfile:
    """Return the profile of stretches; none at all mean flat, minutes in no stretch weigh nothing.

    Raises ValueError when stretches overlap, leave the week, or weigh nothing together.
    """
    if not week:
        return WeekProfile((0.0,), (1.0,), (0.0,))
    ordered = sorted(week, key=lambda one: one.starts)
    edges = sorted({0, *(one.starts for one in ordered), *(one.ends for one in ordered)} - {WEEK})
    overlapping = any(first.ends > second.starts for first, second in pairwise(ordered))
    if overlapping or ordered[0].starts < 0 or ordered[-1].ends > WEEK:
        raise ValueError("stretches of the week overlap, or lie outside it")
    weight = sum(one.weight * (one.ends - one.starts) for one in ordered)
    if weight <= 0 or any(one.weight < 0 for one in ordered):
        raise ValueError("the stretches of the week weigh nothing, or less")
    heights = [float(_weight(ordered, edge) * WEEK / weight) for edge in edges]
    totals = [0.0]
    for (start, end), height in zip(pairwise(edges), heights, strict=False):
        totals.append(totals[-1] + height * (end - start))
    return WeekProfile(tuple(map(float, edges)), tuple(heights), tuple(totals))


@lru_cache(maxsize=1024)
def working_spans(hours: WorkingHours) -> Spans:
    """Return the minutes of the week in working hours; a night belongs to the day it begins."""
    starts = hours.starts.hour * 60 + hours.starts.minute
    ends = hours.ends.hour * 60 + hours.ends.minute
    return _on_days(hours.days, starts, ends)


@lru_cache(maxsize=1024)
def weeks(hours: WorkingHours, holidays: Holidays = ()) -> Weeks:
    """Return how the weeks of a year are worked, those without bank holidays first.

    Where holidays would leave nobody at work all week, they are worked.
    """
    worked: dict[frozenset[int], Decimal] = {}
    for days, often in holidays:
        others = hours.days - days
        if others and others != hours.days:
            worked[others] = worked.get(others, Decimal(0)) + often * 7 / _DAYS_A_YEAR
    kinds = [(share, working_spans(replace(hours, days=days))) for days, share in worked.items()]
    return ((1 - sum(worked.values(), Decimal(0)), working_spans(hours)), *kinds)


def days_off(hours: WorkingHours, holidays: Holidays) -> Decimal:
    """Return how many bank holidays a year fall on working days."""
    return sum((often * len(days & hours.days) for days, often in holidays), Decimal(0))


def share_of_time(kinds: Weeks) -> Decimal:
    """Return the share of a year in which somebody is there."""
    return sum((share * length(spans) for share, spans in kinds), Decimal(0)) / WEEK


def daily(starts: int, ends: int) -> Spans:
    """Return the same minutes of each of the seven days, such as 06:00 to 22:00, or overnight."""
    return _on_days(range(7), starts, ends)


def _on_days(days: Iterable[int], starts: int, ends: int) -> Spans:
    """Return minutes of the day on some days; the end comes the day after unless it is later."""
    until = ends if starts < ends else ends + _DAY
    spans = [(day * _DAY + starts, day * _DAY + until) for day in days]
    # Sunday's night goes on at the start of the week.
    wrapped = [(max(start - WEEK, 0), end - WEEK) for start, end in spans if end > WEEK]
    return union([*((start, min(end, WEEK)) for start, end in spans), *wrapped])


def union(spans: Iterable[tuple[int, int]]) -> Spans:
    """Return spans merged where they touch, in order."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(one for one in spans if one[0] < one[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def length(spans: Spans) -> int:
    """Return how many minutes spans hold."""
    return sum(end - start for start, end in spans)


def out_of_hours_share(hours: WorkingHours, holidays: Holidays = ()) -> Decimal:
    """Return the share of a year outside working hours: 128 / 168 for Mon-Fri 09:00-17:00.

    That is without bank holidays; with them it is more.
    """
    return 1 - share_of_time(weeks(hours, holidays))


@lru_cache(maxsize=1024)
def factors(seasons: tuple[Season, ...]) -> tuple[tuple[float, float], ...]:
    """Return (share of the year, factor on exposure) for each part of the year.

    Days in no season are ordinary. Where seasons overlap the highest factor wins.
    """
    days = [Decimal(1)] * _DAYS_A_YEAR
    taken = [False] * _DAYS_A_YEAR
    for season in seasons:
        for day in range(max(season.starts, 1) - 1, min(season.ends - 1, _DAYS_A_YEAR)):
            days[day] = max(days[day], season.factor) if taken[day] else season.factor
            taken[day] = True
    return tuple((days.count(factor) / _DAYS_A_YEAR, float(factor)) for factor in sorted(set(days)))


def _weight(stretches: Sequence[Stretch], at: int) -> Decimal:
    return next((one.weight for one in stretches if one.starts <= at < one.ends), Decimal(0))
