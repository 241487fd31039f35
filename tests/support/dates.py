"""Dates at which tests run again: something about the calendar is unusual at each."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Date:
    """An instant, as London's wall clocks show it, and the zone the machine is set to."""

    wall: str
    machine: str = "UTC"

    @property
    def instant(self) -> datetime:
        """Return it in UTC; the first of two when the clocks show it twice."""
        local = datetime.fromisoformat(self.wall).replace(tzinfo=ZoneInfo("Europe/London"))
        return local.astimezone(UTC)

    def __str__(self) -> str:
        return f"{self.wall} in London, the machine's zone {self.machine}"


DATES = {
    "friday-night": Date("2026-11-27 22:30", "America/Los_Angeles"),
    "sunday": Date("2026-11-29 11:00", "Pacific/Auckland"),
    "small-hours": Date("2027-06-16 03:00", "Asia/Kolkata"),
    "month-end": Date("2027-04-30 23:50", "Pacific/Auckland"),
    "year-end": Date("2026-12-31 23:50", "America/Los_Angeles"),
    "new-year": Date("2027-01-01 00:05", "America/Los_Angeles"),
    "clocks-forward": Date("2027-03-28 00:50"),
    "clocks-back": Date("2026-10-25 01:30", "Europe/London"),
    "leap-day": Date("2028-02-29 12:00", "Pacific/Auckland"),
    "bank-holiday": Date("2026-12-28 10:30", "America/Los_Angeles"),
}
