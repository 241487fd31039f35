"""What a lane's threads take their work from: urgent first, nobody held up by somebody else.

One destination occupies one thread and one host `PER_HOST`; destinations whose last attempt failed
share half of the threads. So however many messages wait for a receiver that hangs, threads are left
for the others. A destination is free again when the result of its last message is written down: so
after a crash at most one message to each may have been sent though nobody knows.
"""

import heapq
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from andon.paging.actions.delivery import Claimed

PER_DESTINATION, PER_HOST = 1, 8
#: Seconds after which a message that is being sent holds up nobody's paperwork.
SLOW = 0.25
#: Messages that may be started beyond the free threads, however fast these are.
MORE = 100
#: Messages waiting for one destination that are enough to keep it busy until the next claim.
ENOUGH = 20
#: Seconds after which what waits is given back: another engine may have threads to spare.
PATIENCE = 15.0
_SUSPECTS = "suspects"


@dataclass(order=True, slots=True)
class _Entry:
    priority: int
    turn: int
    claimed: Claimed = field(compare=False)
    since: float = field(compare=False)


@dataclass(slots=True)
class _Started:
    """What was admitted: what it occupies, and whether a thread is needed for it still."""

    entry: _Entry
    keys: tuple[str, ...]
    at: float
    sending: bool = True


