"""The loop that runs the stages in order, over and over, and never lets one stop the others."""

import gc
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache

import structlog
from django.db import InterfaceError, OperationalError, connection
from prometheus_client import Counter, Histogram

from andon.catalogue import queries as catalogue
from andon.core import claims, clock, masking, turns
from andon.core.aside import Aside
from andon.core.beats import Beats
from andon.core.words import say_span
from andon.engine import duties, health
from andon.engine.lanes import Lanes
from andon.engine.listener import Listener
from andon.engine.stages import DELIVERY, STAGES, Stage
from andon.engine.watch import HealthWatch
from andon.integrations import registry
from andon.oncall import queries as oncall
from andon.paging import actions as paging
from andon.paging import queries as paging_queries
from andon.paging.ports import Transport

log = structlog.get_logger(__name__)

#: The truth behind the wake event: nothing waits longer than this for its turn.
POLL_SECONDS = 1.0
#: Rows set aside that a stage tries again in one turn.
_RETRIES = 50
#: However many pages are due, paperwork has a turn at least this often.
PATIENCE_SECONDS = 5.0
_STOP_SECONDS = 20.0
_ROUNDS = 10_000

_HANDLED = Counter("andon_stage_handled", "Pieces of work a stage did", ["stage"])
_FAILED = Counter("andon_stage_failed", "Turns that ended in an error", ["stage"])
_SECONDS = Histogram("andon_stage_seconds", "How long a stage's turn took", ["stage"])


