"""What messages leave by, and what keeps them."""

from dataclasses import dataclass
from datetime import datetime

from andon.paging.types.messages import Fault


@dataclass(frozen=True, slots=True)
class Undelivered:
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
class OutOfReach:
    """Whom broken ways leave out of reach."""

    people: int
    #: Those with no address left, and those who never had one.
    unreachable: int
    #: How many people have an address that leaves by a broken way, by kind and server.
    touched: dict[tuple[str, str], int]
