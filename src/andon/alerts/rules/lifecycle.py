"""What an alert's life makes of what arrives: repeats, acknowledgements, resolutions, in order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from andon.alerts.types import Action, AlertKind, ReceivedAlert, Severity

#: Worst first.
RANK = {severity: rank for rank, severity in enumerate(Severity)}
#: A start further ahead than this is a sender's broken clock.
FUTURE = timedelta(hours=24)


@dataclass(slots=True)
class OpenAlert:
    """The open alert of an identity, as far as its life goes; `None` stands for none."""

    severity: Severity
    starts_at: datetime
    received_at: datetime
    acknowledged: bool = False
    #: The latest start that one of its repeats told, when that is later than its own.
    fired_at: datetime | None = None
    kind: AlertKind = AlertKind.INCIDENT


@dataclass(slots=True)
class NewAlert:
    """An alert to store, with all that happened to it in one batch."""

    first: ReceivedAlert
    starts_at: datetime
    severity: Severity
    count: int = 1
    acknowledged: bool = False
    resolved: bool = False
    fired_at: datetime | None = None

    @property
    def kind(self) -> AlertKind:
        """Return what stands behind it."""
        return self.first.kind


@dataclass(slots=True)
class Fold:
    """What a batch makes of one identity: changes of the open alert, and alerts opened after it."""

    repeats: int = 0
    severity: Severity | None = None
    #: Whether its sender now acknowledges it; None leaves that as it was.
    acknowledged: bool | None = None
    resolved: bool = False
    #: A start later than any told before: a repeat may be a new firing whose resolve was missed.
    fired_at: datetime | None = None
    opened: list[NewAlert] = field(default_factory=list)
    #: Acknowledgements and resolutions of nothing that is open.
    unknown: int = 0
    #: Ends of an earlier alert that arrived after a newer one had opened, or of an exercise or a
    #: test while the real thing is open.
    stale: int = 0

    @property
    def is_news(self) -> bool:
        """Return whether paging must look at the open alert again."""
        return bool(self.acknowledged) or self.resolved or self.severity is not None


def is_worse(one: Severity, than: Severity) -> bool:
    """Return whether a severity is above another."""
    return RANK[one] < RANK[than]


def start_of(event: ReceivedAlert, now: datetime) -> datetime:
    """Return when the problem began: the time received if the sender cannot mean what it says."""
    start = event.starts_at
    return now if start is None or start > now + FUTURE else start


def fold(stored: OpenAlert | None, events: Iterable[ReceivedAlert], now: datetime) -> Fold:
    """Return what events of one identity do, one after the other, to what is stored.

    A real alert never hides behind an exercise or a test that its sender gave the same identity: it
    ends that and opens anew. What an exercise or a test says of a real alert does nothing to it.
    """
    result = Fold()
    current: OpenAlert | NewAlert | None = stored
    for event in events:
        if event.action is Action.TRIGGER:
            current = _trigger(result, _unhidden(result, current, event), event, now)
        elif event.action is Action.CHANGE:
            continue  # says nothing about any alert
        elif current is None:
            result.unknown += 1
        elif _is_rehearsed(event, current):
            result.stale += 1
        elif event.action is Action.ACKNOWLEDGE:
            _acknowledge(result, current)
        elif _is_stale(current, event, now):
            result.stale += 1
        else:
            _resolve(result, current)
            current = None
    return result


def _trigger(
    result: Fold, current: OpenAlert | NewAlert | None, event: ReceivedAlert, now: datetime
) -> OpenAlert | NewAlert:
    if current is None:
        opened = NewAlert(event, start_of(event, now), event.severity)
        result.opened.append(opened)
        return opened
    if isinstance(current, NewAlert):
        current.count += 1
    else:
        result.repeats += 1
    if _is_rehearsed(event, current):
        return current
    if event.starts_at is not None and is_later(current, event.starts_at, now):
        current.fired_at = event.starts_at
        if isinstance(current, OpenAlert):
            result.fired_at = event.starts_at
    if is_worse(event.severity, current.severity):
        # Whoever acknowledged has acknowledged something less bad.
        current.severity, current.acknowledged = event.severity, False
        if isinstance(current, OpenAlert):
            result.severity, result.acknowledged = event.severity, False
    return current


def _unhidden(
    result: Fold, current: OpenAlert | NewAlert | None, event: ReceivedAlert
) -> OpenAlert | NewAlert | None:
    """Return what a firing is about; an exercise or a test ends where a real one begins."""
    if current is None or current.kind.is_real or not event.kind.is_real:
        return current
    _resolve(result, current)
    return None


def _is_rehearsed(event: ReceivedAlert, current: OpenAlert | NewAlert) -> bool:
    """Return whether an exercise or a test speaks of an alert that is real."""
    return current.kind.is_real and not event.kind.is_real


def _acknowledge(result: Fold, current: OpenAlert | NewAlert) -> None:
    if isinstance(current, OpenAlert) and not current.acknowledged:
        result.acknowledged = True
    current.acknowledged = True


def _resolve(result: Fold, current: OpenAlert | NewAlert) -> None:
    if isinstance(current, NewAlert):
        current.resolved = True
    else:
        result.resolved = True


def is_later(current: OpenAlert | NewAlert, start: datetime, now: datetime) -> bool:
    """Return whether a start is later than every one told of this alert, and can be meant."""
    return (current.fired_at or current.starts_at) < start <= now + FUTURE


def _is_stale(current: OpenAlert | NewAlert, event: ReceivedAlert, now: datetime) -> bool:
    """Return whether a resolve belongs to an earlier firing than the one that is open.

    Its end decides: members of a cluster tell different starts of one firing, so a genuine resolve
    may have begun before the start we know. Its start decides only without an end. One that ended
    in the very instant in which it and the open alert began is no earlier one.
    """
    first = _told_start(current, now)
    start, end = event.starts_at, event.ends_at
    if start is not None and end is not None:
        latest = current.fired_at or first
        return latest is not None and (end < latest or end == latest != start)
    mark = start if end is None else end
    return first is not None and mark is not None and mark < first


def _told_start(current: OpenAlert | NewAlert, now: datetime) -> datetime | None:
    """Return the start the sender told; None for ours, the time received: nothing compares."""
    received_at = current.received_at if isinstance(current, OpenAlert) else now
    return None if current.starts_at == received_at else current.starts_at
