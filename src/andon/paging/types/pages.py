"""Pages, what they are about, and what was decided about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from andon.alerts.types import AlertKind
from andon.catalogue.types import EscalationPolicy, ServiceName


class PageState(StrEnum):
    """The life of a page.

    HELD waits for working hours. UNANSWERED went through its policy and is taken round again, until
    somebody acknowledges or it is over.
    """

    HELD = "held"
    PAGING = "paging"
    UNANSWERED = "unanswered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


#: Nobody has taken it yet: such a page always has a next act, at its `next_at`.
UNTAKEN_STATES = (PageState.HELD, PageState.PAGING, PageState.UNANSWERED)


OPEN_STATES = (*UNTAKEN_STATES, PageState.ACKNOWLEDGED)


class SubjectKind(StrEnum):
    """What a page is about: a service, a ticket of one, or a name that nobody declared."""

    SERVICE = "service"
    TICKET = "ticket"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PageSubject:
    """What a page is about: open pages of one subject are one page, and one incident.

    An exercise or a test never shares one with what is real: whoever has taken the exercise must be
    woken by the outage that follows.
    """

    kind: AlertKind
    of: SubjectKind
    #: The service's key, or the name an alert gave.
    ref: str

    @property
    def named(self) -> str:
        """Return the name an alert gave for a service nobody declared; else nothing."""
        return self.ref if self.of is SubjectKind.UNKNOWN else ""

    @property
    def columns(self) -> dict[str, str]:
        """Return it as the columns of a row that is about it."""
        return {"kind": self.kind, "subject_kind": self.of, "subject_ref": self.ref}

    def __str__(self) -> str:
        """Return it as one text, for logs: `service:7`, `exercise-unknown:kiosk`."""
        return f"{'' if self.kind.is_real else f'{self.kind}-'}{self.of}:{self.ref}"


@dataclass(frozen=True, slots=True)
class PageRoute:
    """What a page keeps of its way, and what it says beside its summary."""

    #: Whose members are asked where no rota is.
    team: str | None = None
    #: How the service was found, in words.
    service_why: str = ""
    description: str = ""
    links: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PagePolicy(EscalationPolicy):
    """The escalation policy as it was when a page went out, and where the page is in it.

    Editing a policy never changes a page in flight.
    """

    #: The page's step at which it began: steps are numbered on when it begins anew.
    begins_at: int = 0
    #: The page is decided anew, not released.
    anew: bool = False
    fallback_told: bool = False


class Claim(StrEnum):
    """What the senders' acknowledgements of a page's alerts come to."""

    #: Every open alert is acknowledged: nobody need be called.
    TAKE = "take"
    #: Some are; the page goes on as it was.
    GO_ON = "go_on"
    #: Only senders had taken the page, and now not for all of it: it pages again.
    AGAIN = "again"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Quiet:
    """An alert that pages nobody, and why, as pages and commands show it."""

    alert_uid: str
    at: datetime
    reason: str
    summary: str
    severity: str
    state: str


@dataclass(frozen=True, slots=True)
class Decided:
    """Something that was decided about a page or an alert, and why, in words."""

    at: datetime
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class FollowedPage:
    """A page as the stages after paging follow it."""

    id: int
    revision: int
    subject: PageSubject
    service_id: int | None
    summary: str
    severity: str
    state: PageState
    started_at: datetime
    opened_at: datetime
    held_until: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    acknowledged_person_id: int | None
    acknowledged_by_sender: bool
    resolved_at: datetime | None
    resolved_by: str
    #: When the last of its alerts that are over resolved.
    alerts_ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page as people and programs read it: whom it is for, why, and what became of it."""

    id: int
    uid: str
    state: PageState
    kind: AlertKind
    severity: str
    summary: str
    service: ServiceName | None
    subject: PageSubject
    rota: str
    #: Why it went where it went, in words.
    reason: str
    out_of_hours: bool
    started_at: datetime
    opened_at: datetime
    held_until: datetime | None
    #: The next act: a step, a round, or another decision. None once it is taken.
    next_at: datetime | None
    first_sent_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    #: The slug of whoever took it; empty for nobody of the catalogue.
    acknowledged_person: str
    unanswered_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str
