"""The weeks of a rota as a table: a row a week, a cell a local day, with its shifts."""

from collections.abc import Collection, Mapping, Sequence
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
    #: When it starts and ends that day, in local time: `09:00`, `09:00-17:00`, `to 09:00`; an end
    #: at which somebody takes over goes unsaid.
    when: str
    override: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One local day. No blocks means that nobody is on call, if anything is known of it."""

    day: date
    today: bool
    past: bool
    #: Whether the rota is asked at some time of it; nobody on call then is a gap.
    is_asked: bool
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
    answered: Sequence[Period],
    names: Mapping[str, str],
    zone: ZoneInfo,
    now: datetime,
    known_from: datetime | None = None,
) -> list[list[Day]]:
    """Return the table: a list of weeks, each of seven days.

    `answered` is when the rota is asked in these weeks; `shifts` leave out all other hours.
    Before `known_from` none is known.
    """
    starts = {shift.period.starts_at for shift in shifts}
    colours = {slug: index % COLOURS + 1 for index, slug in enumerate(sorted(names))}
    today = now.astimezone(zone).date()

    def day(which: date) -> Day:
        period = Period(
            first_instant(which, _MIDNIGHT, zone),
            first_instant(which + timedelta(days=1), _MIDNIGHT, zone),
        )
        blocks = tuple(
            _block(shift, _when(shift, period, starts, zone), names, colours)
            for shift in shifts
            if shift.period.overlaps(period)
        )
        return Day(
            day=which,
            today=which == today,
            past=which < today,
            is_asked=any(one.overlaps(period) for one in answered),
            blocks=blocks,
            known=known_from is None or period.ends_at > known_from,
        )

    mondays = [week.starts_at.astimezone(zone).date() for week in weeks]
    return [[day(monday + timedelta(days=n)) for n in range(7)] for monday in mondays]


def _block(shift: Shift, when: str, names: Mapping[str, str], colours: Mapping[str, int]) -> Block:
    return Block(
        name=names.get(shift.person, shift.person),
        colour=colours.get(shift.person, 1),
        when=when,
        override=shift.override is not None,
    )


def _when(shift: Shift, day: Period, starts: Collection[datetime], zone: ZoneInfo) -> str:
    """Return when a shift starts and ends, as far as it does so on a day."""
    first, last = shift.period.starts_at, shift.period.ends_at
    start = f"{first.astimezone(zone):%H:%M}" if first > day.starts_at else ""
    end = f"{last.astimezone(zone):%H:%M}" if last < day.ends_at and last not in starts else ""
    return f"{start}-{end}" if start and end else start or (f"to {end}" if end else "")
