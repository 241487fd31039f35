"""Alerts as the tests of intake write them, and an alert's life as a table: a second opinion."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from andon.alerts.types import Action, KnownKey, ReceivedAlert, Severity

NOW = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
KEY = KnownKey(1, "alertmanager", "production", None, None, 1200)
RANK = [Severity.INFO, Severity.TICKET, Severity.WARNING, Severity.ERROR, Severity.CRITICAL]


def event(
    action: Action = Action.TRIGGER,
    dedup_key: str = "a",
    severity: Severity = Severity.ERROR,
    starts_at: datetime | None = None,
    **fields: object,
) -> ReceivedAlert:
    """Return a received alert with little to say."""
    return ReceivedAlert(action, dedup_key, "it broke", severity, starts_at, **fields)  # type: ignore[arg-type]


@dataclass
class Life:
    """What the reference believes of one alert."""

    severity: Severity
    starts_at: datetime
    received_at: datetime
    count: int = 1
    acknowledged: bool = False
    resolved: bool = False
    #: The starts the sender told of it, each later than the one before.
    told: list[datetime] = field(default_factory=list, compare=False)


def live(lives: list[Life], one: ReceivedAlert, now: datetime) -> None:
    """Apply one event by the table: an open alert is the last one, unless that is resolved."""
    current = lives[-1] if lives and not lives[-1].resolved else None
    if one.action is Action.CHANGE:
        return
    if one.action is Action.TRIGGER:
        if current is None:
            lives.append(Life(one.severity, one.starts_at or now, now))
            lives[-1].told += [one.starts_at] if one.starts_at else []
        else:
            current.count += 1
            if RANK.index(one.severity) > RANK.index(current.severity):
                current.acknowledged = False
            current.severity = max(current.severity, one.severity, key=RANK.index)
            if one.starts_at and one.starts_at > current.starts_at:
                current.told.append(one.starts_at)
    elif current is not None and one.action is Action.ACKNOWLEDGE:
        current.acknowledged = True
    elif current is not None and not _is_earlier(current, one):
        current.resolved = True


def _is_earlier(current: Life, one: ReceivedAlert) -> bool:
    """Return whether a resolve ended before the firing that is open, as far as that is told."""
    if one.starts_at and one.ends_at:
        newest = max(current.told, default=None)
        if newest is None or one.starts_at == one.ends_at == newest:
            return False
        return one.ends_at <= newest
    mark = one.ends_at or one.starts_at
    told = current.starts_at != current.received_at
    return bool(mark and told and mark < current.starts_at)


instants = st.none() | st.integers(1, 5).map(lambda minutes: NOW - timedelta(minutes=minutes))
events = st.builds(
    event,
    action=st.sampled_from(Action),
    dedup_key=st.sampled_from(["a", "b"]),
    severity=st.sampled_from(Severity),
    starts_at=instants,
    ends_at=instants,
)
#: Batches of events, as group commits hold them.
batches = st.lists(st.lists(events, max_size=6), max_size=6)


def alertmanager_body(*names: str, status: str = "firing", **labels: str) -> bytes:
    """Return what Alertmanager posts for alerts of some names."""
    alerts = [
        {
            "status": status,
            "labels": {"alertname": name, "severity": "critical", **labels},
            "annotations": {"summary": f"{name} is wrong"},
            "startsAt": "2026-11-20T20:51:19.50708547Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": f"fp-{name}",
        }
        for name in names
    ]
    return json.dumps({"version": "4", "status": status, "alerts": alerts}).encode()
