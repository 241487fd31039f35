"""One kind of message, its queue and its threads. A lane never touches the database."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from andon.engine.lanes import metrics
from andon.engine.lanes.breaker import Breaker
from andon.engine.lanes.queue import Queue
from andon.paging.actions.delivery import Claimed, SendOutcome
from andon.paging.ports import Transport
from andon.paging.types import Fault, Receipt, TransportError
from andon.people import rules as people

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]


class Lane:
    """Sends what is put into its queue; threads are started as they are needed, up to `workers`."""

    def __init__(
        self,
        *,
        kind: str,
        transport: Transport,
        workers: int,
        clock: Clock,
        report: Callable[[SendOutcome], None],
    ) -> None:
        self.kind = kind
        self.queue = Queue(workers=workers)
        self.breaker = Breaker()
        self._transport = transport
        self._workers = workers
        self._clock = clock
        self._report = report
        self._threads: list[threading.Thread] = []

    @property
    def room(self) -> int:
        """Return how many more messages are worth claiming; parked ones do not count."""
        return max(0, 200 - self.queue.ready())

    def go(self, admitted: list[Claimed], *, started: set[int], good_for: float) -> None:
        """Send those that were marked as started, and see to it that there are threads for it."""
        self.queue.go(admitted, started=started, good_for=good_for)
        while len(self._threads) < self._workers and self.queue.going() > self.queue.waiting:
            name = f"andon-{self.kind}-{len(self._threads)}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, *, until: float) -> None:
        """Let every thread finish the message it has, until an instant of `perf_counter`."""
        self.queue.close()
        for thread in self._threads:
            thread.join(max(0.0, until - time.perf_counter()))
        getattr(self._transport, "close", lambda: None)()

    def _work(self) -> None:
        while (claimed := self.queue.take()) is not None:
            result = attempt(self._transport, claimed, now=self._clock())
            self.breaker.note(claimed.server, result.outcome)
            failed = isinstance(result.outcome, TransportError)
            self.queue.through(claimed, failed=failed, seconds=result.took_ms / 1000)
            self._report(result)


def attempt(transport: Transport, claimed: Claimed, *, now: datetime) -> SendOutcome:
    """Return what a transport made of one message, whatever it did."""
    start = time.perf_counter()
    outcome: Receipt | TransportError
    try:
        outcome = transport.send(claimed.message, now)
    except TransportError as error:
        outcome = error
    except Exception as error:
        # A defect of ours. It may have happened after the sending, so the outcome is not known.
        text = f"{type(error).__name__}: {error}"
        error.args = (_without_address(text, claimed),)
        log.exception("transport_broke", kind=claimed.kind, notification=claimed.message.uid)
        outcome = TransportError(
            f"the {claimed.kind} transport broke: {text}", fault=Fault.INSTALLATION, unknown=True
        )
    if isinstance(outcome, Receipt):
        outcome = replace(outcome, detail=_without_address(outcome.detail, claimed))
    else:
        outcome.args = (_without_address(str(outcome), claimed),)
    took = time.perf_counter() - start
    metrics.SENDING.labels(claimed.kind).observe(took)
    return SendOutcome(claimed, outcome, took_ms=round(took * 1000))


def _without_address(words: str, claimed: Claimed) -> str:
    """Return what the other side or a library said, without the address it may have repeated."""
    return people.said_of(words, address=claimed.destination)
