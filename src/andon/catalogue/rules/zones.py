"""Where clocks jump forward: the local times a zone never shows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Gap:
    """Local times from `starts` up to `ends`, without zone, that clocks skip."""

    starts: datetime
    ends: datetime


@lru_cache(maxsize=8192)
def gaps(timezone: str, year: int) -> tuple[Gap, ...]:
    """Return the gaps whose change of clocks lies in a UTC year.

    `zoneinfo` does not tell its transitions: the year is sampled day by day and each change found
    by halving. A gap undone within the same day would be missed.
    """
    zone = ZoneInfo(timezone)
    first = datetime(year, 1, 1, tzinfo=UTC)
    days = (datetime(year + 1, 1, 1, tzinfo=UTC) - first).days
    found = []
    before = _offset(first, zone)
    for number in range(1, days + 1):
        moment = first + timedelta(days=number)
        after = _offset(moment, zone)
        if after > before:
            change = _change(moment - timedelta(days=1), moment, zone).replace(tzinfo=None)
            found.append(Gap(change + before, change + after))
        before = after
    return tuple(found)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    after = _offset(high, zone)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if _offset(middle, zone) == after:
            high = middle
        else:
            low = middle
    return high


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
