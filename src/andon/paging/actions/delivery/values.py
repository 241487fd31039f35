"""A notification on its way out, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime

from andon.paging.types import Message, NotificationState, Receipt, TransportError

#: The states of a notification that has not left.
UNSENT = (NotificationState.PENDING, NotificationState.SENDING)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notification that is ours to send while its lease is renewed."""

    id: int
    fence: int
    kind: str
    destination: str = field(repr=False)
    #: What it leaves by; see `rules.server`.
    server: str
    #: Whom it is for, in words.
    whom: str
    purpose: str
    step: int
    priority: int
    created_at: datetime
    #: Attempts made, the coming one included; and how many of those before ended in the unknown.
    attempts: int
    unknowns: int
    #: None of a test.
    page_id: int | None
    page_opened_at: datetime
    is_first: bool
    contact_method_id: int | None
    #: Since when handing it over has failed; None while nothing has.
    failing_since: datetime | None
    message: Message


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What a transport made of a notification."""

    claimed: Claimed
    outcome: Receipt | TransportError
    took_ms: int = 0
