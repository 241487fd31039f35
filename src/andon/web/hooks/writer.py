"""Group commit: one thread writes; what arrives while it writes is the next batch.

Only the event loop's thread adds to a batch and hands it over, so no request can slip into a batch
that is being written and be answered without being stored.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic, perf_counter
from typing import Protocol

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from andon.alerts import actions as alerts
from andon.alerts import queries
from andon.alerts.types import KeyFault, KnownKey, RawRequest, ReceivedAlert
from andon.core import clock, process
from andon.web.hooks import metrics
from andon.web.hooks.keys import REFRESH_SECONDS, KeyRing

log = logging.getLogger(__name__)

#: A request that is not stored after this long is answered with 503; its sender tries again.
TIMEOUT_SECONDS = 10.0
#: Alerts of one transaction. More wait for the next, so that one flood cannot hold the database
#: long.
MAX_BATCH_ALERTS = 4000
#: Requests that may wait; beyond that the answer is 503 at once.
MAX_WAITING = 20_000
TOUCH_SECONDS = 30.0
#: The least distance of two readings of the keys that unknown keys ask for.
LOOK_SECONDS = 0.25


class Waiter(Protocol):
    """Who wants to know what became of a request. A future is one. Used by the loop's thread."""

    def done(self) -> bool:
        """Return whether it was told."""
        ...

    def set_result(self, stored: bool, /) -> None:
        """Tell it whether the request is on disk."""


@dataclass(slots=True)
class Item:
    """One request that waits for its commit."""

    key: KnownKey
    alerts: list[ReceivedAlert]
    #: None for a later part of a request.
    raw: RawRequest | None
    done: Waiter
    since: float


@dataclass(slots=True)
class Batch:
    """What goes into one transaction."""

    items: list[Item] = field(default_factory=list)
    size: int = 0


class _Stop:
    """Tells the writer to end."""


class _Look:
    """Asks the writer to read the keys now."""


