"""Who is on call for a rota: the one function that every other part of Andon asks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from andon.catalogue.rules import rotation
from andon.core.periods import Period
from andon.oncall.rules import override
from andon.oncall.rules.choosing import answered, asked
from andon.oncall.types import OnCallNow, Rota, Shift

_INSTANT = timedelta(microseconds=1)
#: How far ahead the next shift is looked for, nearest first: most rotas have one within days.
_LOOKS = (timedelta(days=8), timedelta(days=70), timedelta(days=400))


def shifts(*, rota: Rota, period: Period) -> list[Shift]:
    """Return the shifts of a rota that touch a period, in order, overrides applied.

    Only hours in which the rota is asked are in them: of a week on a rota for working hours, five
    days. Shifts are whole: the first may start before the period and the last end after it, so that
    every view tells the same start and end. Use `Period.clip` to cut them.
    """
    return list(_served(rota, period))


def who(*, rota: Rota, at: datetime) -> Shift | None:
    """Return the shift that holds an instant, or None when nobody is on call.

    Nobody is when the rota is not asked at that instant, or has nobody left to ask.
    """
    return next(_served(rota, Period(at, at + _INSTANT)), None)


def turns(*, rota: Rota, period: Period) -> list[Shift]:
    """Return whose the rota is in a period, turn by turn, whether or not it is asked.

    A turn is a turn of the rotation or a part of one; there is no gap but where the rota has no
    version or nobody is left. What is counted or paid by turns goes by these.
    """
    return list(_turns(rota, period))


def turn_at(*, rota: Rota, at: datetime) -> Shift | None:
    """Return the turn that holds an instant, whether or not the rota is asked then."""
    return next(_turns(rota, Period(at, at + _INSTANT)), None)


def on_call_at(*, rota: Rota, at: datetime) -> OnCallNow:
    """Return who is on call at an instant, or why nobody is, and the shift that follows."""
    found = asked(answers=rota.answers, at=at)
    shift = who(rota=rota, at=at) if found.now else None
    following = _following(rota, at, shift)
    return OnCallNow(
        rota=rota,
        at=at,
        answers=found.now,
        reason=found.reason,
        shift=shift,
        following=following,
        until=_until(rota, shift, following) if shift else None,
    )


def displaced(*, rota: Rota, person: str, replaces: str | None, period: Period) -> tuple[str, ...]:
    """Return whose shifts somebody takes in a period; the rota is the one without that override."""
    found = [
        one.person
        for one in shifts(rota=rota, period=period)
        if replaces in (None, one.person, one.instead_of)
    ]
    return tuple(one for one in dict.fromkeys(found) if one != person)


def next_on_call(*, rota: Rota, at: datetime) -> str | None:
    """Return the next person by turns who is not the one at `at`, or None when there is none.

    Whom an escalation asks next: somebody else, at whatever hour it comes to it.
    """
    now = turn_at(rota=rota, at=at)
    for turn in _from(rota, now.period.ends_at if now else at):
        if now is None or turn.person != now.person:
            return turn.person
    return None


def _following(rota: Rota, at: datetime, now: Shift | None) -> Shift | None:
    """Return the next shift that begins; after somebody's, the next of somebody else."""
    since = now.period.ends_at if now else at
    for look in _LOOKS:
        for shift in _served(rota, Period(since, since + look)):
            if shift.period.starts_at >= since and (now is None or shift.person != now.person):
                return shift
    return None


def _until(rota: Rota, shift: Shift, following: Shift | None) -> datetime:
    """Return the end of an unbroken row of one person's shifts; of one without end, the first's."""
    until = shift.period.ends_at
    if following is None or following.period.starts_at == until:
        return until
    for one in _served(rota, Period(until, following.period.starts_at)):
        if one.period.starts_at == until and one.person == shift.person:
            until = one.period.ends_at
    return until


def _from(rota: Rota, moment: datetime) -> Iterator[Shift]:
    """Yield turns from an instant on, far enough to meet every participant and every override."""
    for _ in range(_turns_to_see(rota)):
        turn = turn_at(rota=rota, at=moment)
        if turn is not None:
            yield turn
            moment = turn.period.ends_at
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


def _served(rota: Rota, period: Period) -> Iterator[Shift]:
    """Yield turns without the hours in which the rota is not asked."""
    for turn in _turns(rota, period):
        if rota.answers.always:
            yield turn
            continue
        for part in answered(answers=rota.answers, period=turn.period):
            if part.overlaps(period):
                yield replace(turn, period=part)


def _turns(rota: Rota, period: Period) -> Iterator[Shift]:
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
