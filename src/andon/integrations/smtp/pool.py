"""Connections to the mail server, shared by threads: as many as it takes at once."""

import threading
import time
from collections.abc import Callable

from andon.integrations.smtp.connection import MailConnection
from andon.paging.types import Fault, TransportError

#: How long a server that refused a connection as one too many is not asked for another.
_REMEMBER = 60.0
#: How long a thread waits for a connection of another; well within an exchange.
_WAIT = 5.0


class MailPool:
    """Keeps what is open and idle. Safe between threads."""

    def __init__(self, open_one: Callable[[], MailConnection]) -> None:
        self._open_one = open_one
        self._idle: list[MailConnection] = []
        self._open = 0
        self._most, self._most_until = 0, 0.0
        self._change = threading.Condition()

    def take(self) -> MailConnection:
        """Return a connection for one message. Raises TransportError."""
        until = time.perf_counter() + _WAIT
        while True:
            kept = self._reserve(until)
            if kept is not None:
                if kept.is_alive():
                    return kept
                self.drop(kept)
                continue
            try:
                return self._open_one()
            except BaseException as error:
                if not self._is_one_too_many(error):
                    raise

    def give_back(self, connection: MailConnection) -> None:
        """Keep a connection for the next message."""
        with self._change:
            self._idle.append(connection)
            self._change.notify()

    def drop(self, connection: MailConnection) -> None:
        """Close without a farewell: a server that hangs would make us wait for its answer."""
        connection.close()
        with self._change:
            self._open -= 1
            self._change.notify()

    def close_idle(self) -> None:
        """Close what nobody uses."""
        with self._change:
            idle, self._idle = self._idle, []
        for one in idle:
            self.drop(one)

    def _reserve(self, until: float) -> MailConnection | None:
        """Return an idle connection, or None when another may be opened: it counts as open."""
        with self._change:
            while not self._idle:
                now = time.perf_counter()
                if now >= self._most_until or self._open < self._most:
                    self._open += 1
                    return None
                if now >= until:
                    raise TransportError(
                        f"the mail server takes {self._most} connections at once; all are busy"
                    )
                self._change.wait(until - now)
            return self._idle.pop()

    def _is_one_too_many(self, error: BaseException) -> bool:
        """Return whether others are open and the server just takes no more; remember how many."""
        busy = isinstance(error, TransportError) and error.fault is Fault.TEMPORARY
        with self._change:
            self._open -= 1
            self._change.notify()
            if not busy or not self._open:
                return False
            self._most, self._most_until = self._open, time.perf_counter() + _REMEMBER
            return True
