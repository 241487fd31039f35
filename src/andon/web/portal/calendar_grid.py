"""The weeks of a rota as a table: a row a week, a cell a local day, with its shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from andon.core.periods import Period, first_instant
from andon.oncall.types import Shift

#: How many colours people get; further ones begin again. Names tell them apart, colours only help.
COLOURS = 6
_MIDNIGHT = time(0, 0)


@dataclass(frozen=True, slots=True)
class Block:
    """Somebody's part of a day."""

    name: str
    colour: int
    #: The local time it starts, if it starts that day; empty when it goes on from the day before.
    starts: str
    override: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One local day. No blocks means that nobody is on call, if anything is known of it."""

    day: date
    today: bool
    past: bool
    blocks: tuple[Block, ...]
    #: Whether the rota was declared by then: before, nobody knows who was on call.
    known: bool = True


def weeks(*, now: datetime, zone: ZoneInfo, count: int) -> list[Period]:
    """Return so many weeks, Monday to Monday in a zone, from the one that holds `now`."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    starts = [first_instant(monday + timedelta(weeks=n), _MIDNIGHT, zone) for n in range(count + 1)]
    return [Period(start, end) for start, end in pairwise(starts)]


def draw(
    *,
    weeks: Sequence[Period],
    shifts: Sequence[Shift],
    names: Mapping[str, str],
    zone: ZoneInfo,
    now: datetime,
    known_from: datetime | None = None,
) -> list[list[Day]]:
    """Return the table: a list of weeks, each of seven days. Before `known_from` none is known."""
    colours = {slug: index % COLOURS + 1 for index, slug in enumerate(sorted(names))}
    today = now.astimezone(zone).date()

    def day(which: date) -> Day:
        period = Period(
            first_instant(which, _MIDNIGHT, zone),
            first_instant(which + timedelta(days=1), _MIDNIGHT, zone),
        )
        blocks = tuple(
            _block(shift, period, names, colours, zone)
            for shift in shifts
            if shift.period.overlaps(period)
        )
        known = known_from is None or period.ends_at > known_from
        return Day(day=which, today=which == today, past=which < today, blocks=blocks, known=known)

    mondays = [week.starts_at.astimezone(zone).date() for week in weeks]
    return [[day(monday + timedelta(days=n)) for n in range(7)] for monday in mondays]


def _block(
    shift: Shift,
    period: Period,
    names: Mapping[str, str],
    colours: Mapping[str, int],
    zone: ZoneInfo,
) -> Block:
    starts_here = shift.period.starts_at > period.starts_at
    return Block(
        name=names.get(shift.person, shift.person),
        colour=colours.get(shift.person, 1),
        starts=f"{shift.period.starts_at.astimezone(zone):%H:%M}" if starts_here else "",
        override=shift.override is not None,
    )
