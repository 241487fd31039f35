"""Working hours and bank holidays by calendar code."""

import logging
from datetime import datetime
from functools import lru_cache

from andon.catalogue.types import WorkingHours
from andon.core.calendars import UnableToFindHolidays, bank_holidays
from andon.core.periods import Period
from andon.oncall import rules
from andon.oncall.types import Attendance, Holidays, Hours

_log = logging.getLogger(__name__)


def find_holidays(*, code: str) -> Holidays:
    """Return the bank-holiday calendar of a code such as `GB-ENG`, `GB` or `DE-BY`.

    An empty code has no holidays. Raises UnableToFindHolidays for a code the library does not know.
    """
    if not code:
        return rules.no_holidays
    bank_holidays(code, 2026)
    return lambda day: bank_holidays(code, day.year).get(day, "")


def attendance(*, working_hours: WorkingHours) -> Attendance:
    """Return when people with these working hours are at work."""
    return Attendance(working_hours, _usable(working_hours.holidays))


def hours_at(*, working_hours: WorkingHours, at: datetime) -> Hours:
    """Return whether an instant is in working hours, why, and when they next begin."""
    calendar = _usable(working_hours.holidays)
    return rules.hours(working_hours=working_hours, at=at, holidays=calendar)


def working_periods(*, working_hours: WorkingHours, period: Period) -> list[Period]:
    """Return the parts of a period that are in working hours, bank holidays taken out."""
    calendar = _usable(working_hours.holidays)
    return rules.working_periods(working_hours=working_hours, period=period, holidays=calendar)


def holiday_periods(*, working_hours: WorkingHours, period: Period) -> list[Period]:
    """Return the bank holidays that touch a period, as whole local days."""
    calendar = _usable(working_hours.holidays)
    return rules.holiday_periods(working_hours=working_hours, period=period, holidays=calendar)


@lru_cache(maxsize=256)
def _usable(code: str) -> Holidays:
    """Return the calendar, or none for a wrong code: a mistake in a file must not stop paging."""
    try:
        return find_holidays(code=code)
    except UnableToFindHolidays as refusal:
        _log.error("bank holidays are not observed: %s", refusal.message)
        return rules.no_holidays