class Queue:
    """Claimed notifications of one kind. Safe between threads.

    `put`; `admit` those that may start; `go` with those that were marked as started; a thread
    `take`s, and says when it is `through`; `done` when that is being written down.
    """

    def __init__(self, *, workers: int) -> None:
        self._workers = workers
        self._suspect_limit = max(1, workers // 2)
        self._ready: list[_Entry] = []
        self._parked: dict[str, deque[_Entry]] = defaultdict(deque)
        self._going: deque[tuple[Claimed, float]] = deque()
        self._busy: Counter[str] = Counter()
        self._suspects: set[str] = set()
        self._started: dict[int, _Started] = {}
        #: Seconds that a message takes a thread, of late; slow until they have proved fast.
        self._pace = 1.0
        self._renewed_until = 0.0
        self._turn = 0
        self._closed = False
        self._change = threading.Condition()
        self.waiting = 0

    def put(self, claimed: Iterable[Claimed]) -> None:
        """Add what was claimed just now."""
        now = time.perf_counter()
        with self._change:
            for one in claimed:
                self._turn += 1
                self._push(_Entry(one.priority, self._turn, one, now))

    def admit(self, *, until_next: float = 0.0) -> list[Claimed]:
        """Return the most urgent that may start: they count as busy.

        One for each free thread, and as many more as the threads, at their pace, will send in
        `until_next` seconds, when this is asked again. More would be marked as started in vain.
        """
        found: list[Claimed] = []
        with self._change:
            more = min(MORE, int(self._workers * until_next / self._pace))
            free = self._workers + more - self.busy()
            while len(found) < free and (entry := self._next()) is not None:
                found.append(entry.claimed)
        return found

    def go(
        self, admitted: Collection[Claimed], *, started: Collection[int], good_for: float
    ) -> None:
        """Let threads send those that were marked as started within so many seconds.

        The others are not ours any more.
        """
        until = time.perf_counter() + good_for
        with self._change:
            for one in admitted:
                if one.id in started:
                    self._going.append((one, until))
                else:
                    self._free(one)
            self._change.notify(len(started))

    def renewed(self, *, good_for: float) -> None:
        """Say that all that is held was renewed just now, for so many seconds."""
        self._renewed_until = time.perf_counter() + good_for

    def put_back(self, admitted: Iterable[Claimed]) -> None:
        """Let admitted ones wait again: they could not be marked."""
        with self._change:
            for one in admitted:
                entry = self._started[one.id].entry
                self._free(one)
                self._push(entry)

    def take(self) -> Claimed | None:
        """Return the next to send, waiting for one. None means that the queue is closed.

        One whose time is over is dropped: this process was frozen, and another may have it.
        """
        with self._change:
            while True:
                while self._going:
                    one, until = self._going.popleft()
                    if time.perf_counter() < max(until, self._renewed_until):
                        return one
                    self._free(one)
                if self._closed:
                    return None
                self.waiting += 1
                self._change.wait()
                self.waiting -= 1

    def through(self, claimed: Claimed, *, failed: bool, seconds: float) -> None:
        """Free the thread of a message; its destination waits until the result is written down."""
        with self._change:
            if failed:
                self._suspects.add(claimed.destination)
            else:
                self._suspects.discard(claimed.destination)
            self._started[claimed.id].sending = False
            # Fast is learnt in a few messages, slow at once.
            self._pace = max(1e-4, seconds, 0.7 * self._pace)

    def done(self, claimed: Iterable[Claimed]) -> None:
        """Free what messages occupied, whose results are written down."""
        with self._change:
            for one in claimed:
                self._free(one)

    def ready(self) -> int:
        """Return how many wait for nothing but a thread."""
        return len(self._ready)

    def can_admit(self) -> bool:
        """Return whether a thread is free and something waits for one."""
        return bool(self._ready) and self.busy() < self._workers

    def backlog(self) -> bool:
        """Return whether any wait, for a thread or behind another."""
        return bool(self._ready or self._parked)

    def rests(self) -> bool:
        """Return whether nothing here needs anybody but the other side, which takes its time."""
        with self._change:
            if self._ready or not self._parked:
                return not self._ready
            lately = time.perf_counter() - SLOW
            return all(one.sending and one.at < lately for one in self._started.values())

    def going(self) -> int:
        """Return how many were started and not yet taken by a thread."""
        return len(self._going)

    def busy(self) -> int:
        """Return how many are being sent."""
        return sum(one.sending for one in self._started.values())

    def holds(self) -> bool:
        """Return whether anything is here."""
        return bool(self._ready or self._parked or self._started)

    def held(self) -> list[Claimed]:
        """Return all that is here until it is written down: their leases are ours to renew."""
        with self._change:
            waiting = [*self._ready, *(one for many in self._parked.values() for one in many)]
            started = [one.entry for one in self._started.values()]
            return [entry.claimed for entry in (*waiting, *started)]

    def crowded(self) -> set[str]:
        """Return the destinations of which enough wait already: claim no more of them."""
        with self._change:
            waiting = Counter(
                entry.claimed.destination for entries in self._parked.values() for entry in entries
            )
        return {destination for destination, count in waiting.items() if count > ENOUGH}

    def expel(
        self, *, older_than: float = PATIENCE, servers: Collection[str] | None = None
    ) -> list[Claimed]:
        """Remove and return what has waited for more than so many seconds, for some servers."""
        limit = time.perf_counter() - older_than
        out: list[Claimed] = []

        def keep(entry: _Entry) -> bool:
            leaves = entry.since <= limit and (servers is None or entry.claimed.server in servers)
            if leaves:
                out.append(entry.claimed)
            return not leaves

        with self._change:
            self._ready = [entry for entry in self._ready if keep(entry)]
            heapq.heapify(self._ready)
            for key in list(self._parked):
                self._parked[key] = deque(filter(keep, self._parked[key]))
                if not self._parked[key]:
                    del self._parked[key]
        return out

    def close(self) -> None:
        """Send every thread home once it has finished what it has."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    def _next(self) -> _Entry | None:
        """Return the most urgent entry that may start, and count what it occupies."""
        while self._ready:
            entry = heapq.heappop(self._ready)
            keys = self._keys(entry.claimed)
            full = next((key for key in keys if self._busy[key] >= self._limit(key)), None)
            if full is not None:
                self._park(entry, full, keys)
                continue
            self._busy.update(keys)
            self._started[entry.claimed.id] = _Started(entry, keys, time.perf_counter())
            return entry
        return None

    def _free(self, claimed: Claimed) -> None:
        """Let what waited for what a message occupied come."""
        started = self._started.pop(claimed.id, None)
        for key in started.keys if started is not None else ():
            self._busy[key] -= 1
            if self._busy[key] <= 0:
                del self._busy[key]
            self._unpark(key)

    def _keys(self, claimed: Claimed) -> tuple[str, ...]:
        """Return what sending this occupies."""
        keys = [claimed.destination]
        if claimed.server:
            keys.append(f"host {claimed.server}")
        if claimed.destination in self._suspects:
            keys.append(_SUSPECTS)
        return tuple(keys)

    def _limit(self, key: str) -> int:
        if key == _SUSPECTS:
            return self._suspect_limit
        return PER_HOST if key.startswith("host ") else PER_DESTINATION

    def _park(self, entry: _Entry, full: str, keys: tuple[str, ...]) -> None:
        """Let an entry wait for one key; what waits for its other keys moves up in its place."""
        self._parked[full].append(entry)
        for key in keys:
            if self._busy[key] < self._limit(key):
                self._unpark(key)

    def _unpark(self, key: str) -> None:
        waiting = self._parked.get(key)
        if not waiting:
            return
        self._push(waiting.popleft())
        if not waiting:
            del self._parked[key]

    def _push(self, entry: _Entry) -> None:
        heapq.heappush(self._ready, entry)
