"""What being on call asks of people: facts of load, rest owed, and how even a rota is.

Nothing here ranks anybody. A person's own figures are for that person; what others see of a rota
names no one and needs enough people that no one can be worked out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from andon.core.periods import Period, first_instant
from andon.core.words import say_share
from andon.costing.rules.callout import out_of_hours
from andon.costing.rules.units import say, total
from andon.costing.types import Fairness, Load, Rest
from andon.oncall.types import Shift

#: From so many people on, a rota's figures say nothing about one of them (choice).
FEWEST_PEOPLE = 4
_NIGHT_FROM, _NIGHT_UNTIL = time(22), time(7)
_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_WEEKEND = 5
_SHARE = Decimal("0.0001")


def loads(
    *,
    shifts: Iterable[Shift],
    period: Period,
    timezone: str,
    holidays: Sequence[Period] = (),
    callouts: Mapping[str, Sequence[datetime]] | None = None,
) -> dict[str, Load]:
    """Return what each person carried in a period, by name. Elapsed time, overrides included.

    `callouts` says when each person was called out; nights are 22:00 to 07:00 local time.
    """
    called = callouts or {}
    parts: dict[str, list[Period]] = defaultdict(list)
    for shift in shifts:
        inside = shift.period.clip(period)
        if inside is not None:
            parts[shift.person].append(inside)
    zone = ZoneInfo(timezone)
    weekends = _weekends(period, zone)
    return {
        person: Load(
            person=person,
            on_call=total(held),
            weekend=_within(held, weekends),
            holiday=_within(held, holidays),
            shifts=len(held),
            callouts=len(called.get(person, ())),
            nights=sum(_is_night(at, zone) for at in called.get(person, ())),
        )
        for person, held in sorted(parts.items())
    }


def fairness(*, loads: Mapping[str, Load]) -> Fairness | None:
    """Return how evenly a rota was carried, or None below four people: it would show who."""
    if len(loads) < FEWEST_PEOPLE:
        return None
    hours = sum((one.on_call for one in loads.values()), timedelta(0))
    largest = max(one.on_call for one in loads.values())
    even, most = Fraction(1, len(loads)), Fraction(largest // _INSTANT, hours // _INSTANT or 1)
    callouts = sum(one.callouts for one in loads.values())
    nights = sum(one.nights for one in loads.values())
    words = (
        f"{len(loads)} people carried {say(hours)}; evenly each would have {say_share(even)}, the "
        f"largest part was {say_share(most)}; {callouts} callouts, {nights} of them at night"
    )
    return Fairness(len(loads), _decimal(even), _decimal(most), callouts, nights, words)


def rest_owed(
    *,
    person: str,
    incident: int,
    worked: Period,
    in_hours: Sequence[Period],
    rest: timedelta,
) -> Rest | None:
    """Return the rest owed after work out of hours, and how much working time falls into it.

    `in_hours` must reach beyond the rest. GOV.UK PaaS, incident process: no work for 11 hours after
    the end of an incident out of hours. None when no rest is owed.
    """
    outside = out_of_hours(worked, in_hours)
    if not rest or not outside:
        return None
    ends_at = outside[-1].ends_at
    owed = Period(ends_at, ends_at + rest)
    working = total([part for one in in_hours if (part := one.clip(owed))])
    words = f"worked out of hours on INC-{incident}; {say(rest)} of rest"
    if working:
        words += f", {say(working)} of it in working hours: do not expect them then"
    return Rest(person, incident, owed, working, words)


def _within(parts: Iterable[Period], days: Sequence[Period]) -> timedelta:
    return total([cut for part in parts for day in days if (cut := part.clip(day))])


def _weekends(period: Period, zone: ZoneInfo) -> list[Period]:
    day = period.starts_at.astimezone(zone).date()
    last = period.ends_at.astimezone(zone).date()
    days = [day + _DAY * number for number in range((last - day).days + 2)]
    return [
        Period(first_instant(one, time(0), zone), first_instant(after, time(0), zone))
        for one, after in pairwise(days)
        if one.weekday() >= _WEEKEND
    ]


def _is_night(at: datetime, zone: ZoneInfo) -> bool:
    wall = at.astimezone(zone).time()
    return wall >= _NIGHT_FROM or wall < _NIGHT_UNTIL


def _decimal(share: Fraction) -> Decimal:
    return (Decimal(share.numerator) / share.denominator).quantize(_SHARE, ROUND_HALF_EVEN)
