"""Half-open periods of instants, and local wall time turned into instants.

Local time obeys one rule everywhere (GoAlert's, pull request 1252): something recurring *starts* at
the first occurrence of its wall-clock time that day and *ends* at the last, so that a change of the
clocks makes an overlap and never a gap. A wall time that does not exist becomes the first valid
instant after it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: The end of what has none, for arithmetic's sake far away.
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)


def say_wall(at: datetime, *, now: datetime) -> str:
    """Return a local time as `Sat 21 Nov, 01:20 GMT`; the year only when it is not this one."""
    year = f" {at.year}" if at.year != now.astimezone(at.tzinfo).year else ""
    return f"{at:%a} {at.day} {at:%b}{year}, {at:%H:%M} {at:%Z}"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The instants from `starts_at` up to but not including `ends_at`, both aware UTC."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("a period needs aware instants")
        if self.ends_at < self.starts_at:
            raise ValueError(
                f"a period cannot end ({self.ends_at}) before it starts ({self.starts_at})"
            )

    @property
    def length(self) -> timedelta:
        """Return the elapsed length."""
        return self.ends_at - self.starts_at

    def __contains__(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at

    def overlaps(self, other: "Period") -> bool:
        """Return whether the two share at least one instant."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def clip(self, other: "Period") -> "Period | None":
        """Return the part of this period inside another, or None if there is none."""
        start, end = max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at)
        return Period(start, end) if start < end else None


def subtract(periods: Iterable[Period], holes: Iterable[Period]) -> Iterator[Period]:
    """Yield what is left of each period after cutting out every hole, in order of start."""
    ordered = sorted(holes)
    for period in sorted(periods):
        start = period.starts_at
        for hole in ordered:
            if hole.ends_at <= start or hole.starts_at >= period.ends_at:
                continue
            if hole.starts_at > start:
                yield Period(start, hole.starts_at)
            start = max(start, hole.ends_at)
        if start < period.ends_at:
            yield Period(start, period.ends_at)


def first_instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the first instant, in UTC, at which clocks in a zone show a wall time on a day.

    A time or day that the clocks skip gives the first valid instant after the gap.
    """
    return _instant(day, wall, zone, fold=0)


def last_instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the last instant, in UTC, at which clocks in a zone show a wall time on a day."""
    return _instant(day, wall, zone, fold=1)


def exists(day: date, wall: time, zone: ZoneInfo) -> bool:
    """Return whether clocks in a zone ever show this wall time on this day."""
    local = datetime.combine(day, wall, tzinfo=zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)


def is_ambiguous(day: date, wall: time, zone: ZoneInfo) -> bool:
    """Return whether clocks in a zone show this wall time twice on this day."""
    return exists(day, wall, zone) and first_instant(day, wall, zone) != last_instant(
        day, wall, zone
    )


def _instant(day: date, wall: time, zone: ZoneInfo, *, fold: int) -> datetime:
    local = datetime.combine(day, wall, tzinfo=zone).replace(fold=fold)
    if exists(day, wall, zone):
        return local.astimezone(UTC)
    # In a gap PEP 495 gives fold=0 the offset before it and fold=1 the one after, so fold=0 lands
    # after the gap and fold=1 before it. The transition lies between the two: find it by halving.
    low = local.replace(fold=1).astimezone(UTC)
    high = local.replace(fold=0).astimezone(UTC)
    offset_after = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle in (low, high):
            break
        if middle.astimezone(zone).utcoffset() == offset_after:
            high = middle
        else:
            low = middle
    return high
