"""Texts that have a form of their own: how each is read, and what to write instead. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from andon.core.documents import fixes

T = TypeVar("T")

#: What can be added to any instant and stay one.
LONGEST_SPAN = timedelta(days=3_660)
#: Dates in which calendars, zones and turns can be reckoned with, and a slip of a digit shows.
YEARS = range(1970, 2200)

_DURATION = re.compile(r"P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_EMAIL = re.compile(r"[^@\s:<>,;()\"]+@[^@\s.:<>,;()\"]+(\.[^@\s.:<>,;()\"]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class UnreadableForm(ValueError):
    """The text has not its form, for a reason worth saying."""


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """A form of texts: how to read one, the rule that is broken if it cannot be, and the fix.

    `parse` raises ValueError or OverflowError; Unreadable where the reason is said.
    """

    rule: str
    parse: Callable[[str], T]
    fix: Callable[[str], str]


def parse_duration(text: str) -> timedelta:
    """Read `P30D` or `PT1H30M`. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def read_day(text: str) -> date:
    """Read `2026-01-05`. Raises ValueError, for years that nobody can mean too."""
    if not _DAY.fullmatch(text):
        raise ValueError(text)  # ISO has weeks and days of the year too, which nobody checks by eye
    found = date.fromisoformat(text)
    if found.year not in YEARS:
        raise ValueError(text)
    return found


def _span(text: str) -> timedelta:
    found = parse_duration(text)
    if found > LONGEST_SPAN:
        raise ValueError(text)
    return found


_KNOWN_ZONES: dict[str, str] = {}
#: What a system's folder holds besides names: its own place, and zones that count leap seconds.
_OF_THE_MACHINE = ("localtime", "posixrules", "posix/", "right/")


def zone_name(text: str) -> str:
    """Return the text if it names a zone. Raises ValueError."""
    if text not in _KNOWN_ZONES:
        if text.startswith(_OF_THE_MACHINE):
            raise ValueError(text)
        try:
            _KNOWN_ZONES[text] = ZoneInfo(text).key
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError(text) from error
    return _KNOWN_ZONES[text]


def _clock(text: str) -> time:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return time(int(match.group(1)), int(match.group(2)))


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or len(text) > 254:
        raise ValueError(text)
    return text


DURATION = Form("duration", _span, fixes.duration)
CLOCK = Form("time", _clock, fixes.clock)
DAY = Form("date", read_day, fixes.day)
ZONE = Form("timezone", zone_name, fixes.zone)
EMAIL = Form("email", _email, fixes.email)
