"""What can be asked for in one question: so many at the most, and no longer than a server reads."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

#: VictoriaMetrics takes questions of 16 KiB.
MOST_BYTES = 12_000
#: Objectives, or services, that one question may name.
MOST_NAMES = 500


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
