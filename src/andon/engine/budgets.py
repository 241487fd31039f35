"""Reads error budgets and deployments once a minute; a metrics server that hangs delays no page.

One engine of many has the turn. A source that does not answer is asked again later and later, until
a quarter of an hour lies between two attempts; what was read last stays, with its age and why. From
the third failure on the duty counts as failing until it succeeds: then somebody is told.
"""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import structlog
from django.conf import settings
from prometheus_client import Counter, Gauge

from andon.budgets.actions import readings
from andon.budgets.ports import Measurements
from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.core.beats import FAILING_AFTER
from andon.core.errors import Refusal
from andon.engine.apart import Apart, Sized
from andon.engine.duty import Duty, DutyTurn, Work
from andon.integrations.prometheus.client import PrometheusClient
from andon.integrations.prometheus.queries import Queries
from andon.slo import queries as slo
from andon.slo.actions import deployments
from andon.slo.ports import Deployments

log = structlog.get_logger(__name__)

NAME = "budgets"
EVERY = timedelta(minutes=1)
#: Seconds one question may take; a window of thirty days of many services takes a few.
ANSWER_SECONDS = 20.0
LONGEST_PAUSE = timedelta(minutes=15)
#: When the process of a turn is ended: the first one of thousands takes minutes.
TURN_SECONDS = 1800.0

_COUNTERS = {
    "read": Counter("andon_budgets_read", "Error budgets read"),
    "failed": Counter("andon_budgets_failed", "Error budgets that could not be read"),
    "marked": Counter("andon_deployments_marked", "Deployments read from metrics"),
    "unmarked": Counter("andon_deployments_failed", "Turns in which deployments could not be read"),
}
_READ_AT = Gauge("andon_budgets_read_timestamp_seconds", "When error budgets were last read")


class MetricsSource(Measurements, Deployments, Protocol):
    """Where budgets and deployments are read from."""


class UnableToReadBudgets(Refusal):
    """The source of budgets does not answer, or refuses."""

    code: ClassVar[str] = "budgets_not_read"


def duty(
    *, node: str, url: str = "", read_clock: Callable[[], datetime] = clock.now
) -> Duty | None:
    """Return the duty that reads budgets, or None where no source of metrics is set."""
    url = url or settings.ENV.prometheus_url
    if not url:
        return None
    client = _client(url)
    # Not at low priority: what is paused with SQLite's writer's place in its hands holds up pages.
    apart = Apart(read_configured, seconds=TURN_SECONDS, niceness=0)
    work = Sized(apart, here=lambda turn: read(turn, client))
    return Duty(
        name=NAME,
        every=EVERY,
        work=lambda turn: _counted(turn, work),
        node=node,
        read_clock=read_clock,
        close=client.close,
    )


def read_configured(turn: DutyTurn) -> int:
    """Read all budgets by this installation's settings."""
    with closing(_client(settings.ENV.prometheus_url)) as client:
        return read(turn, client)


def _client(url: str) -> PrometheusClient:
    headers = settings.ENV.prometheus_headers
    return PrometheusClient(
        url=url, headers=headers, name="the source of budgets", total=ANSWER_SECONDS
    )


def _counted(turn: DutyTurn, work: Work) -> int:
    """Do a turn and count what it did, wherever it was done."""
    try:
        return work(turn)
    finally:
        for name, counter in _COUNTERS.items():
            counter.inc(turn.figures.get(name, 0))
        if turn.figures.get("read"):
            _READ_AT.set(turn.now.timestamp())


def read(turn: DutyTurn, client: PrometheusClient) -> int:
    """Read all budgets from a metrics server; see `read_from`."""
    return read_from(turn, Queries(client, before=turn.pause))


def read_from(turn: DutyTurn, source: MetricsSource) -> int:
    """Read all budgets, unless it is too soon after a failure; return how many were read."""
    memory = turn.memory
    if _not_before(memory) > turn.now:
        if memory.get("failures", 0) >= FAILING_AFTER:
            raise UnableToReadBudgets(memory.get("error", ""))
        return 0
    telemetry = catalogue.organisation().telemetry
    declared = slo.declarations()
    done = readings.refresh(
        objectives=declared.values(),
        telemetry=telemetry,
        measurements=source,
        now=turn.now,
        pause=turn.pause,
    )
    turn.figures.update(read=done.read, failed=done.failed)
    _remember(memory, done.error, turn.now)
    if memory.get("pruned_on") != turn.now.date().isoformat():
        memory["pruned_on"] = turn.now.date().isoformat()
        readings.prune(now=turn.now)
        deployments.prune(now=turn.now)
    if done.error:
        raise UnableToReadBudgets(done.error)
    if telemetry.deployments and declared:
        _mark(turn, telemetry.deployments, source)
    return done.read


def _mark(turn: DutyTurn, query: str, source: MetricsSource) -> None:
    """Mark deployments, unless it is too soon after a failure; that is told, and fails no duty."""
    memory = turn.memory.setdefault("deployments", {})
    if _not_before(memory) > turn.now:
        return
    done = deployments.mark(
        query=query,
        services=slo.measured_services(),
        source=source,
        memory=memory,
        now=turn.now,
    )
    turn.figures["marked"] = done.found
    _remember(memory, done.error, turn.now)
    if done.error or done.skipped:
        turn.figures["unmarked"] = 1
        log.warning("deployments_not_read", error=done.error, skipped=done.skipped)


def _not_before(memory: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(memory.get("not_before", "1970-01-01T00:00:00+00:00"))


def _remember(memory: dict[str, Any], error: str, now: datetime) -> None:
    """Keep how often in a row the source failed, and when it may be asked again."""
    if not error:
        for name in ("failures", "not_before", "error"):
            memory.pop(name, None)
        return
    failures = memory["failures"] = int(memory.get("failures", 0)) + 1
    pause = min(EVERY * 2 ** min(failures, 10), LONGEST_PAUSE)
    memory["not_before"], memory["error"] = (now + pause).isoformat(), error
