"""What an edit does to a rota, before it is made: the same values, and the rules that page."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from andon.catalogue.rules.cadence import length
from andon.catalogue.rules.succession import carry
from andon.core.periods import FOREVER, Period
from andon.oncall.rules import override
from andon.oncall.rules.choosing import asked
from andon.oncall.rules.schedule import shifts, turn_at, turns
from andon.oncall.types import (
    ComingTurn,
    Departure,
    IdleOverride,
    Override,
    Rota,
    RotaChange,
    RotaVersion,
)

#: How many coming turns are shown side by side.
TURNS_SHOWN = 6
#: A rota without anybody is compared as if its shifts were as long as the default.
_WEEK = timedelta(weeks=1)


def edited(*, rota: Rota, version: RotaVersion) -> Rota:
    """Return a rota as an edit makes it: `version` takes over when it begins, and stays."""
    at = version.period.starts_at
    before = [one for one in rota.versions if one.period.starts_at < at]
    last = max(before, key=lambda one: one.period.starts_at, default=None)
    gone = override.departed(rota.departures)
    taken_over = carry(before=last, after=version, at=at, gone=gone) if last else None
    version = replace(version, carried=taken_over, period=Period(at, FOREVER))
    return replace(rota, versions=(*_until(before, at), version))


def closed(*, rota: Rota, at: datetime) -> Rota:
    """Return a rota that ends at an instant."""
    return replace(rota, versions=tuple(_until(rota.versions, at)))


def departed(*, rota: Rota, left: Collection[str], back: Collection[str], at: datetime) -> Rota:
    """Return a rota from which people leave at an instant, and to which others come back."""
    gone = {one.person: one for one in rota.departures if one.person not in back}
    for person in left:
        gone.setdefault(person, Departure(person, at))
    return replace(rota, departures=tuple(gone[person] for person in sorted(gone)))


def compare(*, before: Rota | None, after: Rota, at: datetime) -> RotaChange:
    """Return what changes between two states of a rota from an instant on."""
    horizon = max(_round(one) for one in (before, after) if one is not None)
    _, *coming = _side_by_side(before, after, Period(at, at + horizon))
    versions = after.versions or (before.versions if before else ())
    return RotaChange(
        slug=after.slug,
        title=after.title,
        timezone=versions[-1].timezone if versions else "UTC",
        at=at,
        before=turn_at(rota=before, at=at) if before else None,
        after=turn_at(rota=after, at=at),
        turns=tuple(coming[:TURNS_SHOWN]),
        first=next((one for one in coming if one.before != one.after), None) if before else None,
        idle=tuple(_missed(before, after, at)),
        answers=(_is_asked(before or after, at), _is_asked(after, at)),
        is_new=before is None,
    )


def idle_overrides(*, rota: Rota, at: datetime) -> list[IdleOverride]:
    """Return the overrides, running or to come, that take nobody's shift."""
    ahead = (one for one in rota.overrides if one.period.ends_at > at)
    found = (IdleOverride(one, _why_idle(rota, one, at)) for one in ahead)
    return [one for one in found if one.reason]


def _is_asked(rota: Rota, at: datetime) -> bool:
    return asked(answers=rota.answers, at=at).now


def _missed(before: Rota | None, after: Rota, at: datetime) -> Iterator[IdleOverride]:
    """Yield the overrides that take nobody's shift after an edit, or another's than before."""
    idle = {one.override.id: one for one in idle_overrides(rota=after, at=at)}
    for one in after.overrides:
        took = _taken(before, one, at) if before and one.period.ends_at > at else ()
        if one.id in idle:
            yield replace(idle[one.id], until_now=bool(took))
        elif took and took != (takes := _taken(after, one, at)):
            yield IdleOverride(one, until_now=True, took=took, takes=takes)


def _taken(rota: Rota, override: Override, at: datetime) -> tuple[str, ...]:
    """Return whose turns an override takes from an instant on."""
    period = Period(max(override.period.starts_at, at), override.period.ends_at)
    found = (one for one in shifts(rota=rota, period=period) if one.override == override.id)
    return tuple(sorted({one.instead_of for one in found if one.instead_of}))


def _why_idle(rota: Rota, override: Override, at: datetime) -> str:
    """Return why an override takes nobody's shift from an instant on; empty when it takes one."""
    if _taken(rota, override, at):
        return ""
    period = Period(max(override.period.starts_at, at), override.period.ends_at)
    others = tuple(one for one in rota.overrides if one.id != override.id)
    plain = shifts(rota=replace(rota, overrides=others), period=period)
    here = {name for one in plain for name in (one.person, one.instead_of)}
    left = {one.person for one in rota.departures if one.at is None or one.at <= period.starts_at}
    if not plain:
        has_turns = turns(rota=rota, period=period)
        return f"the rota {'is not asked' if has_turns else 'has no shift'} in that time"
    if override.person in left:
        return f"{override.person} has left"
    if override.replaces and override.replaces not in here:
        return f"{override.replaces} is not on call in that time"
    if all(one.person == override.person for one in plain):
        return f"{override.person} is on call in that time anyway"
    return "a newer override takes that time"


def _until(versions: Collection[RotaVersion], at: datetime) -> list[RotaVersion]:
    """Return versions as they are when those in force end at an instant."""
    return [
        replace(one, period=Period(one.period.starts_at, min(one.period.ends_at, at)))
        for one in versions
        if one.period.starts_at < at
    ]


def _round(rota: Rota) -> timedelta:
    """Return how long it takes until everybody had a turn, and more."""
    lengths = (
        length(one.rotation) * (len(one.rotation.participants) + TURNS_SHOWN)
        for one in rota.versions[-2:]
    )
    return max(lengths, default=_WEEK)


def _side_by_side(before: Rota | None, after: Rota, period: Period) -> list[ComingTurn]:
    """Return who is on call at the start of a period and whenever it changes on either side."""
    sides = [_steps(rota, period) if rota else {} for rota in (before, after)]
    edges = sorted({period.starts_at, *sides[0], *sides[1]})
    found: list[ComingTurn] = []
    people: list[str | None] = [None, None]
    for edge in edges:
        people = [side.get(edge, person) for side, person in zip(sides, people, strict=True)]
        found.append(ComingTurn(edge, *people))
    return found


def _steps(rota: Rota, period: Period) -> dict[datetime, str | None]:
    """Return who takes over at each instant of a period; None where somebody ends a last turn."""
    steps: dict[datetime, str | None] = {}
    for one in turns(rota=rota, period=period):
        steps[max(one.period.starts_at, period.starts_at)] = one.person
        if one.period.ends_at < period.ends_at:
            steps[one.period.ends_at] = None
    return steps
