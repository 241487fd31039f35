"""The values this package speaks in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from andon.alerts.types import AlertKind
from andon.core.money import Money
from andon.paging.types import PageSubject
from andon.people.types import Person


class IncidentState(StrEnum):
    """The life of an incident. RESTORED: availability is back; CLOSED: nothing is left to do."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESTORED = "restored"
    CLOSED = "closed"


ACTIVE_STATES = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)


class Condition(StrEnum):
    """How an incident or a service is, in one word, as every page, the API and commands say it."""

    #: Nothing is left of what the target allows.
    LOST = "lost"
    DOWN = "down"
    #: Warnings alone: nothing says that it is down.
    DEGRADED = "degraded"
    ACKNOWLEDGED = "acknowledged"
    HELD = "held"
    #: An exercise or a test that nobody has taken.
    UNTAKEN = "untaken"
    RESTORED = "restored"
    CLOSED = "closed"
    OK = "ok"
    #: No alert ever came: nothing is known.
    UNHEARD = "unheard"


class Act(StrEnum):
    """What a person may do to an incident."""

    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as the portal, the API and the command line show it."""

    id: int
    number: int
    uid: str
    title: str
    state: IncidentState
    severity: str
    severity_reason: str
    major: bool
    #: What was paged about.
    subject: PageSubject
    service_id: int | None
    service_slug: str | None
    service_title: str | None
    owner_slug: str | None
    owner_title: str | None
    exposure_per_hour: Money | None
    target_ppm: int | None
    started_at: datetime
    opened_at: datetime
    #: Set while every open page of the incident waits for working hours.
    held_until: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    restored_at: datetime | None
    restored_by: str
    reopened_at: datetime | None
    closed_at: datetime | None
    kind: AlertKind = AlertKind.INCIDENT
    #: Who acknowledged it, where that is somebody on record.
    acknowledged_person: Person | None = None
    #: Whether something worse than a warning says so now, and whether something ever did.
    is_down: bool = True
    was_down: bool = True

    @property
    def name(self) -> str:
        """Return what people say aloud: `INC-1042`."""
        return f"INC-{self.number}"

    @property
    def is_active(self) -> bool:
        """Return whether availability is still lost."""
        return self.state in ACTIVE_STATES

    @property
    def affected(self) -> str:
        """Return the service's title, or the text the sender gave for a service nobody declared."""
        return self.service_title or self.subject.named or "unknown service"


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took a page of an incident, and when."""

    incident_id: int
    person: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentSeverity:
    """The class of an incident and why, in words. `name` is empty when no class applies."""

    name: str
    major: bool
    reason: str
    update_every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What an incident has cost so far, in time and money. None means not known, never zero."""

    #: From the start of the problem until a person took it.
    time_to_acknowledge: timedelta | None
    #: From the start of the problem until availability was back; None while it is not.
    time_to_restore: timedelta | None
    #: From the start of the problem until restored or, while active, until now.
    duration: timedelta
    loss: Money | None
    loss_per_minute: Money | None
    #: The downtime the availability target tolerates in one of its periods.
    allowance: timedelta | None
    #: `duration / allowance`; above 1 when the target's whole allowance is gone.
    allowance_used: Decimal | None
    #: What losing the whole allowance would cost.
    tolerated_loss: Money | None
    #: `1 - loss / tolerated_loss`, negative when more was lost than the target tolerates.
    protection: Decimal | None


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What an incident needs to know of one of its pages."""

    id: int
    revision: int
    subject: PageSubject
    service_id: int | None
    summary: str
    opened_at: datetime
    started_at: datetime
    is_open: bool
    #: Something to look at in working hours: no availability is lost, so it is no incident.
    is_ticket: bool
    #: It ended before the incident was last reopened, so it no longer says anything about it.
    is_past: bool
    held_until: datetime | None
    #: Set once somebody took the page, and again None when it is decided anew.
    acknowledged_at: datetime | None
    acknowledged_by: str
    acknowledged_person_id: int | None
    acknowledged_by_sender: bool
    #: When the last of its alerts resolved; None while it is open.
    resolved_at: datetime | None
    resolved_by: str
    #: Whether something worse than a warning is on it.
    is_down: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an incident stands: the part of it that follows its pages."""

    state: IncidentState
    started_at: datetime
    held_until: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_person_id: int | None = None
    #: No person has taken it, only senders of its alerts: that may lapse.
    acknowledged_by_sender: bool = False
    restored_at: datetime | None = None
    restored_by: str = ""
    reopened_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A line for the timeline about what changed."""

    kind: str
    text: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """Where an incident stands now, what to write down, and which of its pages are past."""

    standing: Standing
    changes: tuple[ChangeLine, ...]
    past: frozenset[int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's timeline, wherever it was recorded."""

    at: datetime
    kind: str
    text: str
    actor: str = ""
    #: `alert`, `decision`, `notification`, `incident`, `change`
    source: str = "incident"
    #: The slug of the person who acted, whom the name alone may not tell; empty when not known.
    person: str = ""


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of many incidents at once. `refused` says why, by number."""

    done: tuple[int, ...]
    refused: dict[int, str]