class Engine:
    """Runs the stages in one thread and the lanes in theirs, until stopped."""

    def __init__(
        self,
        *,
        node: str = "engine",
        transports: Mapping[str, Transport] | None = None,
        stages: Sequence[Stage] = STAGES,
        read_clock: Callable[[], datetime] = clock.now,
    ) -> None:
        self._stages = tuple(stages)
        self._transports = dict(registry.transports() if transports is None else transports)
        self._clock = read_clock
        self._beats = Beats(node=node)
        self._lanes = Lanes(self._transports, read_clock, on_quiet=self.wake)
        self._watch = HealthWatch(transports=self._transports, read_clock=read_clock)
        self._listener = Listener(on_notify=self.wake)
        self._duties = duties.configured(
            node=node, read_clock=read_clock, transports=self._transports
        )
        self._event = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._paperwork_at = 0.0
        self._aside = Aside()

    def wake(self) -> None:
        """Say that there may be something to do. Only a hint: the loop looks every second."""
        self._event.set()

    def start(self) -> None:
        """Start the loop, the lanes, the listener, the watch and duties in threads of their own."""
        self._stopping = False
        self._lanes.start()
        self._listener.start()
        self._watch.start()
        for duty in self._duties:
            duty.start()
        self._thread = threading.Thread(target=self._loop, name="andon-engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the turn that is running, let the lanes finish theirs, and return."""
        self._stopping = True
        self._event.set()
        for duty in self._duties:
            duty.ask_to_stop()
        self._watch.stop()
        self._listener.stop()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
            self._thread = None
        self._lanes.stop()
        for duty in self._duties:
            duty.stop()

    def run_until_idle(self, now: datetime) -> int:
        """Run stages and deliver at an instant until nothing is due; return how much was done.

        For a hand-wound clock, that of tests or of the sample's past; errors are raised, not
        survived.
        """
        total = 0
        for _ in range(_ROUNDS):
            done = sum(self._run(stage, now) for stage in self._stages)
            done += self._lanes.run_until_idle(now)
            if not done:
                return total
            total += done
        raise RuntimeError("the engine does not come to rest")

    def cycle(self) -> bool:
        """Run every stage, within its budget; return whether more is waiting that may go on now.

        Pages first: while pages are due, paperwork waits for the lanes to say that they have left.
        It would compete with them for the interpreter and, on SQLite, for the one writer's place.
        """
        now = self._read_clock()
        self._aside.read(now=now)
        first = [stage for stage in self._stages if not stage.paperwork]
        turns = [self._turn(stage, now) for stage in first]
        waiting = any(turns)
        overdue = time.perf_counter() - self._paperwork_at > PATIENCE_SECONDS
        if (waiting or not self._lanes.quiet) and not overdue:
            return waiting
        self._paperwork_at = time.perf_counter()
        paperwork = [stage for stage in self._stages if stage.paperwork]
        rest = [self._turn(stage, now, yields=not overdue) for stage in paperwork]
        self._note_delivery(now)
        self._beats.write(now=now)
        return waiting or any(rest)

    def _loop(self) -> None:
        _warm_up(self._clock())
        while not self._stopping:
            self._event.clear()
            try:
                more = self.cycle()
            except Exception:
                # The beats could not be written: the database is away. Pages wait in it and go on.
                log.exception("engine_cycle_failed")
                _close()
                more = False
            if not more and not self._stopping:
                self._event.wait(POLL_SECONDS)
        connection.close()

    def _turn(self, stage: Stage, now: datetime, *, yields: bool = False) -> bool:
        """Give a stage its turn; return whether it had to leave something for the next.

        One that `yields` ends its turn after the batch during which the engine was woken.
        """
        started = time.perf_counter()
        handled, error, more = 0, "", False
        try:
            more, memory = True, paging.Memory() if stage.remembers else None
            handled += self._retry(stage, now)
            while more and time.perf_counter() - started < stage.budget and not self._stopping:
                done = self._run(stage, now, memory)
                handled += done
                more = done >= stage.limit
                if done and stage.sends:
                    self._lanes.wake()
                if yields and self._event.is_set():
                    break
        except Exception as failure:
            error, more = f"{type(failure).__name__}: {failure}", False
            _FAILED.labels(stage.name).inc()
            if self._beats.is_worth_a_line(stage.name):
                log.exception("stage_failed", stage=stage.name)
            _close()
            if not claims.lost_connection(failure):
                handled += self._isolate(stage, now)
        took = time.perf_counter() - started
        _SECONDS.labels(stage.name).observe(took)
        _HANDLED.labels(stage.name).inc(handled)
        self._beats.note(
            stage.name, started_at=now, took_ms=int(took * 1000), handled=handled, error=error
        )
        return more

    def _run(self, stage: Stage, now: datetime, memory: paging.Memory | None = None) -> int:
        if stage.every and not turns.take(name=stage.name, every=stage.every, now=now):
            return 0
        more: dict[str, object] = {} if memory is None else {"memory": memory}
        if stage.find_due is not None:
            more["avoid"] = self._aside.of(stage.name, now=now)
        return stage.run(now=now, limit=stage.limit, **more)  # type: ignore[arg-type]

    def _isolate(self, stage: Stage, now: datetime) -> int:
        """Do the rows of a failed batch one by one; set aside the ones that fail on their own."""
        if stage.find_due is None:
            return 0
        aside = self._aside.of(stage.name, now=now)
        try:
            due = stage.find_due(now=now, limit=stage.limit + len(aside))
        except Exception:
            log.exception("stage_cannot_be_isolated", stage=stage.name)
            _close()
            return 0
        return self._one_by_one(stage, [pk for pk in due if pk not in aside], now)

    def _retry(self, stage: Stage, now: datetime) -> int:
        """Do rows whose time to be tried again has come; those that go through are forgotten."""
        if stage.find_due is None:
            return 0
        due = self._aside.take_due(stage.name, now=now, limit=_RETRIES)
        return self._one_by_one(stage, due, now, were_aside=True)

    def _one_by_one(
        self, stage: Stage, rows: Sequence[int], now: datetime, *, were_aside: bool = False
    ) -> int:
        done = 0
        for pk in rows:
            try:
                with claims.hasty():
                    done += stage.run(now=now, limit=1, only=[pk])  # type: ignore[call-arg]
                if were_aside:
                    self._aside.forget(stage.name, pk)
            except Exception as failure:
                _close()
                if claims.was_held(failure):
                    self._aside.spare(stage.name, pk, now=now)
                elif isinstance(failure, OperationalError | InterfaceError):
                    # The database is to blame, not the row: all of them wait for it.
                    log.exception("rows_not_tried", stage=stage.name)
                    break
                else:
                    log.exception("row_set_aside", stage=stage.name, row=pk)
                    self._set_aside(stage, pk, failure, now)
        if done and stage.sends:
            self._lanes.wake()
        return done

    def _set_aside(self, stage: Stage, pk: int, failure: Exception, now: datetime) -> None:
        """Leave a row out from now on, and let somebody know of what it is about."""
        why = masking.text(f"{type(failure).__name__}: {failure}")
        try:
            said = stage.describe(pk) if stage.describe is not None else ""
            what = f"{stage.rows} {pk}{f', {said:.100}' if said else ''}"
            self._aside.put(stage.name, pk, what=what, why=why, now=now)
            whom = self._rescue(stage, pk, why, now)
            if whom:
                self._aside.told(stage.name, pk, whom=whom, now=now)
        except Exception:
            log.exception("row_not_set_aside", stage=stage.name, row=pk)
            _close()

    def _rescue(self, stage: Stage, pk: int, why: str, now: datetime) -> str:
        """Tell somebody of a row; return whom, or nothing: then `engine.watch` does it."""
        for rescue in stage.rescues:
            try:
                whom = rescue(row=pk, why=why, now=now)
            except Exception:
                log.exception("row_not_rescued", stage=stage.name, row=pk)
                _close()
            else:
                self._lanes.wake()
                return whom
        return "" if stage.rescues else "Paperwork: no page waits for it"

    def _note_delivery(self, now: datetime) -> None:
        late = paging_queries.lateness(now=now)
        if late > health.LATE_AFTER:
            late = paging_queries.lateness(now=now, ours_alone=True)
        waited = f"the oldest due message has waited {say_span(late)}"
        error = waited if late > health.LATE_AFTER else ""
        self._beats.note(DELIVERY, started_at=now, took_ms=0, handled=0, error=error)

    def _read_clock(self) -> datetime:
        """Return the present; on PostgreSQL the database's, so that engines agree what is due."""
        if connection.vendor != "postgresql" or self._clock is not clock.now:
            return self._clock()
        return clock.of(connection)


def _warm_up(now: datetime) -> None:
    """Load what the first page would wait for: bank holidays take a fifth of a second."""
    try:
        hours = catalogue.organisation().working_hours
        oncall.hours_at(working_hours=hours, at=now)
    except Exception:
        log.exception("engine_not_warm")
        _close()
    _settle_memory()


@cache
def _settle_memory() -> None:
    """Take what is loaded out of garbage collection, once: a full round would hold up a page."""
    gc.collect()
    gc.freeze()


def _close() -> None:
    """Give up the connection after trouble if it is no good; the next query opens a fresh one."""
    if connection.in_atomic_block:
        # Only a caller's own transaction (a test's) can still be open here.
        return
    try:
        connection.close_if_unusable_or_obsolete()
    except Exception:
        log.exception("connection_did_not_close")
