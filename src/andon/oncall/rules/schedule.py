"""Who is on call for a rota: the one function that every other part of Andon asks."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from andon.catalogue.rules import rotation
from andon.core.periods import Period
from andon.oncall.rules import override
from andon.oncall.types import Rota, Shift

_INSTANT = timedelta(microseconds=1)


def shifts(*, rota: Rota, period: Period) -> list[Shift]:
    """Return the shifts of a rota that touch a period, in order, overrides applied.

    Shifts are whole: the first may start before the period and the last end after it, so that every
    view tells the same start and end. Use `Period.clip` to cut them. A shift is one turn of the
    rotation or a part of one; there is no gap but where the rota has no version or nobody is left.
    """
    return list(_shifts(rota, period))


def who(*, rota: Rota, at: datetime) -> Shift | None:
    """Return the shift that holds an instant, or None when nobody is on call."""
    return next(_shifts(rota, Period(at, at + _INSTANT)), None)


def next_on_call(*, rota: Rota, at: datetime) -> str | None:
    """Return the next person on call who is not the one at `at`, or None when there is no other."""
    now = who(rota=rota, at=at)
    for shift in _from(rota, now.period.ends_at if now else at):
        if now is None or shift.person != now.person:
            return shift.person
    return None


def _from(rota: Rota, moment: datetime) -> Iterator[Shift]:
    """Yield shifts from an instant on, far enough to meet every participant and every override."""
    for _ in range(_turns_to_see(rota)):
        shift = who(rota=rota, at=moment)
        if shift is not None:
            yield shift
            moment = shift.period.ends_at
            continue
        later = _next_change(rota, moment)
        if later is None:
            return
        moment = later


def _turns_to_see(rota: Rota) -> int:
    participants = sum(len(v.rotation.participants) for v in rota.versions)
    return participants + 2 * (len(rota.overrides) + len(rota.versions) + len(rota.departures)) + 2


def _next_change(rota: Rota, moment: datetime) -> datetime | None:
    starts = [v.period.starts_at for v in rota.versions]
    starts += [o.period.starts_at for o in rota.overrides]
    return min((s for s in starts if s > moment), default=None)


def _shifts(rota: Rota, period: Period) -> Iterator[Shift]:
    gone = override.departed(rota.departures)
    for version in rotation.settled(rota.versions):
        window = version.period.clip(period)
        if window is None or not version.rotation.participants:
            continue
        for turn in rotation.turns(version=version, window=window):
            touching = [o for o in rota.overrides if o.period.overlaps(turn.period)]
            if not touching and turn.person not in gone and not turn.taken_from:
                yield Shift(turn.period, turn.person)
            else:
                pieces = override.standing(turn, gone)
                pieces = override.overridden(pieces, overrides=touching, gone=gone)
                yield from (_shift(p) for p in pieces if p.person and p.period.overlaps(period))


def _shift(piece: override.Piece) -> Shift:
    person = piece.person or ""
    instead_of = piece.turn if piece.turn != person else ""
    return Shift(piece.period, person, piece.override, instead_of)
