"""The lanes that messages leave by: one per kind, so that a slow kind never slows another.

One thread, the clerk, does all the database work for all lanes: it claims in hundreds, marks what
is sent next as started, writes results down together, and renews the leases of all it holds. The
lanes' threads only send.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from andon.engine.lanes import metrics
from andon.engine.lanes.lane import Clock, Lane, attempt
from andon.engine.lanes.queue import PATIENCE
from andon.paging.actions import delivery
from andon.paging.actions.delivery import Claimed, SendOutcome
from andon.paging.ports import Transport
from andon.paging.types import Receipt
from andon.people.types import CONTACT_KINDS

log = structlog.get_logger(__name__)

#: Results are written down after so many seconds or so many of them, whichever comes first.
FLUSH_SECONDS, FLUSH_ROWS = 0.02, 100
#: A lane is filled up when it has room for so many.
CLAIM_ROOM = 100
#: The truth behind the wake event; the second while messages are held, whose leases are renewed.
POLL_SECONDS, HELD_SECONDS = 1.0, 0.5
#: Leases are renewed so often: several times within one.
RENEW_SECONDS = 0.75
#: A lease outlasts so many of the slowest turns, or a slow database would take them from us.
_TURNS, _SLOWEST = 3, 9.0
#: Longer than any transport may take.
STOP_SECONDS = 12.0


class Lanes:
    """Sends every due notification through the transport of its kind."""

    def __init__(
        self,
        transports: Mapping[str, Transport],
        clock: Clock,
        *,
        on_quiet: Callable[[], None] = lambda: None,
    ) -> None:
        self._transports = dict(transports)
        self._clock = clock
        self._on_quiet = on_quiet
        #: How often it was woken, and the last of those wakes after which everything had left.
        self._wakes = self._quiet_since = 0
        self._event = threading.Event()
        self._stopping = False
        self._clerk: threading.Thread | None = None
        self._results: list[SendOutcome] = []
        self._results_lock = threading.Lock()
        self._flushed = self._kept = 0.0
        #: How long the last turn took, in seconds, and a slow one, which is forgotten slowly.
        self._took = self._slow = 0.0
        #: Until then what other engines have leased is left to them, though the lease has ended.
        self._careful_until = 0.0
        self._lanes = {kind: self._lane(kind) for kind in transports}
        #: When each lane's next claim is worth its while, in seconds of `perf_counter`.
        self._claim_at = dict.fromkeys(self._lanes, 0.0)

    def start(self) -> None:
        """Start sending in threads of their own."""
        self._clerk = threading.Thread(target=self._run, name="andon-clerk", daemon=True)
        self._clerk.start()

    def wake(self) -> None:
        """Say that notifications may have become due."""
        self._wakes += 1
        self._claim_at = dict.fromkeys(self._lanes, 0.0)
        self._event.set()

    @property
    def quiet(self) -> bool:
        """Return whether all that was due at the last wake has been taken and written down.

        What a transport is busy with does not count: it needs nobody but the other side.
        """
        return self._clerk is None or self._quiet_since == self._wakes

    def stop(self) -> None:
        """Finish what is being sent, give back what is not, and return.

        A message that outlasts the wait keeps its lease; another worker takes it after that.
        """
        self._stopping = True
        self._event.set()
        if self._clerk is not None:
            self._clerk.join(STOP_SECONDS + 5)
            self._clerk = None

    def run_until_idle(self, now: datetime) -> int:
        """Send all that is due at an instant in the calling thread; return the number of attempts.

        For journeys on a hand-wound clock; not while the threads run.
        """
        total = 0
        while claimed := delivery.claim_due(kinds=list(self._transports), now=now):
            started = delivery.start(claimed=claimed, now=now)
            mine = [one for one in claimed if one.id in started]
            results = [attempt(self._transports[one.kind], one, now=now) for one in mine]
            delivery.finish(results=results, now=now)
            _count(results, now=now)
            total += len(results)
        return total

    def _lane(self, kind: str) -> Lane:
        return Lane(
            kind=kind,
            transport=self._transports[kind],
            workers=CONTACT_KINDS.of(kind).workers,
            clock=self._clock,
            report=self._report,
        )

    def _report(self, result: SendOutcome) -> None:
        with self._results_lock:
            self._results.append(result)
        self._event.set()

    def _run(self) -> None:
        while not self._stopping:
            self._event.wait(self._pause())
            self._event.clear()
            self._guarded(self._turn)
        until = time.perf_counter() + STOP_SECONDS
        for lane in self._lanes.values():
            lane.stop(until=until)
        self._guarded(self._write)
        self._guarded(self._give_back)
        connection.close()

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do some work; a database that is away for a while must not end the clerk."""
        began = time.perf_counter()
        try:
            close_old_connections()
            work()
        except Exception:
            metrics.TROUBLE.inc()
            log.exception("lanes_trouble")
            connection.close()
            # The other engines may have had the same trouble: let them renew their leases first.
            self._careful_until = time.perf_counter() + 2 * RENEW_SECONDS
            time.sleep(0.2)
        else:
            self._took = time.perf_counter() - began
            self._slow = min(_SLOWEST, max(self._took, self._slow * 0.9))

    @property
    def _lease(self) -> timedelta:
        return delivery.LEASE + timedelta(seconds=_TURNS * self._slow)

    def _pause(self) -> float:
        """Return how long the clerk may rest."""
        claim_in = min(self._claim_at.values(), default=0.0) - time.perf_counter()
        held = any(lane.queue.holds() for lane in self._lanes.values())
        rest = HELD_SECONDS if held else POLL_SECONDS
        return max(0.0, min(FLUSH_SECONDS / 2 if self._results else rest, claim_in))

    def _turn(self) -> None:
        wakes = self._wakes
        self._keep()
        self._stand_back()
        self._claim()
        if self._must_write():
            self._write()
        if self._quiet_since != wakes and self._is_done():
            self._quiet_since = wakes
            self._on_quiet()

    def _is_done(self) -> bool:
        """Return whether nothing is left to claim, to start or to write down."""
        now = time.perf_counter()
        if self._results or any(now >= at for at in self._claim_at.values()):
            return False
        return all(lane.queue.rests() for lane in self._lanes.values())

    def _claim(self) -> None:
        """Fill the lanes that have room, when there may be something due."""
        hungry = [lane for kind, lane in self._lanes.items() if self._is_hungry(kind, lane)]
        if not hungry:
            return
        # Asked first, in one query: a claim of nothing would still take the one writer's place.
        due = delivery.find_due_kinds(kinds=[lane.kind for lane in hungry], now=self._clock())
        for lane in hungry:
            if lane.kind in due:
                self._fill(lane)
            metrics.WAITING.labels(lane.kind).set(lane.queue.ready())

    def _is_hungry(self, kind: str, lane: Lane) -> bool:
        """Return whether to look for work for a lane now, and say when to look again."""
        now = time.perf_counter()
        if now < self._claim_at[kind]:
            return False
        if lane.room < CLAIM_ROOM:
            self._claim_at[kind] = now + FLUSH_SECONDS / 4
            return False
        # Said before the claim, so that a wake during it is not lost.
        self._claim_at[kind] = now + POLL_SECONDS
        return True

    def _fill(self, lane: Lane) -> None:
        crowded = lane.queue.crowded()
        if crowded:
            self._claim_at[lane.kind] = time.perf_counter() + FLUSH_SECONDS
        broken = lane.breaker.broken()
        claimed = self._take(lane, limit=lane.room, avoid=crowded, broken=broken)
        for server in lane.breaker.to_probe():
            if probe := self._take(lane, limit=1, avoid=crowded, server=server):
                lane.breaker.probed(server)
                claimed += probe
        if claimed:
            lane.queue.put(claimed)
            self._claim_at[lane.kind] = 0.0

    def _take(self, lane: Lane, *, limit: int, **which: Any) -> list[Claimed]:
        return delivery.claim_due(
            kinds=[lane.kind],
            now=self._clock(),
            limit=limit,
            lease=self._lease,
            untouched=time.perf_counter() < self._careful_until,
            **which,
        )

    def _keep(self) -> None:
        """Renew the leases of all that is held, also of what has lapsed while we were away.

        Before anything is claimed, so that what is ours is never taken for somebody else's.
        """
        if time.perf_counter() - self._kept < RENEW_SECONDS:
            return
        self._give_back(older_than=PATIENCE)
        held = [one for lane in self._lanes.values() for one in lane.queue.held()]
        if held:
            lease = self._lease
            delivery.keep(claimed=held, now=self._clock(), lease=lease)
            for lane in self._lanes.values():
                lane.queue.renewed(good_for=lease.total_seconds())
        self._kept = time.perf_counter()

    def _stand_back(self) -> None:
        """Give back what waits for servers that have broken, before probes are taken."""
        for lane in self._lanes.values():
            broken = lane.breaker.broken()
            if broken and (waiting := lane.queue.expel(older_than=0.0, servers=broken)):
                delivery.release(claimed=waiting)

    def _must_write(self) -> bool:
        """Return whether the disk is to be waited for now.

        For messages that can leave; for results that are many or old, or when nothing more comes.
        """
        queues = [lane.queue for lane in self._lanes.values()]
        if any(queue.can_admit() for queue in queues):
            return True
        if not self._results:
            return False
        if len(self._results) >= FLUSH_ROWS or time.perf_counter() - self._flushed > FLUSH_SECONDS:
            return True
        # Whatever waits may wait for a destination, which is free when its last result is on disk.
        return any(q.backlog() for q in queues) or not any(q.busy() for q in queues)

    def _write(self) -> None:
        """Write down what came back, mark what free threads can take, and let them have it.

        Only from then on a message counts as one that may have been sent. What was acknowledged
        meanwhile is dropped.
        """
        with self._results_lock:
            results, self._results = self._results, []
        for kind, lane in self._lanes.items():
            lane.queue.done([one.claimed for one in results if one.claimed.kind == kind])
        lanes = () if self._stopping else self._lanes.values()
        asked = ((lane, lane.queue.admit(until_next=self._took)) for lane in lanes)
        admitted = {lane: ones for lane, ones in asked if ones}
        now, lease = self._clock(), self._lease
        marked = [one for ones in admitted.values() for one in ones]
        try:
            started = delivery.exchange(results=results, claimed=marked, now=now, lease=lease)
        except Exception as error:
            # Nothing is started before these results are on disk: both come again, together.
            for lane, ones in admitted.items():
                lane.queue.put_back(ones)
            passing = isinstance(error, OperationalError | InterfaceError)
            left = results if passing else _write_each(results, now=now)
            with self._results_lock:
                self._results = left + self._results
            raise
        self._flushed = time.perf_counter()
        for lane, ones in admitted.items():
            lane.go(ones, started=started, good_for=lease.total_seconds())
        _count(results, now=now)

    def _give_back(self, *, older_than: float = 0.0) -> None:
        for lane in self._lanes.values():
            waiting: list[Claimed] = lane.queue.expel(older_than=older_than)
            if waiting:
                delivery.release(claimed=waiting)


def _write_each(results: list[SendOutcome], *, now: datetime) -> list[SendOutcome]:
    """Write results down one by one; return those that are to be tried again.

    One that breaks on its own is given up, or nothing would ever be sent again: its lease ends, and
    it counts as one of unknown outcome.
    """
    for at, result in enumerate(results):
        try:
            delivery.finish(results=[result], now=now)
        except (OperationalError, InterfaceError):
            return results[at:]
        except Exception:
            metrics.TROUBLE.inc()
            log.exception("result_given_up", notification=result.claimed.message.uid)
    return []


def _count(results: list[SendOutcome], *, now: datetime) -> None:
    for result in results:
        claimed = result.claimed
        if isinstance(result.outcome, Receipt):
            metrics.SENT.labels(claimed.kind).inc()
            if claimed.is_first:
                seconds = (now - claimed.page_opened_at).total_seconds()
                metrics.HANDED_OVER.labels(claimed.kind).observe(max(0.0, seconds))
        else:
            outcome = "unknown" if result.outcome.unknown else str(result.outcome.fault)
            metrics.FAILED.labels(claimed.kind, outcome).inc()
