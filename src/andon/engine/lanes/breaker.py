"""Servers that fail by themselves are asked by one message at a time, until they take one.

Otherwise a storm that waits for the mail server would try the server, and fill the log of attempts,
hundreds of times a second for as long as the server is down.
"""

import threading
import time
from dataclasses import dataclass

from andon.paging.rules.delivery import jitter
from andon.paging.types import Fault, Receipt, TransportError

#: Failures in a row after which a server counts as broken.
OPENS_AFTER = 3
#: Seconds before the first probe, and between probes at most: the first page leaves soon enough.
FIRST, MOST = 1.0, 5.0


@dataclass(slots=True)
class _State:
    failures: int = 0
    probe_at: float = 0.0
    #: Whether a message is on its way to find out.
    probing: bool = False


class Breaker:
    """What is known about the servers of a lane. Safe between threads."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}
        self._lock = threading.Lock()

    def note(self, server: str, outcome: Receipt | TransportError) -> None:
        """Take account of an attempt's outcome. A server that refuses one message works."""
        if isinstance(outcome, TransportError) and outcome.fault is Fault.TEMPORARY:
            return
        with self._lock:
            if isinstance(outcome, Receipt) or outcome.fault is not Fault.INSTALLATION:
                self._states.pop(server, None)
                return
            state = self._states.setdefault(server, _State())
            if state.failures >= OPENS_AFTER and not state.probing:
                return  # it was under way when the server broke
            now = time.perf_counter()
            state.failures, state.probing = state.failures + 1, False
            wait = min(MOST, FIRST * 2.0 ** min(16, max(0, state.failures - OPENS_AFTER)))
            state.probe_at = now + wait * jitter(uid=server, attempts=state.failures)

    def broken(self) -> set[str]:
        """Return the servers that are broken."""
        with self._lock:
            return {s for s, state in self._states.items() if state.failures >= OPENS_AFTER}

    def to_probe(self) -> list[str]:
        """Return the broken servers that one message may try now."""
        now, found = time.perf_counter(), []
        with self._lock:
            for server, state in self._states.items():
                if state.failures >= OPENS_AFTER and now >= state.probe_at:
                    found.append(server)
        return found

    def probed(self, server: str) -> None:
        """Say that a message is on its way to find out: no second one meanwhile."""
        with self._lock:
            if server in self._states:
                self._states[server].probe_at = time.perf_counter() + MOST
                self._states[server].probing = True
