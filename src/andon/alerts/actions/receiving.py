"""Store what arrived together in one transaction, in a handful of statements however much it is.

The writer's thread and the event loop share one interpreter lock, which every call into the
database gives up and must win back. So each batch makes few calls with much in them, never one per
row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction

from andon.alerts import rules
from andon.alerts.actions import changes, store
from andon.alerts.types import Action, KnownKey, RawRequest, ReceivedAlert, Severity

#: Events of one key: those of one identity, in order of arrival; a list only where there are
#: several.
Grouped = dict[str, "ReceivedAlert | list[ReceivedAlert]"]

# Looked up for each alert: a name of this module costs least.
_NOTE, _TRIGGER, _CHANGE = rules.NOTE, Action.TRIGGER, Action.CHANGE

_json = msgspec.json.Encoder().encode
_msgpack = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Received:
    """What a batch came to, for the metrics."""

    opened: int = 0
    repeats: int = 0
    changed: int = 0
    unknown: int = 0
    stale: int = 0
    changes: int = 0


def receive(
    *, received: Sequence[tuple[KnownKey, ReceivedAlert]], raw: Sequence[RawRequest], now: datetime
) -> Received:
    """Store alerts and the raw requests that brought them in one transaction.

    Returning means durable. Identities are `(key, dedup_key)`; events of one identity take effect
    in the order given. Nothing of the batch is stored when this raises.
    """
    told: list[tuple[KnownKey, ReceivedAlert]] = []
    grouped = _group(received, told)
    with transaction.atomic():
        database = store.current()
        if raw:
            database.log(_msgpack(raw), len(raw), now)
        plan = _plan(grouped, database.open_alerts(grouped), now)
        database.repeat(plan.repeats, now)
        database.change(plan.changes, now)
        database.refire(plan.refired)
        database.note(plan.notes)
        database.insert(plan.inserts, now)
        kept = changes.keep(told=told, now=now)
        database.notify()
    return Received(
        opened=len(plan.inserts),
        repeats=plan.repeated,
        changed=len(plan.changes),
        unknown=plan.unknown,
        stale=plan.stale,
        changes=kept,
    )


def _group(
    received: Iterable[tuple[KnownKey, ReceivedAlert]], told: list[tuple[KnownKey, ReceivedAlert]]
) -> dict[int, Grouped]:
    """Return events of alerts by key and identity; changes, which are none, go into `told`."""
    grouped: dict[int, Grouped] = {}
    for key, event in received:
        if event.action is _CHANGE:
            told.append((key, event))
            continue
        group = grouped.get(key.id)
        if group is None:
            group = grouped[key.id] = {}
        earlier = group.setdefault(event.dedup_key, event)
        if earlier is event:
            continue
        if isinstance(earlier, list):
            earlier.append(event)
        else:
            group[event.dedup_key] = [earlier, event]
    return grouped


class _Plan:
    """What to write: ids by how often they repeated, changes of open alerts, rows to insert."""

    __slots__ = (
        "changes", "inserts", "notes", "refired", "repeated", "repeats", "stale", "unknown"
    )  # fmt: skip

    def __init__(self) -> None:
        self.repeats: dict[int, list[int]] = {}
        self.changes: list[store.AlertNews] = []
        self.inserts: list[store.Row] = []
        self.refired: dict[int, datetime] = {}
        self.notes: dict[int, str] = {}
        self.repeated = self.unknown = self.stale = 0


def _plan(
    grouped: dict[int, Grouped], opened: dict[int, dict[str, store.Open]], now: datetime
) -> _Plan:
    plan = _Plan()
    for key_id in sorted(grouped):
        stored = opened.get(key_id, {})
        # In order of identity, so that two nodes lock rows in the same order.
        for dedup_key, events in sorted(grouped[key_id].items()):
            _plan_one(plan, key_id, stored.get(dedup_key), events, now)
    return plan


def _plan_one(
    plan: _Plan,
    key_id: int,
    stored: store.Open | None,
    events: ReceivedAlert | list[ReceivedAlert],
    now: datetime,
) -> None:
    if not isinstance(events, list):
        if stored is None and events.action is Action.TRIGGER:
            plan.inserts.append(_row(key_id, _opened(events, now), now))
            return
        if stored is not None and _is_repeat(stored, events):
            plan.repeats.setdefault(1, []).append(stored.id)
            plan.repeated += 1
            return
        events = [events]
    elif stored is not None and all(_is_repeat(stored, event) for event in events):
        plan.repeats.setdefault(len(events), []).append(stored.id)
        plan.repeated += len(events)
        return
    _plan_fold(plan, key_id, stored, events, now)


def _opened(event: ReceivedAlert, now: datetime) -> rules.NewAlert:
    return rules.NewAlert(event, rules.start_of(event, now), event.severity)


def _is_repeat(stored: store.Open, event: ReceivedAlert) -> bool:
    """Return whether an event only counts: what says more goes through the rules."""
    return (
        event.action is _TRIGGER
        and event.kind == stored.kind
        and (
            event.severity == stored.severity
            or not rules.is_worse(event.severity, Severity(stored.severity))
        )
        and _NOTE not in event.labels
        and (event.starts_at is None or not stored.is_before(event.starts_at))
    )


def _plan_fold(
    plan: _Plan,
    key_id: int,
    stored: store.Open | None,
    events: list[ReceivedAlert],
    now: datetime,
) -> None:
    folded = rules.fold(stored.alert() if stored else None, events, now)
    plan.unknown += folded.unknown
    plan.stale += folded.stale
    plan.repeated += folded.repeats
    plan.inserts.extend(_row(key_id, opened, now) for opened in folded.opened)
    if stored is None:
        return
    if folded.fired_at is not None:
        plan.refired[stored.id] = folded.fired_at
    for event in events:
        if event.action is Action.TRIGGER and rules.NOTE in event.labels:
            plan.notes[stored.id] = event.labels[rules.NOTE]
    if folded.is_news:
        plan.changes.append(
            store.AlertNews(
                id=stored.id,
                repeats=folded.repeats,
                severity=folded.severity or Severity(stored.severity),
                acknowledged=folded.acknowledged,
                resolved=folded.resolved,
            )
        )
    elif folded.repeats:
        plan.repeats.setdefault(folded.repeats, []).append(stored.id)


def _row(key_id: int, alert: rules.NewAlert, now: datetime) -> store.Row:
    first = alert.first
    return (
        key_id,
        first.dedup_key,
        "resolved" if alert.resolved else "open",
        alert.severity.value,
        first.summary,
        first.description,
        _json(first.labels).decode(),
        _json(first.links).decode() if first.links else "[]",
        _json(first.details).decode() if first.details else "{}",
        first.group_key,
        first.kind.value,
        alert.starts_at,
        alert.fired_at,
        alert.count,
        now if alert.acknowledged else None,
        now if alert.resolved else None,
        "the sender" if alert.resolved else "",
        first.service_ref,
    )
