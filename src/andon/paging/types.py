"""The values this package speaks in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from andon.alerts.types import AlertKind
from andon.catalogue.types import CoverDecision, EscalationPolicy, ServiceName
from andon.core.money import Money
from andon.oncall.types import Hours
from andon.people.types import Contact, Person


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


class NotificationState(StrEnum):
    """The life of one message to one destination."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What a route says to do with an alert."""

    PAGE = "page"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Route:
    """Where an alert goes and why. `trace` holds one sentence per decision, in order."""

    verdict: Verdict
    #: The rota that answers; None pages the owning team's members themselves.
    rota: str | None
    team: str | None
    #: When a held page goes out.
    until: datetime | None
    trace: tuple[str, ...]
    #: The sentence shown first, such as "99.0% target, no cover out of hours: held until ...".
    reason: str
    out_of_hours: bool = False


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


@dataclass(frozen=True, slots=True)
class Message:
    """What a transport sends: frozen when enqueued, except the link made for each notification."""

    uid: str
    contact: Contact
    subject: str
    body: str
    #: Facts for transports that build their own form (webhook, ntfy); JSON-able.
    data: dict[str, object]
    link: str
    ack_link: str
    urgent: bool = True
    #: What the link leads to, where that is not a page.
    link_words: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transport handed the message over."""

    provider_id: str = ""
    detail: str = ""


class Fault(StrEnum):
    """Whose fault it is that a message was not handed over; it decides what follows."""

    #: This address does not work: it is marked, and the page's next step runs at once.
    RECIPIENT = "recipient"
    #: This text was refused, whoever it is for: tried again ever more slowly.
    MESSAGE = "message"
    #: Our own server, sign-in, certificate, quota or setting: tried again until it works.
    INSTALLATION = "installation"
    #: The other side is not there or says later: tried again a few times.
    TEMPORARY = "temporary"


class TransportError(Exception):
    """A message was not handed over, and whose fault that is.

    `unknown` means it may have been delivered all the same. `retry_after` is in seconds, when the
    other side said so.
    """

    def __init__(
        self,
        message: str,
        *,
        fault: Fault = Fault.TEMPORARY,
        unknown: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.unknown = unknown
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Failing:
    """Messages of one kind that cannot be handed over, by one kind of fault."""

    kind: str
    fault: Fault
    #: When the first of them failed.
    since: datetime
    #: How many wait, those that nobody has tried yet included.
    waiting: int
    #: What the other side, or our own machine, said last.
    said: str


@dataclass(frozen=True, slots=True)
class Way:
    """What messages of a kind leave by, and whether it worked when it was looked at last."""

    kind: str
    #: The host of URLs; empty for the one mail server.
    server: str
    checked_at: datetime
    #: None when it never has.
    worked_at: datetime | None = None
    fails_since: datetime | None = None
    #: How often in a row it has not worked.
    failures: int = 0
    #: What the other side, or our own machine, said last.
    said: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom broken ways leave out of reach."""

    people: int
    #: Those with no address left, and those who never had one.
    unreachable: int
    #: How many people have an address that leaves by a broken way, by kind and server.
    touched: dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Crew:
    """Whom a rota, or a team without one, puts forward at an instant. People are slugs."""

    #: As said aloud: `rota checkout-rota`, `everyone in Team Checkout`.
    label: str
    rota: str | None
    team: str | None
    on_call: str | None
    next_on_call: str | None
    everyone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everybody who could answer for a service at an instant; None where there is no such crew."""

    team_rota: Crew | None = None
    domain_rota: Crew | None = None
    members: Crew | None = None
    catch_all: Crew | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for a service at an instant: what a page of it would do."""

    cover: CoverDecision
    hours: Hours
    route: Route
    #: Whom it would ask: a rota's crew, or everyone of a team. None: it is held, or nobody is left.
    crew: Crew | None


@dataclass(frozen=True, slots=True)
class Advance:
    """What the next step of an escalation policy does, after skipping steps that reach nobody."""

    #: The step that pages, counted over all rounds; None when the policy is exhausted.
    step: int | None
    people: tuple[str, ...]
    #: The step that runs after `wait` if nobody acknowledges.
    next_step: int
    wait: timedelta
    reason: str
    #: One sentence per step that was skipped because it reaches nobody.
    skipped: tuple[str, ...] = ()
    #: The sentence of the first step skipped because its people cannot be reached; empty if none.
    unreachable: str = ""
    #: Why it is asked once more; empty the first time.
    again: str = ""


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
class Facts:
    """What a message about a page says."""

    service: str
    summary: str
    severity: str
    started_at: datetime
    reason: str
    description: str = ""
    risk_per_minute: Money | None = None
    runbook_url: str = ""
    links: tuple[tuple[str, str], ...] = ()
    #: Which instance, pod or region, by the names its sender gave; without secrets.
    labels: tuple[tuple[str, str], ...] = ()
    #: How many alerts its page holds; 0: nobody has counted them.
    alerts: int = 0
    kind: AlertKind = AlertKind.INCIDENT
    #: Why it is asked once more, when it is.
    again: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a message, frozen when it is enqueued, and the same facts for programs."""

    subject: str
    body: str
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt of a transport, as a page shows it."""

    at: datetime
    took_ms: int
    outcome: str
    detail: str


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


@dataclass(frozen=True, slots=True)
class AckLink:
    """What an acknowledge link asks for, and whether it still can."""

    page: PageRow
    #: (name, value) of the labels that say where it is.
    labels: tuple[tuple[str, str], ...]
    #: Of whom it was sent to; empty when that is no person.
    timezone: str
    #: Why the link cannot act any more, in words; empty when it can.
    why_not: str
    #: Whether what the page is about is shown all the same.
    shows: bool
    #: The path where the incident may be read without an account, and until when; empty and None
    #: when nowhere.
    look: str
    look_until: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """A message and what became of it, as pages, the API and commands show it: without secrets."""

    #: None of a test, which belongs to no page.
    page_id: int | None
    uid: str
    step: int
    purpose: str
    kind: str
    #: None: the organisation's fallback contact.
    person: Person | None
    #: Whole for the person it belongs to, masked for everybody else.
    destination: str
    subject: str
    state: NotificationState
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str
    link_used_at: datetime | None
    log: tuple[Try, ...] = ()

    @property
    def came_of_it(self) -> str:
        """Return what the other side said last, in words; empty while nothing was tried."""
        return self.error or (self.log[-1].detail if self.log else "")

    @property
    def whom(self) -> str:
        """Return who was told, in words."""
        return self.person.name if self.person else f"the fallback contact, {self.destination}"
