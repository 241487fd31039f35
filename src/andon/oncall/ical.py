"""Shifts as an iCalendar document (RFC 5545, RFC 7986): one event each, no recurrence rules."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from andon.core.periods import Period
from andon.oncall.types import Shift

#: How far a calendar reaches back and ahead.
BACK, AHEAD = timedelta(days=15), timedelta(days=180)

_SEQUENCE_FROM = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CalendarShift:
    """A shift with the names people read, and when it last changed."""

    shift: Shift
    rota: str
    rota_title: str
    person_name: str
    changed_at: datetime


def window(now: datetime) -> Period:
    """Return the period a calendar shows."""
    return Period(now - BACK, now + AHEAD)


def render(
    *, name: str, entries: Iterable[CalendarShift], shown: Period, host: str, version: str
) -> bytes:
    """Return a calendar. The same entries give the same bytes; people appear by name only."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Andon//{version}//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry, shown, host))
    return bytes(calendar.to_ical())


def _event(entry: CalendarShift, shown: Period, host: str) -> Event:
    period = entry.shift.period
    event = Event()
    event.add("uid", uid(entry=entry, host=host))
    event.add("summary", _summary(entry, shown))
    event.add("dtstart", period.starts_at)
    event.add("dtend", period.ends_at)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    # Seconds, not a count of changes: nothing need be remembered, and it still only ever grows.
    event.add("sequence", max(0, int((entry.changed_at - _SEQUENCE_FROM).total_seconds())))
    event.add("transp", "TRANSPARENT")
    return event


def uid(*, entry: CalendarShift, host: str) -> str:
    """Return the event's identity: person, rota and end, so that a moved start keeps it."""
    end = entry.shift.period.ends_at.astimezone(UTC).isoformat()
    named = f"{entry.shift.person}|{entry.rota}|{end}"
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@{host}"


def _summary(entry: CalendarShift, shown: Period) -> str:
    continues = " (continues)" if entry.shift.period.ends_at > shown.ends_at else ""
    return f"{entry.person_name} on call: {entry.rota_title}{continues}"
