"""Whose turn it is by the rotation alone: the turns of a version, and who serves them.

A version that took over from another one counts from where the order went on, see `succession`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from andon.catalogue.rules.cadence import cadence_of
from andon.catalogue.types.rotas import RotaVersion
from andon.core.periods import Period

#: Since when each person who is gone is gone.
Departures = Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a rotation: its period, and the place of whoever's turn it is among `people`.

    When somebody is gone, those who follow in `people` are asked, round and round.
    """

    period: Period
    place: int
    people: tuple[str, ...]
    #: Whose turn it was, when it was taken over for good; otherwise empty.
    taken_from: str = ""

    @property
    def person(self) -> str:
        """Return whose turn it is by the rotation."""
        return self.people[self.place % len(self.people)]

    @property
    def coming(self) -> tuple[str, ...]:
        """Return one round of the order after this turn, whoever has it last."""
        after = (self.place + 1) % len(self.people)
        return self.people[after:] + self.people[:after]


def settled(versions: Sequence[RotaVersion]) -> Sequence[RotaVersion]:
    """Return versions in order of time, each turn whole in the one whose people finish it.

    A turn that ran when the rota was edited begins in the version before the edit and ends in the
    one after it, and it is one turn.
    """
    if len(versions) == 1 and versions[0].carried is None:
        return versions
    found: list[RotaVersion] = []
    limit: datetime | None = None
    for version in sorted(versions, key=lambda one: one.period.starts_at, reverse=True):
        carried = version.carried
        starts_at, ends_at = version.period.starts_at, version.period.ends_at
        starts_at = min(starts_at, carried.since) if carried else starts_at
        ends_at = ends_at if limit is None else min(ends_at, limit)
        if starts_at < ends_at:
            found.append(replace(version, period=Period(starts_at, ends_at)))
        limit = starts_at if limit is None else min(limit, starts_at)
    return found[::-1]


def turns(*, version: RotaVersion, window: Period) -> Iterator[Turn]:
    """Yield the turns of a settled version that touch a window, clipped to the version only."""
    cadence, carried = cadence_of(version.timezone, version.rotation), version.carried
    people, begins, first = version.rotation.participants, window.starts_at, None
    if carried is not None:
        people, begins = carried.order, max(begins, carried.until)
        running = Period(carried.since, carried.until)
        period = running.clip(version.period)
        if period is not None and period.overlaps(window):
            yield Turn(period, 0, (carried.person, *people), carried.turn)
        first = cadence.first(carried.until)
    if begins >= window.ends_at:
        return
    slot = cadence.turn(begins)
    if first is not None:
        slot = max(slot, first)
    place = cadence.served(slot) - (cadence.served(first) if first is not None else 0)
    starts_at = carried.until if carried and slot == first else cadence.handover(slot)
    while starts_at < window.ends_at:
        slot = cadence.after(slot)
        ends_at = cadence.handover(slot)
        whole = _inside(Period(starts_at, ends_at), version.period)
        if whole is not None:
            yield Turn(whole, place, people)
        place += 1
        starts_at = ends_at


def served(turn: Turn, gone: Departures) -> list[tuple[Period, str | None]]:
    """Return who serves which part of a turn: for whoever is gone, the next who is there.

    Somebody who leaves in the middle of their turn serves up to that instant. None: nobody is left.
    """
    if turn.person not in gone:
        return [(turn.period, turn.person)]
    order = [turn.person, *turn.coming[:-1]]
    starts_at, ends_at = turn.period.starts_at, turn.period.ends_at
    cuts = sorted({gone[p] for p in order if p in gone and starts_at < gone[p] < ends_at})
    found: list[tuple[Period, str | None]] = []
    for start, end in pairwise([starts_at, *cuts, ends_at]):
        person = next((p for p in order if p not in gone or start < gone[p]), None)
        if found and found[-1][1] == person:
            start = found.pop()[0].starts_at
        found.append((Period(start, end), person))
    return found


def by_document(*, version: RotaVersion, since: datetime) -> tuple[str, ...]:
    """Return one round of a version's own order, by its first hand-over, from an instant on."""
    cadence, people = cadence_of(version.timezone, version.rotation), version.rotation.participants
    place = cadence.served(cadence.first(since)) % len(people)
    return people[place:] + people[:place]


def first_handover(version: RotaVersion) -> datetime:
    """Return the instant of the first hand-over a version declares."""
    return cadence_of(version.timezone, version.rotation).handover(0)


def _inside(period: Period, whole: Period) -> Period | None:
    """Clip a period; most lie inside already, and are given back as they are."""
    if whole.starts_at <= period.starts_at and period.ends_at <= whole.ends_at:
        return period
    return period.clip(whole)
