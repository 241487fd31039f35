"""The story of the sample's past quarter: what a file says happened, and at which instants.

Every time in the file is told backwards from the moment the sample is made, on the wall clock of
the organisation, so that the story holds on any date, at any hour and in any zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from andon.core.periods import first_instant

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: The catalogue comes into force on a Monday at this hour, before anybody works.
_BEGINS = time(8)


class UnreadableStory(ValueError):
    """The file is no story; says where and why."""


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A moment, told backwards: a day so many weeks or days ago and a wall time, or minutes ago."""

    week: int | None = None
    day: Weekday | None = None
    days: int | None = None
    at: str = ""
    minutes: int | None = None

    def __post_init__(self) -> None:
        forms = (self.week is not None, self.days is not None, self.minutes is not None)
        if sum(forms) != 1 or (self.week is None) is (self.day is not None):
            raise ValueError("say `week` and `day`, or `days`, or `minutes`")
        if (self.minutes is None) is not bool(self.at):
            raise ValueError("`at` is the wall time of a `day` or of `days`, such as 02:14")


class StorySignal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One alert: what a monitor says, and how long after the first of its outage."""

    name: str
    says: str
    detail: str = ""
    severity: str = "critical"
    labels: dict[str, str] = {}
    after: timedelta = timedelta()


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody wrote into the timeline, so long after they acknowledged."""

    after: timedelta
    text: str


class Outage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that broke: its alerts, who did what, and which share of requests failed."""

    service: str
    when: When
    alerts: tuple[StorySignal, ...]
    #: How long after a message reached somebody they acknowledge; None: nobody does.
    acknowledged: timedelta | None = None
    #: How long the alerts last; counted from the acknowledgement with `mended`, else from the
    #: first alert. None: until now.
    lasts: timedelta | None = None
    mended: timedelta | None = None
    #: The share of requests that failed meanwhile.
    bad: float = 0.0
    notes: tuple[Note, ...] = ()
    #: How long after it was restored whoever acknowledged closes the incident.
    closed: timedelta | None = None


class StoryCover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever is next on call for a rota takes it for a while."""

    rota: str
    when: When
    lasts: timedelta
    #: How long before it was arranged.
    arranged: timedelta
    reason: str


class Deploys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a service is deployed, week after week."""

    days: tuple[Weekday, ...]
    at: tuple[str, ...]


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an objective measures: requests a minute at noon, and what fails on an ordinary day."""

    per_minute: float
    bad: float
    #: How much of a failure of which service counts; the service of the same name if left out.
    of: dict[str, float] = {}


class Hand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody posted to the books by hand."""

    kind: str
    service: str
    amount: str
    when: When
    reason: str
    reference: str


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that happened."""

    weeks: int
    outages: tuple[Outage, ...]
    overrides: tuple[StoryCover, ...]
    deployments: dict[str, Deploys]
    objectives: dict[str, Measured]
    postings: tuple[Hand, ...]
    #: Who closes the books of a month, and on which day of the next.
    closes_books: str
    closes_on_day: int


def read(path: Path) -> Story:
    """Return the story of a file. Raises UnreadableStory."""
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Story, strict=False)
    except msgspec.DecodeError as error:
        raise UnreadableStory(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True)
class StoryCalendar:
    """Turns what is told backwards into instants: the moment the sample is made, and its zone."""

    made_at: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """Return the day it is where the organisation works."""
        return self.made_at.astimezone(self.zone).date()

    def instant(self, when: When) -> datetime:
        """Return the instant of a moment, in UTC, to the second."""
        if when.minutes is not None:
            return self.made_at.replace(microsecond=0) - timedelta(minutes=when.minutes)
        if when.day is not None and when.week is not None:
            return self.local(self._monday(when.week) + _of(when.day), when.at)
        return self.local(self.today - timedelta(days=when.days or 0), when.at)

    def begins(self, story: Story) -> datetime:
        """Return when the story begins: the catalogue comes into force."""
        return first_instant(self._monday(story.weeks), _BEGINS, self.zone)

    def deployments(self, deploys: Deploys, *, first: datetime, last: datetime) -> list[datetime]:
        """Return when a service is deployed after `first`, up to `last`."""
        day, found = first.astimezone(self.zone).date(), []
        while day <= last.astimezone(self.zone).date():
            if _DAYS[day.weekday()] in deploys.days:
                found += [self.local(day, at) for at in deploys.at]
            day += timedelta(days=1)
        return sorted(at for at in found if first < at <= last)

    def months(self, story: Story) -> Iterator[tuple[date, datetime]]:
        """Yield the first day of every month whose books are closed by now, and when they were."""
        month = self.begins(story).astimezone(self.zone).date().replace(day=1)
        while True:
            following = (month + timedelta(days=32)).replace(day=1)
            closed = first_instant(following.replace(day=story.closes_on_day), time(11), self.zone)
            if closed >= self.made_at:
                return
            yield month, closed
            month = following

    def local(self, day: date, wall: str) -> datetime:
        """Return the instant of a wall time on a day; the first valid one where there is none."""
        return first_instant(day, time.fromisoformat(wall), self.zone).astimezone(UTC)

    def _monday(self, weeks: int) -> date:
        return self.today - timedelta(days=self.today.weekday(), weeks=weeks)


def _of(day: Weekday) -> timedelta:
    return timedelta(days=_DAYS.index(day))
