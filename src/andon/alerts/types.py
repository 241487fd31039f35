"""The values this package speaks in. `ReceivedAlert` is what every receiver returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as data_field
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from andon.catalogue.types import ServiceName
from andon.core.kinds import Kinds


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One way to use a key, and what it is for."""

    what: str
    lines: str


@dataclass(frozen=True, slots=True)
class KeyKind:
    """Which receiver a key opens: all that is known of it outside its folder in `integrations`."""

    #: As rows, the raw log and people who make a key have it.
    name: str
    #: What its senders are called.
    title: str
    #: Bytes of a body, unpacked.
    limit: int
    #: Given Andon's address and a key: what its holder copies.
    uses: Callable[[str, str], tuple[KeyUse, ...]]
    #: Requests a minute of a key that is made without saying; 0 is no limit.
    per_minute: int = 1200
    #: Where its senders post, and how the raw log calls what comes there: `/hooks/NAME` by default.
    paths: tuple[tuple[str, str], ...] = ()
    #: Whatever is below is answered in its API's form, also what that does not have.
    root: str = ""
    #: What a sender of too many requests gets.
    busy: int = 429
    #: The key is part of the body, in 32 hexadecimal digits.
    in_body: bool = False

    @property
    def doors(self) -> tuple[tuple[str, str], ...]:
        """Return its paths, and how the raw log calls what comes by each."""
        return self.paths or ((f"/hooks/{self.name}", self.name),)


#: Every kind there is. `andon.integrations` declares them, before anything else is done.
KEY_KINDS = Kinds[KeyKind]("kind of key")


class Action(StrEnum):
    """What a received alert asks for."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    #: Something was deployed or changed: kept beside the service, pages nobody.
    CHANGE = "change"


class Severity(StrEnum):
    """How bad the sender says it is, worst first."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    #: Somebody is to look at it in working hours; nobody is woken.
    TICKET = "ticket"
    INFO = "info"


class AlertKind(StrEnum):
    """What stands behind an alert, its page and its incident.

    Exercises and tests page as any other, and cost nothing, pay nobody and are measured nowhere.
    """

    INCIDENT = "incident"
    #: Somebody said so in the alert itself: `andon drill` does.
    EXERCISE = "exercise"
    #: A sender's test button.
    TEST = "test"

    @property
    def is_real(self) -> bool:
        """Return whether something has really happened."""
        return self is AlertKind.INCIDENT


class AlertState(StrEnum):
    """An alert is open until its sender or a person resolves it."""

    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """An integration key as the hot path holds it in memory."""

    id: int
    kind: str
    name: str
    service_id: int | None
    service_slug: str | None
    per_minute: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link the sender gave; `kind` is runbook, dashboard, source, silence, image or other."""

    href: str
    text: str
    kind: str


class ReceivedAlert(Struct, gc=False):
    """One alert as a receiver understood it: normalised, not yet stored.

    A msgspec Struct, because a hundred thousand a second are made. `dedup_key` is its identity
    under the key that brought it (at most 512 characters). `service_ref` is unresolved text such as
    `checkout`; the engine finds the service after storage.
    """

    action: Action
    dedup_key: str
    summary: str
    severity: Severity
    #: When the problem began; None when the sender does not say, and then the time received counts.
    starts_at: datetime | None = None
    #: When the sender says it ended; None while it fires.
    ends_at: datetime | None = None
    service_ref: str = ""
    description: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    group_key: str = ""
    kind: AlertKind = AlertKind.INCIDENT


@dataclass(frozen=True, slots=True)
class UnseenAlert:
    """An alert in which something happened that paging has not seen.

    `service_why` says in words how the service was found, or why there is none.
    """

    id: int
    revision: int
    key_id: int
    dedup_key: str
    state: AlertState
    severity: Severity
    summary: str
    description: str
    labels: dict[str, str]
    links: tuple[Link, ...]
    kind: AlertKind
    starts_at: datetime
    received_at: datetime
    last_received_at: datetime
    count: int
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str
    service_id: int | None
    service_ref: str
    service_why: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as people and programs read it: all that its sender said, and when."""

    id: int
    uid: str
    state: AlertState
    severity: Severity
    kind: AlertKind
    summary: str
    description: str
    #: None: a service nobody declared, a gap in the catalogue.
    service: ServiceName | None
    service_ref: str
    service_why: str
    #: The name of the integration key that brought it.
    key: str
    dedup_key: str
    labels: Mapping[str, Any]
    links: Sequence[Mapping[str, str]]
    details: Mapping[str, Any]
    starts_at: datetime
    received_at: datetime
    last_received_at: datetime
    count: int
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str


@dataclass(frozen=True, slots=True)
class PlainAlert:
    """The few columns of text that can be read of any alert, whatever is wrong with the rest."""

    summary: str
    service_ref: str
    severity: str
    state: str
    kind: str


class RawRequest(Struct, frozen=True, array_like=True, gc=False):
    """One authenticated request as it arrived, kept so that it can be replayed.

    The raw log is a list of these in msgpack: a field added here goes at the end, with a default.
    """

    key_id: int
    kind: str
    received_at: datetime
    #: As it arrived, but for secrets, which are masked.
    body: bytes
    #: The identity that Andon made for an event that named none.
    identity: str = ""


class UnreadableRequest(ValueError):
    """The body is not what the receiver accepts; sending it again cannot help.

    `errors` names each field and what is wrong with it. `message` is the cause, the same for every
    body of that cause. Unless `is_alarm` is false an alert may be lost with it, so that it becomes
    one.
    """

    def __init__(
        self, message: str, errors: list[tuple[str, str]] | None = None, *, is_alarm: bool = True
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors or []
        self.is_alarm = is_alarm

    @property
    def why(self) -> str:
        """Return the cause and the first fields that are wrong."""
        fields = "; ".join(f"{field}: {message}" for field, message in self.errors[:5])
        return f"{self.message} ({fields})" if fields else self.message


@dataclass(slots=True)
class Understood:
    """What a body came to."""

    alerts: list[ReceivedAlert]
    #: Fields of parts of it that could not be read, and what is wrong with each.
    wrong: list[tuple[str, str]] = data_field(default_factory=list)
    #: What its sender is told of each part, in order, where its receiver answers so.
    told: list[dict[str, object]] = data_field(default_factory=list)
    #: Why its receiver cannot read it.
    error: UnreadableRequest | None = None

    @property
    def is_lost(self) -> bool:
        """Return whether there is nothing to store: a malformed end, which takes no page away."""
        return self.error is not None and not self.alerts


class KeyFault(Struct, frozen=True, gc=False):
    """What is wrong with a sender's requests: shown as a fault of its key."""

    key_id: int
    #: One of a few, so that what often goes wrong the same way is written down now and then.
    cause: str
    why: str
    #: A body to keep, of a request that was refused or not understood.
    body: bytes | None = None
    #: Alerts were lost and will be lost again: somebody must be told.
    is_loss: bool = False
