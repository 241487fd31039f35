"""The values this package speaks in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class IncidentState(StrEnum):
    """The life of an incident. RESTORED means availability is back; CLOSED that nothing is left to do."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESTORED = "restored"
    CLOSED = "closed"


ACTIVE_STATES = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's timeline, wherever it was recorded."""

    at: datetime
    kind: str
    text: str
    actor: str = ""
    #: `alert`, `decision`, `notification`, `incident`
    source: str = "incident"
