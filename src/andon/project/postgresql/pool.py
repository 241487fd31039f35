"""Connections that bound what they wait for, kept between uses by a pool that never sits waiting.

psycopg's own pool doubles its distance between attempts to connect, in the background and while it
looks for a good connection among stale ones: an outage of a minute cost half a minute more. Here
whoever needs a connection makes it, and learns at once when that cannot be done.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import ConnStatus, TransactionStatus

#: Connections of a process at most, and idle ones that are kept.
SIZE, IDLE = 20, 5
#: Seconds to wait for somebody to give one back when all are in use.
WAIT_SECONDS = 10.0
#: Seconds after which a connection is replaced, so that a moved server is found again.
LIFETIME = 3600.0
#: Seconds in which an idle connection must say that it is alive.
_ALIVE_SECONDS = 2.0
#: Seconds without an answer after which a connection is given up: longer than the server itself
#: lets a statement run. What still takes bytes and never answers (a proxy) is noticed by this only.
PATIENCE = 18.0


class PatientConnection(psycopg.Connection[Any]):
    """A connection that does not wait for ever, and says in one way that it is lost."""

    patience: float | None = PATIENCE
    made_at = 0.0
    #: Whether its limits are those of every connection; others are not kept for whoever comes next.
    usual = True

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer. Raises psycopg.OperationalError when the connection is lost."""
        try:
            return super().wait(gen, interval, timeout if timeout is not None else self.patience)
        except errors._WaitTimeout:  # noqa: SLF001 - psycopg has no public name for it
            if timeout is not None:
                raise
            self.close()
            raise psycopg.OperationalError(
                f"the database has not answered for {self.patience:g} s: connection given up"
            ) from None
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            # Ended by the server for its idleness, for instance: not in the class of lost
            # connections, though it is one.
            if self.pgconn.status != ConnStatus.BAD and error.sqlstate not in ENDED:
                raise
            self.close()
            lost = psycopg.OperationalError(str(error))
            lost.sqlstate = error.sqlstate
            raise lost from error


#: The server ended the session because its transaction was idle, or took, too long.
ENDED = frozenset({"25P03", "25P04"})


class Pool:
    """Connections between uses, as Django asks for them. Safe between threads."""

    #: psycopg asks: a connection that is closed is not given back to us.
    close_returns = False

    def __init__(self, make: Callable[[], PatientConnection], *, size: int = SIZE) -> None:
        self._make = make
        self._size = size
        self._slots = threading.BoundedSemaphore(size)
        self._idle: deque[PatientConnection] = deque()
        self._closed = False

    def open(self) -> None:
        """Do nothing: connections are made when they are asked for."""

    def getconn(self) -> PatientConnection:
        """Return a connection that works. Raises psycopg.OperationalError when there is none."""
        if not self._slots.acquire(timeout=WAIT_SECONDS):
            raise psycopg.OperationalError(
                f"all {self._size} connections to the database have been in use for "
                f"{WAIT_SECONDS:g} s"
            )
        try:
            found = self._idle_one() or self._make()
        except BaseException:
            self._slots.release()
            raise
        found._pool = self  # type: ignore[assignment]  # noqa: SLF001 - where Django looks for it
        return found

    def putconn(self, connection: PatientConnection) -> None:
        """Take a connection back, and keep it if it is good and not too many are kept."""
        connection._pool = None  # noqa: SLF001 - as above
        idle = connection.info.transaction_status == TransactionStatus.IDLE
        young = time.monotonic() - connection.made_at < LIFETIME
        good = idle and young and connection.usual
        if good and not self._closed and len(self._idle) < IDLE:
            connection.autocommit = True
            self._idle.append(connection)
        else:
            connection.close()
        self._slots.release()

    def close(self) -> None:
        """Close what is idle now, and what is in use when it comes back."""
        self._closed = True
        self._close_idle()

    def _idle_one(self) -> PatientConnection | None:
        """Return an idle connection that answers; when one does not, none of them is trusted."""
        try:
            found = self._idle.pop()
        except IndexError:
            return None
        found.patience = _ALIVE_SECONDS
        try:
            found.execute("")
        except psycopg.Error:
            found.close()
            self._close_idle()
            return None
        found.patience = PATIENCE
        return found

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
