"""Working hours: local wall time on working days, without the bank holidays."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from andon.catalogue.types import WorkingHours
from andon.core.periods import Period, first_instant, last_instant
from andon.oncall.types import Holidays, Hours

_DAY = timedelta(days=1)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: Working hours that do not begin within this many days are a mistake in the files.
LONGEST_CLOSURE_DAYS = 60


def no_holidays(day: date) -> str:  # noqa: ARG001 - a calendar without holidays
    """Say that no day is a bank holiday."""
    return ""


def hours(*, working_hours: WorkingHours, at: datetime, holidays: Holidays = no_holidays) -> Hours:
    """Return whether an instant is in working hours, why in words, and when they next begin.

    Working hours that never begin (no working day at all) give `at` itself as the next start, with
    the reason: a page held for ever would be lost, one that goes out now is only untimely.
    """
    today = at.astimezone(ZoneInfo(working_hours.timezone)).date()
    for day in (today, today - _DAY):
        if at in _opening(working_hours, day, holidays):
            return Hours(True, _open_reason(working_hours, at), at)
    reason = _closed_reason(working_hours, at, holidays)
    for number in range(LONGEST_CLOSURE_DAYS + 1):
        opening = _opening(working_hours, today + number * _DAY, holidays)
        if opening.starts_at > at and opening.length:
            return Hours(False, reason, opening.starts_at)
    never = f"{reason}; no working hours begin in the next {LONGEST_CLOSURE_DAYS} days"
    return Hours(False, never, at)


def working_periods(
    *, working_hours: WorkingHours, period: Period, holidays: Holidays = no_holidays
) -> list[Period]:
    """Return the parts of a period that are in working hours, in order, each instant once."""
    found: list[Period] = []
    for opening in _openings(working_hours, period, holidays):
        if found and opening.starts_at <= found[-1].ends_at:
            found[-1] = Period(found[-1].starts_at, max(found[-1].ends_at, opening.ends_at))
        else:
            found.append(opening)
    return found


def holiday_periods(
    *, working_hours: WorkingHours, period: Period, holidays: Holidays = no_holidays
) -> list[Period]:
    """Return the bank holidays that touch a period, as whole local days."""
    zone = ZoneInfo(working_hours.timezone)
    day = period.starts_at.astimezone(zone).date()
    last = period.ends_at.astimezone(zone).date()
    found = []
    while day <= last:
        if holidays(day):
            midnight, next_midnight = (first_instant(d, time(0), zone) for d in (day, day + _DAY))
            found.append(Period(midnight, next_midnight))
        day += _DAY
    return [holiday for holiday in found if holiday.overlaps(period)]


def say_day(day: date) -> str:
    """Return a day in words, such as `Mon 3 May 2027`."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def say_instant(at: datetime, timezone: str) -> str:
    """Return an instant in words in a zone, such as `Tue 4 May 2027 09:00 Europe/London`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{say_day(local.date())} {local:%H:%M} {timezone}"


def say_hours(working_hours: WorkingHours) -> str:
    """Return working hours in words, such as `Mon-Fri 09:00-17:00 Europe/London`."""
    days = _say_days(sorted(working_hours.days))
    return (
        f"{days} {working_hours.starts:%H:%M}-{working_hours.ends:%H:%M} {working_hours.timezone}"
    )


def _openings(working_hours: WorkingHours, period: Period, holidays: Holidays) -> Iterator[Period]:
    zone = ZoneInfo(working_hours.timezone)
    day = period.starts_at.astimezone(zone).date() - _DAY
    last = period.ends_at.astimezone(zone).date()
    while day <= last:
        opening = _opening(working_hours, day, holidays).clip(period)
        if opening is not None:
            yield opening
        day += _DAY


def _opening(working_hours: WorkingHours, day: date, holidays: Holidays) -> Period:
    """Return a day's working hours; empty on days off. A night belongs to the day it begins."""
    opening = _wall_opening(working_hours, day)
    if day.weekday() not in working_hours.days or holidays(day):
        return Period(opening.starts_at, opening.starts_at)
    return opening


@lru_cache(maxsize=4096)
def _wall_opening(working_hours: WorkingHours, day: date) -> Period:
    zone = ZoneInfo(working_hours.timezone)
    until = day if working_hours.starts < working_hours.ends else day + _DAY
    starts_at = first_instant(day, working_hours.starts, zone)
    return Period(starts_at, max(starts_at, last_instant(until, working_hours.ends, zone)))


def _open_reason(working_hours: WorkingHours, at: datetime) -> str:
    when = say_instant(at, working_hours.timezone)
    return f"{when} is in working hours ({say_hours(working_hours)})"


def _closed_reason(working_hours: WorkingHours, at: datetime, holidays: Holidays) -> str:
    local = at.astimezone(ZoneInfo(working_hours.timezone))
    day = local.date()
    name = holidays(day)
    if name:
        return f"{say_day(day)} is a bank holiday ({name})"
    if day.weekday() not in working_hours.days:
        return f"{say_day(day)} is not a working day ({_say_days(sorted(working_hours.days))})"
    when = say_instant(at, working_hours.timezone)
    if at < _wall_opening(working_hours, day).starts_at:
        return f"{when} is before working hours begin at {working_hours.starts:%H:%M}"
    return f"{when} is after working hours end at {working_hours.ends:%H:%M}"


def _say_days(days: list[int]) -> str:
    if not days:
        return "no days"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{_WEEKDAYS[days[0]]}-{_WEEKDAYS[days[-1]]}"
    return ", ".join(_WEEKDAYS[d] for d in days)
