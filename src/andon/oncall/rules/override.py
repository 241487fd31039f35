"""Who stands in for whom: people who left, and overrides, laid over one turn of a rotation.

A turn is a list of pieces without holes. Each rule takes the list and gives a new one, so that the
order of the calls is the order of precedence: the last one laid on wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from andon.catalogue.rules.rotation import Departures, Turn, served
from andon.core.periods import Period
from andon.oncall.types import Departure, Override

#: When people gone from the beginning left.
_ALWAYS_GONE = datetime(1, 1, 2, tzinfo=UTC)


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


def standing(turn: Turn, gone: Departures) -> list[Piece]:
    """Return a turn before overrides: the next participant who is there serves for one who left."""
    whose = turn.taken_from or turn.person
    return [Piece(period, whose, person) for period, person in served(turn, gone)]


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
