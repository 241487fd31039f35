"""How an edited rota goes on: the running turn is finished, and the order continues from there.

Positions in a list are no promise to people, turns are. So an edit never asks "whose number is it
in the new list?". It takes the order in which turns would have come, changes that order by what the
edit did to the list, and hands it to the new version. Whoever is added at the end goes last in it;
whoever leaves is struck out of it, and nobody else changes places.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from andon.catalogue.rules import rotation
from andon.catalogue.rules.cadence import length
from andon.catalogue.rules.rotation import Departures, Turn
from andon.catalogue.types.rotas import Carried, RotaVersion
from andon.core.periods import Period

_INSTANT = timedelta(microseconds=1)

#: A name and which of its occurrences in the list it is: somebody may be listed twice.
_Place = tuple[str, int]


def carry(
    *, before: RotaVersion, after: RotaVersion, at: datetime, gone: Departures
) -> Carried | None:
    """Return what a version that begins at an instant takes over from the one before it.

    None when there is nothing to take over: the rota was not in force until then. `gone` says who
    has left the organisation by then; who is only struck off the list finishes their turn.
    """
    people = after.rotation.participants
    if not people or not before.rotation.participants or before.period.ends_at < at:
        return None
    turn = _running(before, at)
    if turn is not None and turn.period.starts_at == at and turn.person not in people:
        # It would begin with the edit: it has not, and the turn that ends now is the last.
        turn = _running(before, at - _INSTANT)
    if turn is None:
        return None
    order, whose = _order(before, after, turn), turn.taken_from or turn.person
    last = max(turn.period.starts_at, min(at, turn.period.ends_at - _INSTANT))
    period, person = next(
        (period, person) for period, person in rotation.served(turn, gone) if last in period
    )
    if person is None or turn.period.starts_at < period.starts_at == at:
        rest = Period(at, turn.period.ends_at)
        return _taken_over(order, rest, whose, length(after.rotation), gone)
    return Carried(
        since=period.starts_at,
        until=turn.period.ends_at,
        person=person,
        order=order,
        turn=whose if whose != person else "",
    )


def reorder(
    *, old: Sequence[str], new: Sequence[str], coming: Sequence[str], holder: str
) -> tuple[str, ...]:
    """Return one round of a new list's order from the next turn on.

    `coming` is a round of the old order from there; `holder` has the turn before it.
    """
    was, now, turns = _places(old), _places(new), _places(coming)
    kept = [one for one in now if one in set(was)]
    if not kept:
        return tuple(new)
    last = len(now) - next(i for i, one in enumerate(reversed(now)) if one in set(was))
    listed, appended = now[:last], now[last:]
    if kept == [one for one in was if one in set(now)]:
        order = _same_order(was, listed, turns)
    else:
        order = _listed_order(listed, turns, holder)
    order += [one for one in listed if one not in set(order)]
    return tuple(name for name, _ in order + appended)


def _running(before: RotaVersion, at: datetime) -> Turn | None:
    """Return the turn that holds an instant, as it would run without the edit."""
    (whole,) = rotation.settled([before]) or (None,)
    if whole is None:
        return None
    unending = replace(whole, period=Period(whole.period.starts_at, at + timedelta(weeks=52)))
    return next(rotation.turns(version=unending, window=Period(at, at + _INSTANT)), None)


def _order(before: RotaVersion, after: RotaVersion, turn: Turn) -> tuple[str, ...]:
    until = turn.period.ends_at
    moved = after.rotation.starts_on != before.rotation.starts_on
    if moved and rotation.first_handover(after) > until:
        # The file names a day to come on which its list begins.
        return rotation.by_document(version=after, since=until)
    coming = turn.coming[:-1] if turn.place == 0 and _is_carried(before, turn) else turn.coming
    order = reorder(
        old=before.rotation.participants,
        new=after.rotation.participants,
        coming=coming,
        holder=turn.person,
    )
    twice_already = coming[0] == turn.person and len(set(coming)) > 1
    return order if twice_already else _not_again(order, turn.person)


def _is_carried(before: RotaVersion, turn: Turn) -> bool:
    """Return whether a turn is the one the version took over, whose holder is not in its order."""
    carried = before.carried
    return carried is not None and turn.period.ends_at == carried.until


def _not_again(order: tuple[str, ...], person: str) -> tuple[str, ...]:
    """Turn the order on until somebody else is first, so that nobody serves twice in a row."""
    ahead = next((place for place, one in enumerate(order) if one != person), 0)
    return order[ahead:] + order[:ahead]


def _taken_over(
    order: tuple[str, ...], rest: Period, whose: str, step: timedelta, gone: Departures
) -> Carried:
    """Give the rest of a leaver's turn to the next who is there.

    Half a turn or more counts as their turn; less is added to it, and nobody else moves.
    """
    there = next((place for place, one in enumerate(order) if one not in gone), 0)
    person = order[there]
    if 2 * rest.length >= step:
        order = _not_again(order[there + 1 :] + order[: there + 1], person)
    return Carried(rest.starts_at, rest.ends_at, person, order, whose if whose != person else "")


def _same_order(was: list[_Place], listed: list[_Place], turns: list[_Place]) -> list[_Place]:
    """Strike out who left and put in who came, where they stand in the list.

    Who came in the place of somebody who left gets that place; others go before whoever follows
    them in the list.
    """
    left, came = _runs(was, set(listed)), _runs(listed, set(was))
    instead: dict[_Place, _Place] = {}
    ahead: dict[_Place, list[_Place]] = {}
    for follower, new in came.items():
        gone = left.get(follower, [])
        instead.update(zip(gone, new, strict=False))
        ahead[follower] = new[len(gone) :]
    order: list[_Place] = []
    for one in turns:
        if one in instead:
            order.append(instead[one])
        elif one in set(listed):
            order += [*ahead.get(one, ()), one]
    return order


def _listed_order(listed: list[_Place], turns: list[_Place], holder: str) -> list[_Place]:
    """Follow the list itself, on from whoever has the turn, else from the next who stays."""
    at = next((i for i, (name, _) in enumerate(listed) if name == holder), None)
    if at is not None:
        start = at + 1
    else:
        start = listed.index(next(one for one in turns if one in set(listed)))
    return listed[start:] + listed[:start]


def _runs(places: list[_Place], stay: set[_Place]) -> dict[_Place, list[_Place]]:
    """Return those who do not stay by the next one in the list who does."""
    found: dict[_Place, list[_Place]] = {}
    run: list[_Place] = []
    for one in places:
        if one in stay:
            found[one], run = run, []
        else:
            run.append(one)
    return found


def _places(names: Sequence[str]) -> list[_Place]:
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        found.append((name, seen[name]))
        seen[name] += 1
    return found