class Writer:
    """Owns the writing thread and its database connection."""

    def __init__(self, ring: KeyRing, on_stored: Callable[[], None] | None) -> None:
        self._ring = ring
        self._on_stored = on_stored
        self._queue: SimpleQueue[Batch | KeyFault | _Look | _Stop] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._used: set[int] = set()
        self._touched_at = monotonic()
        # Whether the database itself refused the last commit.
        self._failing = False
        # Below: touched by the loop's thread only.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending = Batch()
        self._writing: Batch | None = None
        self._looking: list[asyncio.Future[bool]] = []
        self._looked_at = float("-inf")
        self._watch: asyncio.TimerHandle | None = None
        self._waiting = 0
        self._noted_at: dict[tuple[int, str], float] = {}
        self._closing = False

    def start(self) -> None:
        """Start the thread; it reads the keys first."""
        if self._thread is None:
            self._closing = False
            metrics.WAITING.set_function(lambda: self._waiting)
            self._thread = threading.Thread(target=self._run, name="andon-intake", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what has arrived, then end the thread. Not to be called from a third thread."""
        self._closing = True
        if self._thread is not None:
            if self._pending.items:
                batch, self._pending = self._pending, Batch()
                self._queue.put(batch)
            self._queue.put(_Stop())
            self._thread.join(TIMEOUT_SECONDS)
            self._thread = None

    # The loop's side.

    def store(
        self, key: KnownKey, received: list[ReceivedAlert], raw: RawRequest | None
    ) -> "asyncio.Future[bool]":
        """Return a future: true when the request is on disk, false when it cannot be stored."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool] = loop.create_future()
        self.submit(loop, key, received, raw, done)
        return done

    def submit(
        self,
        loop: asyncio.AbstractEventLoop,
        key: KnownKey,
        received: list[ReceivedAlert],
        raw: RawRequest | None,
        waiter: Waiter,
    ) -> None:
        """Store a request, and tell `waiter` true when it is on disk, false when it cannot be.

        `loop` is the running one, which the caller knows: asking asyncio is a system call.
        """
        if loop is not self._loop:
            self._bind(loop)
        if self._waiting >= MAX_WAITING or self._closing or self._thread is None:
            waiter.set_result(False)
            return
        self._waiting += 1
        pending = self._pending
        pending.items.append(Item(key, received, raw, waiter, monotonic()))
        pending.size += len(received)
        if self._writing is None and len(pending.items) == 1:
            # At the end of this turn of the loop: what is read in the same turn shares the commit.
            loop.call_soon(self._begin)
        if self._watch is None:
            self._watch = loop.call_later(1, self._give_up_late)

    def look(self) -> "asyncio.Future[bool]":
        """Return a future that is true when the keys were read again, false when they cannot be.

        All who ask meanwhile share one reading, and readings keep a distance: guessing keys must
        not keep the writer from writing.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._bind(loop)
        done: asyncio.Future[bool] = loop.create_future()
        if self._thread is None or self._closing:
            done.set_result(False)
            return done
        self._looking.append(done)
        if len(self._looking) == 1:
            wait = max(0.0, self._looked_at + LOOK_SECONDS - monotonic())
            loop.call_later(wait, self._queue.put, _Look())
        loop.call_later(TIMEOUT_SECONDS, _give_up, done)
        return done

    def note_fault(self, fault: KeyFault) -> None:
        """Keep what is wrong with a sender, at most once a second for each key and cause."""
        now, about = monotonic(), (fault.key_id, fault.cause)
        if now - self._noted_at.get(about, float("-inf")) >= 1:
            self._noted_at[about] = now
            self._queue.put(fault)

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._pending, self._writing = loop, Batch(), None
        self._looking, self._watch, self._waiting = [], None, 0

    def _begin(self) -> None:
        if self._writing is None and self._pending.items:
            self._hand_over()

    def _hand_over(self) -> None:
        batch, self._pending = self._pending, Batch()
        if batch.size > MAX_BATCH_ALERTS and len(batch.items) > 1:
            batch, self._pending = _split(batch)
        self._writing = batch
        self._queue.put(batch)

    def _written(self, batch: Batch, stored: list[bool] | None) -> None:
        self._waiting -= len(batch.items)
        if self._writing is batch:
            self._writing = None
            if self._pending.items:
                # Before the answers, which are many small system calls: the writer must not wait.
                self._hand_over()
        for at, item in enumerate(batch.items):
            if not item.done.done():
                item.done.set_result(True if stored is None else stored[at])

    def _looked(self, found: bool) -> None:
        self._looked_at = monotonic()
        waiting, self._looking = self._looking, []
        for done in waiting:
            if not done.done():
                done.set_result(found)

    def _give_up_late(self) -> None:
        """Answer requests that have waited too long; storing them later does no harm."""
        late = monotonic() - TIMEOUT_SECONDS
        batches = [self._pending] + ([self._writing] if self._writing else [])
        for batch in batches:
            for item in batch.items:
                if item.since > late:
                    break
                if not item.done.done():
                    process.cannot_store(f"a request has waited {TIMEOUT_SECONDS:.0f} s for it")
                    item.done.set_result(False)
        self._watch = None
        if self._waiting and self._loop is not None:
            self._watch = self._loop.call_later(1, self._give_up_late)

    def _tell(self, callback: Callable[..., None], *arguments: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback, *arguments)

    # The writer's side.

    def _run(self) -> None:
        self._read_keys()
        while True:
            try:
                job = self._queue.get(timeout=REFRESH_SECONDS)
            except Empty:
                self._keep_up()
                continue
            if isinstance(job, _Stop):
                break
            self._do(job)
        connection.close()

    def _do(self, job: Batch | KeyFault | _Look) -> None:
        if isinstance(job, Batch):
            stored = self._write(job)
            self._tell(self._written, job, stored)
        elif isinstance(job, _Look):
            self._tell(self._looked, self._read_keys())
        else:
            self._keep_fault(job)
        if monotonic() - self._ring.read_at > REFRESH_SECONDS:
            self._keep_up()

    def _write(self, batch: Batch) -> list[bool] | None:
        """Store a batch; return None when all is on disk, else for each request whether it is."""
        started = perf_counter()
        if not self._commit(batch.items):
            stored = self._one_by_one(batch.items) if self._is_up() else []
            if not any(stored):
                metrics.REJECTED.labels("storage").inc(len(batch.items))
                return [False] * len(batch.items)
        else:
            stored = None
        self._count(batch, perf_counter() - started)
        if self._on_stored is not None:
            self._on_stored()
        return stored

    def _one_by_one(self, items: list[Item]) -> list[bool]:
        """Store requests singly, until the database takes none: of a full disk each would ask."""
        stored = [self._commit([items[0]])]
        stored += [not self._failing and self._commit([item]) for item in items[1:]]
        return stored

    def _commit(self, items: list[Item]) -> bool:
        received = [(item.key, alert) for item in items for alert in item.alerts]
        raw = [item.raw for item in items if item.raw is not None]
        self._failing = False
        for attempt in (1, 2):
            try:
                done = alerts.receive(received=received, raw=raw, now=clock.now())
            except (OperationalError, InterfaceError) as error:
                # A lost connection or a deadlock: once more, on a fresh connection.
                log.warning("intake: attempt %s to store failed: %s", attempt, error)
                connection.close()
                self._failing = attempt == 2
                if self._failing:
                    process.cannot_store(error)
            except Exception:  # one odd request must not stop the others
                log.exception("intake: a batch of %s requests cannot be stored", len(items))
                return False
            else:
                _count_outcome(done)
                process.has_stored()
                return True
        return False

    def _is_up(self) -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            connection.close()
            return False
        return True

    def _count(self, batch: Batch, seconds: float) -> None:
        metrics.COMMIT_SECONDS.observe(seconds)
        metrics.BATCH_ALERTS.observe(batch.size)
        kinds: dict[str, int] = {}
        for item in batch.items:
            if item.raw is not None:
                kinds[item.raw.kind] = kinds.get(item.raw.kind, 0) + 1
            self._used.add(item.key.id)
        for kind, count in kinds.items():
            metrics.REQUESTS.labels(kind).inc(count)

    def _keep_up(self) -> None:
        self._read_keys()
        if self._used and monotonic() - self._touched_at > TOUCH_SECONDS:
            self._touched_at = monotonic()
            used, self._used = self._used, set()
            try:
                alerts.touch_keys(ids=used, now=clock.now())
            except DatabaseError as error:
                log.warning("intake: cannot note the use of keys: %s", error)
                connection.close()

    def _read_keys(self) -> bool:
        try:
            keys, revoked = queries.live_keys(), queries.revoked_digests()
        except DatabaseError as error:
            log.warning("intake: cannot read the keys, those in memory stay: %s", error)
            connection.close()
            return False
        self._ring.replace(keys, revoked, monotonic())
        return True

    def _keep_fault(self, fault: KeyFault) -> None:
        try:
            alerts.record_fault(fault=fault, now=clock.now())
        except DatabaseError as error:
            log.warning("intake: cannot keep the fault of a key: %s", error)
            connection.close()


def _give_up(done: "asyncio.Future[bool]") -> None:
    if not done.done():
        done.set_result(False)


def _split(batch: Batch) -> tuple[Batch, Batch]:
    first, rest = Batch(), Batch()
    for item in batch.items:
        into = (
            first if not first.items or first.size + len(item.alerts) <= MAX_BATCH_ALERTS else rest
        )
        if rest.items:
            into = rest  # order of arrival is kept
        into.items.append(item)
        into.size += len(item.alerts)
    return first, rest


def _count_outcome(done: alerts.Received) -> None:
    for outcome in ("opened", "repeats", "changed", "unknown", "stale", "changes"):
        amount = getattr(done, outcome)
        if amount:
            metrics.ALERTS.labels(outcome).inc(amount)
