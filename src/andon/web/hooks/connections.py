"""How many connections a process holds and for whom: those that say nothing must not stop intake.

A connection costs a descriptor, and they are few. Whoever says nothing gives way to whoever talks:
a peer holds so many waiting connections at most, and when the process is short, those that it
knows least about are closed first. Nobody is refused for coming from the same address as others,
since everybody does behind a proxy.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Protocol

from prometheus_client import Counter, Gauge

#: What a connection waits for: its first request, the rest of a head, the rest of a body, us, the
#: next request.
SILENT, HEAD, BODY, BUSY, IDLE = range(5)
#: Closed together when the process is short, as parts of all: looking for them takes a while.
_SHARE = 16

_OPEN = Gauge("andon_connections", "Connections that the web holds open")
_CLOSED = Counter("andon_connections_closed", "Connections closed before their time", ["why"])


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process grants its peers. Times are seconds."""

    #: Connections in all.
    most: int = 1024
    #: Connections of one peer that wait for it to say something and never sent what was accepted.
    most_waiting: int = 256
    #: For the whole of a head, from its first byte or from the connection.
    head: float = 10.0
    #: Between two parts of a body; and a body that takes longer must bring so many bytes a second.
    body: float = 10.0
    body_rate: int = 16 * 1024
    #: For a peer to read on in an answer that it does not take.
    unread: float = 30.0
    #: For a peer to stop sending and read why it was refused.
    linger: float = 5.0
    #: Between two looks at all connections.
    look: float = 1.0


class ClientConnection(Protocol):
    """What is asked of a connection."""

    peer: str
    phase: int
    #: When something last happened on it, by the loop's clock.
    since: float
    #: Whether a key was accepted on it.
    known: bool

    def look(self, now: float) -> None:
        """End it if it was waited for too long."""
        ...

    def drop(self) -> None:
        """End it at once: others need its place."""
        ...


class Connections:
    """All connections of a process. Used by the loop's thread only."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._all: set[ClientConnection] = set()
        self._peers: dict[str, set[ClientConnection]] = {}
        # Peers that were looked at, and with how many connections it is worth looking again.
        self._again: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def admit(self, one: ClientConnection, loop: asyncio.AbstractEventLoop) -> bool:
        """Take a connection in, at the cost of quieter ones; false when all others are talking."""
        of_peer = self._peers.setdefault(one.peer, set())
        if len(of_peer) >= self._again.get(one.peer, self.limits.most_waiting):
            self._thin_out(one.peer, of_peer)
        if len(self._all) >= self.limits.most and not self._make_room():
            _CLOSED.labels("full").inc()
            return False
        self._all.add(one)
        self._peers.setdefault(one.peer, set()).add(one)
        _OPEN.set(len(self._all))
        if self._timer is None:
            self._timer = loop.call_later(self.limits.look, self._look, loop)
        return True

    def leave(self, one: ClientConnection) -> None:
        """Forget a connection. One that is not there is nothing to worry about."""
        if one not in self._all:
            return
        self._all.remove(one)
        of_peer = self._peers[one.peer]
        of_peer.remove(one)
        if not of_peer:
            del self._peers[one.peer]
        _OPEN.set(len(self._all))

    def _thin_out(self, peer: str, of_peer: set[ClientConnection]) -> None:
        """Close the longest waiting of a peer that has too many of them."""
        waiting = [one for one in of_peer if one.phase != BUSY and not one.known]
        over = len(waiting) + 1 - self.limits.most_waiting
        if over > 0:
            self._drop(waiting, over, why="peer")
        self._again[peer] = len(of_peer) + max(1, -over)

    def _make_room(self) -> bool:
        waiting = [one for one in self._all if one.phase != BUSY]
        self._drop(waiting, max(1, self.limits.most // _SHARE), why="short")
        return bool(waiting)

    def _drop(self, candidates: Iterable[ClientConnection], count: int, *, why: str) -> None:
        for one in nsmallest(count, candidates, key=_worth):
            self.leave(one)
            one.drop()
            _CLOSED.labels(why).inc()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at every connection now and then: a timer for each would cost each request."""
        now = loop.time()
        self._again.clear()
        for one in tuple(self._all):
            one.look(now)
        self._timer = loop.call_later(self.limits.look, self._look, loop) if self._all else None


def count_closed(why: str) -> None:
    """Count a connection that was closed for a reason of its own."""
    _CLOSED.labels(why).inc()


def _worth(one: ClientConnection) -> tuple[bool, int, float]:
    """Return what sorts connections by how little is lost with them: the silent ones first."""
    order = {SILENT: 0, IDLE: 1}.get(one.phase, 2)
    return one.known, order, one.since
