"""Messages, and what becomes of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from andon.alerts.types import AlertKind
from andon.core.money import Money
from andon.paging.types.pages import PageRow
from andon.people.types import Contact, Person


class NotificationState(StrEnum):
    """The life of one message to one destination."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


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
