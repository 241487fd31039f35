"""How what is measured is read: at which instants, how much in one question, kept how long."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

#: VictoriaMetrics takes questions of 16 KiB.
MOST_BYTES = 12_000
#: Objectives, or services, that one question may name.
MOST_NAMES = 500
#: Rows that are written at once: SQLite has one writer's place, and a page may want it.
MOST_ROWS = 1000
#: What was recorded so long ago has reached the database of metrics: a sum of it may be kept.
SETTLED = timedelta(minutes=2)
#: What was read is kept in full for so long; from then on one a day.
KEEP_POINTS, KEEP_DAYS = timedelta(days=35), timedelta(days=400)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def cut(
    found: Sequence[T], *, slug: Callable[[T], str], most: int = MOST_NAMES, room: int = MOST_BYTES
) -> Iterator[list[T]]:
    """Yield things in order, some at a time: so many, with slugs of so many bytes."""
    batch: list[T] = []
    size = 0
    for one in found:
        length = len(slug(one)) + 1
        if batch and (len(batch) >= most or size + length > room):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    if batch:
        yield batch


def grid(*, at: datetime, step: timedelta) -> datetime:
    """Return the last whole step at or before an instant."""
    return at - (at - _BEGINNING) % step
