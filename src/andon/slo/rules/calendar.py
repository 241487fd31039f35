"""Calendar windows as instants: which period runs, in whatever zone, on whatever day it starts."""

import calendar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from andon.core.periods import Period, first_instant
from andon.slo.types import CalendarWindow

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period_at(*, window: CalendarWindow, at: datetime) -> Period:
    """Return the period of a calendar window that holds an instant.

    Periods repeat before the declared start too. One that starts on a day which a month does not
    have starts on that month's last day; the next is reckoned from the declared day again.
    """
    number = _guess(window, at)
    while _start(window, number) > at:
        number -= 1
    while _start(window, number + 1) <= at:
        number += 1
    return Period(_start(window, number), _start(window, number + 1))


def _guess(window: CalendarWindow, at: datetime) -> int:
    """Return about which repetition holds an instant: never more than a few off."""
    local = at.astimezone(ZoneInfo(window.timezone))
    if window.unit in _DAYS:
        return (local.date() - window.starts.date()).days // (_DAYS[window.unit] * window.count)
    months = (local.year - window.starts.year) * 12 + local.month - window.starts.month
    return months // (_MONTHS[window.unit] * window.count)


def _start(window: CalendarWindow, number: int) -> datetime:
    day = window.starts.date()
    if window.unit in _DAYS:
        day += timedelta(days=_DAYS[window.unit] * window.count * number)
    else:
        day = _months_later(day, _MONTHS[window.unit] * window.count * number)
    return first_instant(day, window.starts.time(), ZoneInfo(window.timezone))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
