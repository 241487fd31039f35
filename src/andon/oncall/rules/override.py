"""Who stands in for whom: people who left, and overrides, laid over one turn of a rotation.

A turn is a list of pieces without holes. Each rule takes the list and gives a new one, so that the
order of the calls is the order of precedence: the last one laid on wins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from andon.core.periods import Period
from andon.oncall.types import Departure, Override

#: When people gone from the beginning left.
_ALWAYS_GONE = datetime(1, 1, 2, tzinfo=UTC)

Departures = Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a turn: whose turn it is, who serves it (None: nobody), and by which override."""

    period: Period
    turn: str
    person: str | None
    override: int | None = None


def departed(departures: Iterable[Departure]) -> Departures:
    """Return since when each person is gone."""
    return {d.person: d.at or _ALWAYS_GONE for d in departures}


def standing(
    *, period: Period, place: int, participants: Sequence[str], gone: Departures
) -> list[Piece]:
    """Return a turn before overrides: the next participant who is there serves for one who left.

    Somebody who leaves in the middle of their turn serves up to that instant.
    """
    turn = participants[place % len(participants)]
    if turn not in gone:
        return [Piece(period, turn, turn)]
    order = [participants[(place + step) % len(participants)] for step in range(len(participants))]
    cuts = sorted({gone[p] for p in order if p in gone and period.starts_at < gone[p]})
    edges = [period.starts_at, *(c for c in cuts if c < period.ends_at), period.ends_at]
    return [
        Piece(Period(start, end), turn, _first_there(order, start, gone))
        for start, end in pairwise(edges)
    ]


def overridden(
    pieces: list[Piece], *, overrides: Iterable[Override], gone: Departures
) -> list[Piece]:
    """Lay overrides over a turn, oldest first: the newest valid one wins at every instant."""
    for override in sorted(overrides, key=lambda o: (o.created_at, o.id)):
        period = _while_there(override, gone)
        if period is not None:
            pieces = [
                part for piece in pieces for part in _lay(piece, override=override, period=period)
            ]
    return pieces


def _first_there(order: Sequence[str], at: datetime, gone: Departures) -> str | None:
    return next((p for p in order if p not in gone or at < gone[p]), None)


def _while_there(override: Override, gone: Departures) -> Period | None:
    """An override ends when the person who took it leaves."""
    if override.person not in gone:
        return override.period
    end = min(override.period.ends_at, gone[override.person])
    return Period(override.period.starts_at, end) if override.period.starts_at < end else None


def _lay(piece: Piece, *, override: Override, period: Period) -> list[Piece]:
    taken = piece.period.clip(period)
    if taken is None or override.replaces not in (None, piece.person, piece.turn):
        return [piece]
    parts = []
    if piece.period.starts_at < taken.starts_at:
        parts.append(replace(piece, period=Period(piece.period.starts_at, taken.starts_at)))
    parts.append(Piece(taken, piece.turn, override.person, override.id))
    if taken.ends_at < piece.period.ends_at:
        parts.append(replace(piece, period=Period(taken.ends_at, piece.period.ends_at)))
    return parts
