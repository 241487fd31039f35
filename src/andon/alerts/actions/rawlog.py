"""The raw log: kept some days, replayed after a receiver was corrected; and what was refused."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from andon.alerts import rules
from andon.alerts.actions import changes, store
from andon.alerts.actions.receiving import _row
from andon.alerts.models import Alert, IntakeBatch, IntegrationKey, RejectedRequest
from andon.alerts.types import (
    Action,
    KeyFault,
    KnownKey,
    RawRequest,
    ReceivedAlert,
    UnreadableRequest,
)

#: Of a refused body, as much is kept.
MAX_REJECTED = 64 * 1024

#: A larger body is stored packed: Alertmanager sends a large group again and again.
PACKED_FROM = 64 * 1024
_PACKED = b"\x00zlib\x00"

Parse = Callable[[RawRequest, KnownKey], list[ReceivedAlert]]
_decode = msgspec.msgpack.Decoder(list[RawRequest]).decode


@dataclass(slots=True)
class Replayed:
    """What a replay found and did."""

    requests: int = 0
    unreadable: int = 0
    events: int = 0
    known: int = 0
    opened: int = 0


def record_fault(*, fault: KeyFault, now: datetime) -> None:
    """Show what is wrong with a sender on its key, and keep the body of a request that shows it."""
    why = fault.why[:2000]
    shown = {"rejected_at": now, "rejected_why": why}
    with transaction.atomic():
        if fault.is_loss:
            before = IntegrationKey.objects.values_list("lost_at", "lost_since")
            last, since = before.get(pk=fault.key_id)
            begins = rules.losing_since(last=last, since=since, now=now)
            shown |= {"lost_at": now, "lost_since": begins, "lost_why": why}
        if fault.body is not None:
            body = fault.body[:MAX_REJECTED]
            RejectedRequest.objects.create(key_id=fault.key_id, received_at=now, why=why, body=body)
        IntegrationKey.objects.filter(pk=fault.key_id).update(**shown)


def pack(body: bytes) -> bytes:
    """Return a body as it is stored."""
    return _PACKED + zlib.compress(body, 1) if len(body) > PACKED_FROM else body


def purge_raw(*, now: datetime, keep: timedelta) -> int:
    """Delete raw and refused requests older than `keep`; return how many rows went."""
    gone, _ = IntakeBatch.objects.filter(received_at__lt=now - keep).delete()
    refused, _ = RejectedRequest.objects.filter(received_at__lt=now - keep).delete()
    return gone + refused


def replay(
    *, parse: Parse, keys: Mapping[int, KnownKey], since: datetime, now: datetime
) -> Replayed:
    """Run the raw log since an instant through the receivers again; store alerts that are missing.

    Alerts that are there stay as they are, so replaying twice does nothing the second time. An
    alert that the log also closes is stored closed and already seen: nobody is paged for the past.
    """
    done = Replayed()
    lives: dict[tuple[int, str], _Life] = {}
    told: list[tuple[datetime, KnownKey, ReceivedAlert]] = []
    for at, events in _events(parse, keys, since, done):
        for key_id, event in events:
            if event.action is Action.CHANGE:
                told.append((at, keys[key_id], event))
                continue
            lives.setdefault((key_id, event.dedup_key), _Life()).take(event, at)
    with transaction.atomic():
        for at, key, event in told:
            new = changes.keep(told=[(key, event)], now=at)
            done.opened += new
            done.known += 1 - new
        for (key_id, dedup_key), life in sorted(lives.items()):
            _store_missing(key_id, dedup_key, life, now, done)
    return done


def _events(
    parse: Parse, keys: Mapping[int, KnownKey], since: datetime, done: Replayed
) -> Iterator[tuple[datetime, list[tuple[int, ReceivedAlert]]]]:
    batches = IntakeBatch.objects.filter(received_at__gte=since).order_by("id")
    for batch in batches.iterator(chunk_size=50):
        events: list[tuple[int, ReceivedAlert]] = []
        for raw in _decode(bytes(batch.requests)):
            done.requests += 1
            try:
                found = parse(
                    msgspec.structs.replace(raw, body=_unpacked(raw.body)), keys[raw.key_id]
                )
                events.extend((raw.key_id, event) for event in found)
            except (UnreadableRequest, KeyError):
                done.unreadable += 1
        done.events += len(events)
        yield batch.received_at, events


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_PACKED):
        return body
    try:
        return zlib.decompress(body[len(_PACKED) :])
    except zlib.error:
        return body  # somebody sent this as it is


class _Life:
    """The alerts one identity had, by the raw log alone."""

    __slots__ = ("alerts",)

    def __init__(self) -> None:
        self.alerts: list[tuple[datetime, rules.NewAlert, datetime | None]] = []

    def take(self, event: ReceivedAlert, at: datetime) -> None:
        """Apply one event received at an instant."""
        opened_at, last = None, None
        if self.alerts and self.alerts[-1][2] is None:
            opened_at, last, _ = self.alerts[-1]
        stored = None
        if last is not None and opened_at is not None:
            stored = rules.OpenAlert(
                last.severity,
                last.starts_at,
                opened_at,
                last.acknowledged,
                last.fired_at,
                last.kind,
            )
        folded = rules.fold(stored, [event], at)
        if last is not None and opened_at is not None:
            last.count += folded.repeats
            last.severity = folded.severity or last.severity
            if folded.acknowledged is not None:
                last.acknowledged = folded.acknowledged
            last.fired_at = folded.fired_at or last.fired_at
            if folded.resolved:
                last.resolved = True
                self.alerts[-1] = (opened_at, last, at)
        self.alerts.extend((at, alert, None) for alert in folded.opened)


def _store_missing(key_id: int, dedup_key: str, life: _Life, now: datetime, done: Replayed) -> None:
    stored = list(
        Alert.objects.filter(key_id=key_id, dedup_key=dedup_key)
        .order_by("received_at", "id")
        .values_list("received_at", "resolved_at")
    )
    is_open = any(resolved is None for _, resolved in stored)
    for opened_at, alert, resolved_at in life.alerts:
        if _take_known(stored, opened_at) or (resolved_at is None and is_open):
            done.known += 1
            continue
        store.current().insert([_row(key_id, alert, opened_at)], opened_at)
        row = Alert.objects.filter(key_id=key_id, dedup_key=dedup_key).order_by("-id")[0]
        if resolved_at is not None:
            row.resolved_at, row.unseen = resolved_at, False
            row.service_why = "Found again in the raw log after it had ended."
        row.last_received_at = resolved_at or now
        row.save()
        done.opened += 1


def _take_known(stored: list[tuple[datetime, datetime | None]], opened_at: datetime) -> bool:
    # Several alerts of one identity can open in the same batch: each stored one counts once.
    for at, (received_at, resolved_at) in enumerate(stored):
        if received_at == opened_at:
            del stored[at]
            return True
        if received_at < opened_at and (resolved_at is None or opened_at < resolved_at):
            return True
    return False
