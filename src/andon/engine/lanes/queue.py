"""What a lane's threads take their work from: urgent first, nobody held up by somebody else.

One destination may occupy a few threads and one host `PER_HOST`; destinations whose last attempt
failed share half of the threads. So however many messages wait for a receiver that hangs,
threads are left for the others.
"""

import heapq
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from andon.paging.actions.delivery import Claimed

PER_HOST = 8
#: Messages waiting for one destination that are enough to keep it busy until the next claim.
ENOUGH = 20
#: Seconds for which the last look at the database may be relied on.
FRESH = 0.05
#: Seconds after which a message is not started any more: it must end well within its lease.
STARTABLE = 15.0
_SUSPECTS = "suspects"


@dataclass(order=True, slots=True)
class _Entry:
    priority: int
    turn: int
    claimed: Claimed = field(compare=False)
    since: float = field(compare=False)
    checked: float = field(compare=False)


class Queue:
    """Claimed notifications of one kind, waiting for a thread. Safe between threads."""

    def __init__(
        self, *, workers: int, per_destination: int = 2, on_stale: Callable[[], None]
    ) -> None:
        self._per_destination = per_destination
        self._on_stale = on_stale
        self._suspect_limit = max(1, workers // 2)
        self._ready: list[_Entry] = []
        self._parked: dict[str, deque[_Entry]] = defaultdict(deque)
        self._stale: list[_Entry] = []
        self._busy: Counter[str] = Counter()
        self._suspects: set[str] = set()
        self._counted: dict[int, tuple[str, ...]] = {}
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
                self._push(_Entry(one.priority, self._turn, one, now, now))
            self._change.notify_all()

    def take(self) -> Claimed | None:
        """Return the next to send, waiting for one. None means that the queue is closed."""
        with self._change:
            while not self._closed:
                entry = self._next()
                if entry is not None:
                    return entry.claimed
                self.waiting += 1
                self._change.wait()
                self.waiting -= 1
            return None

    def done(self, claimed: Claimed, *, failed: bool) -> None:
        """Free what a message occupied; let what waited for it come."""
        with self._change:
            if failed:
                self._suspects.add(claimed.destination)
            else:
                self._suspects.discard(claimed.destination)
            for key in self._counted.pop(claimed.id, ()):
                self._busy[key] -= 1
                if self._busy[key] <= 0:
                    del self._busy[key]
                self._unpark(key)
            self._change.notify(2)

    def to_check(self) -> list[Claimed]:
        """Return those that waited so long that somebody must look whether they are still wanted.

        Empty unless a thread has already come across one.
        """
        with self._change:
            if not self._stale:
                return []
            self._stale += self._ready
            self._ready = []
            return [entry.claimed for entry in self._stale]

    def checked(self, seen: Collection[Claimed], *, unwanted: Collection[int]) -> None:
        """Let those that were looked at go on, except the unwanted.

        Those that came to light during the look were not looked at: their turn is next.
        """
        now = time.perf_counter()
        ids = {one.id for one in seen}
        with self._change:
            looked_at = [entry for entry in self._stale if entry.claimed.id in ids]
            self._stale = [entry for entry in self._stale if entry.claimed.id not in ids]
            for entry in looked_at:
                if entry.claimed.id not in unwanted:
                    entry.checked = now
                    self._push(entry)
            self._change.notify_all()

    def ready(self) -> int:
        """Return how many wait for nothing but a thread."""
        return len(self._ready) + len(self._stale)

    def busy(self) -> int:
        """Return how many are being sent."""
        return len(self._counted)

    def crowded(self) -> set[str]:
        """Return the destinations of which enough wait already: claim no more of them."""
        with self._change:
            waiting = Counter(
                entry.claimed.destination for entries in self._parked.values() for entry in entries
            )
        return {destination for destination, count in waiting.items() if count > ENOUGH}

    def expel(self, *, older_than: float = STARTABLE) -> list[Claimed]:
        """Remove and return what has waited for more than so many seconds."""
        limit = time.perf_counter() - older_than
        out: list[Claimed] = []

        def keep(entry: _Entry) -> bool:
            if entry.since <= limit:
                out.append(entry.claimed)
            return entry.since > limit

        with self._change:
            self._ready = [entry for entry in self._ready if keep(entry)]
            heapq.heapify(self._ready)
            self._stale = [entry for entry in self._stale if keep(entry)]
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
        """Return the most urgent entry that may start, and count it as started."""
        now = time.perf_counter()
        while self._ready:
            entry = heapq.heappop(self._ready)
            if now - entry.checked > FRESH or now - entry.since > STARTABLE:
                self._stale.append(entry)
                self._on_stale()
                continue
            keys = self._keys(entry.claimed)
            full = next((key for key in keys if self._busy[key] >= self._limit(key)), None)
            if full is not None:
                self._park(entry, full, keys)
                continue
            self._busy.update(keys)
            self._counted[entry.claimed.id] = keys
            return entry
        return None

    def _keys(self, claimed: Claimed) -> tuple[str, ...]:
        """Return what sending this occupies."""
        keys = [claimed.destination]
        host = _host(claimed.destination)
        if host:
            keys.append(host)
        if claimed.destination in self._suspects:
            keys.append(_SUSPECTS)
        return tuple(keys)

    def _limit(self, key: str) -> int:
        if key == _SUSPECTS:
            return self._suspect_limit
        return PER_HOST if key.startswith("host ") else self._per_destination

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


def _host(destination: str) -> str:
    """Return the key of the host of a URL; mail has one server, which is not the recipient's."""
    if "://" not in destination:
        return ""
    try:
        parts = urlsplit(destination)
        port = parts.port
    except ValueError:
        return ""
    return f"host {parts.hostname}:{port}"
