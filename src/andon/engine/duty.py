"""Recurring work beside the stages, in threads of its own, done by one engine of many at a time.

For what talks to tools that may hang, or takes long: it can neither delay a page nor another duty.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from prometheus_client import Counter, Histogram

from andon.core import beats, turns
from andon.core.beats import Beats
from andon.core.errors import Refusal
from andon.core.turns import Lease
from andon.paging.types import TransportError

log = structlog.get_logger(__name__)

#: An engine that died gives its duty back after this; one that works renews it.
LEASE = timedelta(seconds=60)
#: How often it is looked whether a duty is due, and said that its thread is alive.
LOOK_SECONDS = 5.0
_RENEW_SECONDS = 10.0
_ALIVE_EVERY = timedelta(seconds=8)
_STOP_SECONDS = 10.0

_FAILED = Counter("andon_duty_failed", "Turns of a duty that ended in an error", ["duty"])
_SECONDS = Histogram("andon_duty_seconds", "How long a duty's turn took", ["duty"])


class Stopped(Exception):
    """The engine stops, or another has taken the duty over: leave at once what is not done."""


class DutyTurn:
    """One turn of a duty: the instant, what the last one remembered, and the lease."""

    def __init__(
        self,
        *,
        now: datetime,
        memory: dict[str, Any],
        renew: Callable[[], bool],
        stop: threading.Event,
    ) -> None:
        self.now = now
        #: Kept in the database from turn to turn, whichever engine has them; must be JSON.
        self.memory = memory
        #: What is to be counted of this turn, by name; the engine's process counts (engine.apart).
        self.figures: dict[str, float] = {}
        self._renew = renew
        self._stop = stop
        self._renewed = time.perf_counter()

    def pause(self, seconds: float = 0.0) -> None:
        """Wait, and keep the duty: to be called at least every few seconds of long work.

        Raises Stopped.
        """
        if self._stop.wait(seconds) if seconds else self._stop.is_set():
            raise Stopped
        if time.perf_counter() - self._renewed > _RENEW_SECONDS:
            if not self._renew():
                raise Stopped
            self._renewed = time.perf_counter()


#: Does what is due and returns how much that was.
Work = Callable[[DutyTurn], int]


class Duty:
    """Does some work every so often, in a thread of its own, until stopped."""

    def __init__(
        self,
        *,
        name: str,
        every: timedelta,
        work: Work,
        node: str,
        read_clock: Callable[[], datetime],
        close: Callable[[], None] = lambda: None,
        lease: timedelta = LEASE,
    ) -> None:
        self.name = name
        self._every = every
        self._work = work
        self._node = node
        self._clock = read_clock
        self._close = close
        self._lease = lease
        self._beats = Beats(node=node)
        self._error = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start looking for turns."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=f"andon-{self.name}", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Say that it is to end soon, without waiting for it."""
        self._stop.set()

    def stop(self) -> None:
        """Leave what is being done, and give the duty back."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
            self._thread = None
        self._close()

    def take_turn(self, *, now: datetime) -> bool:
        """Do the work if it is due and nobody else does it; return whether it was done.

        An error is a log line, a metric and a beat; the next turn tries again.
        """
        held = turns.hold(name=self.name, now=now, lease=self._lease)
        if held is None:
            self._say_alive(now)
            return False
        turn = DutyTurn(
            now=now, memory=held.memory, renew=lambda: self._renew(held), stop=self._stop
        )
        done = False
        try:
            done = self._do(turn)
        finally:
            turns.give_back(held=held, next_at=now + self._every if done else now)
        return True

    def _say_alive(self, now: datetime) -> None:
        """Renew the beat, every few seconds, if the last turn was this engine's."""
        beats.say_alive(stage=self.name, node=self._node, every=_ALIVE_EVERY, now=now)

    def _do(self, turn: DutyTurn) -> bool:
        started, handled, error = time.perf_counter(), 0, ""
        try:
            handled = self._work(turn)
        except Stopped:
            return False
        except Exception as failure:  # noqa: BLE001 - logged, counted and shown by `_log`
            error = f"{failure}" or type(failure).__name__
            _FAILED.labels(self.name).inc()
            self._log(failure, error)
        self._error = error
        took = time.perf_counter() - started
        _SECONDS.labels(self.name).observe(took)
        self._beats.note(
            self.name, started_at=turn.now, took_ms=int(took * 1000), handled=handled, error=error
        )
        self._beats.write(now=self._clock(), force=True)
        return True

    def _log(self, failure: Exception, error: str) -> None:
        """Say it once, not every few seconds while it lasts; a defect with where it happened."""
        if error == self._error:
            return
        expected = isinstance(failure, Refusal | TransportError)
        log.warning("duty_failed", duty=self.name, error=error, exc_info=not expected)

    def _renew(self, held: Lease) -> bool:
        now = self._clock()
        self._say_alive(now)
        return turns.renew(held=held, until=now + self._lease)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.take_turn(now=self._clock())
            except Exception:
                # The database is away: the stages say so too.
                log.exception("duty_turn_failed", duty=self.name)
            finally:
                connection.close()
            self._stop.wait(LOOK_SECONDS)
        self._forget()

    def _forget(self) -> None:
        """Take the beat away: a duty that was ended on purpose is not missing."""
        try:
            beats.take_away(stage=self.name, node=self._node)
        except Exception:
            log.exception("duty_not_forgotten", duty=self.name)
        finally:
            connection.close()
