"""The values this package speaks in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from andon.people.types import Contact


class PageState(StrEnum):
    """The life of a page. HELD waits for working hours; UNANSWERED went through its whole policy."""

    HELD = "held"
    PAGING = "paging"
    UNANSWERED = "unanswered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


OPEN_STATES = (PageState.HELD, PageState.PAGING, PageState.UNANSWERED, PageState.ACKNOWLEDGED)


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


@dataclass(frozen=True, slots=True)
class Message:
    """What a transport sends: frozen when enqueued, except the link that is made for each notification."""

    uid: str
    contact: Contact
    subject: str
    body: str
    #: Facts for transports that build their own form (webhook, ntfy); JSON-able.
    data: dict[str, object]
    link: str
    ack_link: str
    urgent: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transport handed the message over."""

    provider_id: str = ""
    detail: str = ""


class TransportError(Exception):
    """A message was not handed over.

    `permanent` means trying again cannot help. `unknown` means it may have been delivered all the
    same. `retry_after` is in seconds, when the other side said so.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        unknown: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown
        self.retry_after = retry_after
