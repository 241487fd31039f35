"""What intake hands to the database, and gets back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from andon.alerts.rules import OpenAlert
from andon.alerts.types import AlertKind, Severity

#: The columns of one new alert, in the order of COLUMNS.
Row = tuple[Any, ...]

COLUMNS = (
    "key_id",
    "dedup_key",
    "state",
    "severity",
    "summary",
    "description",
    "labels",
    "links",
    "details",
    "group_key",
    "kind",
    "starts_at",
    "fired_at",
    "count",
    "acknowledged_at",
    "resolved_at",
    "resolved_by",
    "service_ref",
)


@dataclass(slots=True)
class Open:
    """An open alert as stored."""

    id: int
    severity: str
    starts_at: str | datetime
    received_at: str | datetime
    acknowledged: bool
    fired_at: str | datetime | None
    kind: str = AlertKind.INCIDENT

    def is_before(self, start: datetime) -> bool:
        """Return whether a start is later than those stored, without reading what is equal."""
        known = self.fired_at or self.starts_at
        # An instant is text on SQLite.
        return known < (as_text(start) if type(known) is str else start)  # type: ignore[operator]

    def alert(self) -> OpenAlert:
        """Return it as the rules know it."""
        return OpenAlert(
            severity=Severity(self.severity),
            starts_at=instant(self.starts_at),
            received_at=instant(self.received_at),
            acknowledged=self.acknowledged,
            fired_at=instant(self.fired_at) if self.fired_at is not None else None,
            kind=AlertKind(self.kind),
        )


@dataclass(slots=True)
class AlertNews:
    """News about an open alert: more than a repeat."""

    id: int
    repeats: int
    severity: Severity
    #: None leaves it as it is.
    acknowledged: bool | None
    resolved: bool


class Store(Protocol):
    """The statements of one batch, inside its transaction."""

    def log(self, requests: bytes, count: int, now: datetime) -> None:
        """Keep the raw requests."""

    def open_alerts(
        self, identities: Mapping[int, Mapping[str, object]]
    ) -> dict[int, dict[str, Open]]:
        """Return the open alerts among identities by key and dedup key, locked until the commit."""
        ...

    def repeat(self, repeats: Mapping[int, Sequence[int]], now: datetime) -> None:
        """Count repeats: ids by how many there were of each."""

    def change(self, changes: Sequence[AlertNews], now: datetime) -> None:
        """Acknowledge, resolve and raise severities."""

    def refire(self, starts: Mapping[int, datetime]) -> None:
        """Note, by id, the start of a firing that may be a new one."""

    def note(self, notes: Mapping[int, str]) -> None:
        """Write, by id, what people must know about open alerts beside what they say."""

    def insert(self, rows: Sequence[Row], now: datetime) -> None:
        """Open new alerts."""

    def notify(self) -> None:
        """Wake engines in other processes when the transaction commits."""


@lru_cache(maxsize=1024)
def as_text(at: datetime) -> str:
    """Return an instant in UTC as Django writes it on SQLite, without its "+00:00"."""
    return str(at)[:-6]


def instant(value: str | datetime) -> datetime:
    """Return a stored instant as aware UTC."""
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def new_uids(count: int, now: datetime) -> list[str]:
    """Return hex UUIDs version 7 made together: one read of the random source for all.

    72 of the 74 bits that may be random are.
    """
    millis = f"{int(now.timestamp() * 1000):012x}7"
    noise = secrets.token_hex(9 * count)
    return [
        f"{millis}{noise[at : at + 3]}8{noise[at + 3 : at + 18]}" for at in range(0, 18 * count, 18)
    ]
