"""Time paid in units: a first one, then further ones; started ones count."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from andon.core.periods import Period
from andon.core.words import say_exactly

#: A block of no length would never end a bill.
SHORTEST_BLOCK = timedelta(minutes=1)


def units(
    parts: Sequence[Period], *, first: timedelta, block: timedelta
) -> Iterator[tuple[timedelta, list[Period]]]:
    """Yield each paid unit with the pieces of time that fill it: the first, then the blocks."""
    left = list(parts)
    block = max(block, SHORTEST_BLOCK)
    unit = first or block
    while left:
        pieces, left = take(left, unit)
        yield unit, pieces
        unit = block


def take(parts: Sequence[Period], length: timedelta) -> tuple[list[Period], list[Period]]:
    """Split periods after an elapsed length."""
    taken: list[Period] = []
    for place, part in enumerate(parts):
        if part.length > length:
            cut = part.starts_at + length
            if length:
                taken.append(Period(part.starts_at, cut))
            return taken, [Period(cut, part.ends_at), *parts[place + 1 :]]
        taken.append(part)
        length -= part.length
        if not length:
            return taken, list(parts[place + 1 :])
    return taken, []


def touches(pieces: Sequence[Period], days: Sequence[Period]) -> bool:
    """Return whether any piece of time shares an instant with any day."""
    return any(piece.overlaps(day) for piece in pieces for day in days)


def total(parts: Sequence[Period]) -> timedelta:
    """Return the elapsed length of all."""
    return sum((part.length for part in parts), timedelta(0))


def say(length: timedelta) -> str:
    """Return a length in words, minutes rounded up: `1 h 20 min`."""
    minutes = -(-length // timedelta(minutes=1)) if length > timedelta(seconds=1) else 0
    return say_exactly(timedelta(minutes=minutes)) if minutes else "0 min"
