"""The telemetry pipeline's duties: files kept in force, Alertmanagers compared, rules watched."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import structlog
from django.conf import settings
from prometheus_client import Counter

from andon.core.errors import Refusal
from andon.engine.apart import Apart, Sized
from andon.engine.duty import Duty, DutyTurn, Work
from andon.integrations import telemetry
from andon.integrations.alertmanager import reconcile
from andon.integrations.alertmanager.api import Alertmanager
from andon.integrations.prometheus.api import RuleEngine
from andon.paging.types import TransportError
from andon.slo import queries as slo
from andon.telemetry import queries
from andon.telemetry.actions import rollouts
from andon.telemetry.actions.rollouts import SeenRule

log = structlog.get_logger(__name__)

NAMES = ROLLOUT, RECONCILE, RULES = "telemetry", "reconcile_alertmanager", "watch_rules"
LOOK_EVERY = timedelta(seconds=10)
#: Generated anew though nothing seems to have changed, and proven to be in force still.
AGAIN_EVERY = timedelta(hours=1)
#: What failed is tried again, and the files go back and forth once more, after so long.
RETRY_EVERY = timedelta(minutes=5)
#: Two looks find a lost webhook: within a minute, with an Alertmanager that hangs too.
RECONCILE_EVERY = timedelta(seconds=10)
RULES_EVERY = timedelta(minutes=2)
#: Longer than the longest answer that may be waited for without a pause.
LONG_LEASE = timedelta(minutes=6)
#: When the process of a turn is ended: a rollout has checks, a proof and one of what was before.
ROLLOUT_SECONDS, RULES_SECONDS = 5400.0, 600.0

_RECONCILED = Counter(
    "andon_alerts_reconciled", "Alerts whose webhook was lost, by what was lost", ["what"]
)
_ROLLOUTS = Counter("andon_telemetry_rollouts", "Attempts to bring files into force", ["outcome"])


class UnableToKeepInForce(Refusal):
    """The generated files are not in force, or not shown to be."""

    code: ClassVar[str] = "telemetry_not_in_force"


def duties(*, node: str, read_clock: Callable[[], datetime]) -> list[Duty]:
    """Return the duties that this installation's settings ask for."""
    env = settings.ENV
    made = []
    if env.telemetry_dir is not None:
        apart = Apart(keep, seconds=ROLLOUT_SECONDS)
        keeper = Keeper(folder=env.telemetry_dir, tools=telemetry.tools(env), apart=apart)
        made.append(
            Duty(
                name=ROLLOUT,
                every=LOOK_EVERY,
                work=keeper,
                node=node,
                read_clock=read_clock,
            )
        )
    if env.alertmanager_urls:
        compare = Reconciler(urls=env.alertmanager_urls, key=env.alertmanager_key)
        made.append(
            Duty(name=RECONCILE, every=RECONCILE_EVERY, work=compare, node=node,
                 read_clock=read_clock, close=compare.close)
        )  # fmt: skip
    if env.vmalert_urls or env.prometheus_url:
        made.append(
            Duty(
                name=RULES,
                every=RULES_EVERY,
                work=Sized(Apart(watch, seconds=RULES_SECONDS), here=watch),
                node=node,
                read_clock=read_clock,
                lease=LONG_LEASE,
            )
        )
    return made


def keep(turn: DutyTurn) -> int:
    """Generate and roll out by this installation's settings, due or not."""
    env = settings.ENV
    if env.telemetry_dir is None:
        return 0
    return Keeper(folder=env.telemetry_dir, tools=telemetry.tools(env))(turn)


def watch(turn: DutyTurn) -> int:
    """Write down how rules behave, by this installation's settings."""
    return RuleWatch(tools=telemetry.tools(settings.ENV))(turn)


class Keeper:
    """Keeps what is generated from the catalogue in force; the work itself may be done apart."""

    def __init__(
        self,
        *,
        folder: Path,
        tools: telemetry.Tools,
        by: str = "the engine",
        apart: Work | None = None,
    ) -> None:
        self._folder = folder
        self._tools = tools
        self._by = by
        self._keep = apart or self._attempt_once
        #: A process that died may have left a set that nobody has proven.
        self._looked = False

    def __call__(self, turn: DutyTurn) -> int:
        """Generate and roll out when something has changed, or enough time has passed."""
        state, memory = queries.state_of_files(), turn.memory
        due = not self._looked or memory.get("of") != state
        if not due and turn.now.timestamp() < memory.get("again_at", 0):
            if memory.get("problem"):
                raise UnableToKeepInForce(memory["problem"])
            return 0
        memory.pop("again_at", None)
        try:
            handled = self._keep(turn)
        except Refusal as error:
            self._looked = True
            if "again_at" not in memory:
                # It ended before it could say when to try again.
                _remember(turn, of=state, problem=error.message)
            raise
        finally:
            for outcome in turn.figures:
                _ROLLOUTS.labels(outcome).inc()
        self._looked = True
        return handled

    def _attempt_once(self, turn: DutyTurn) -> int:
        state, attempt = queries.state_of_files(), self._attempt(turn)
        turn.figures[attempt.outcome] = 1
        problem = "" if attempt.ok else f"{attempt.outcome}: {attempt.words}"[:1500]
        _remember(turn, of=state, problem=problem)
        if problem:
            raise UnableToKeepInForce(problem)
        return 1

    def _attempt(self, turn: DutyTurn) -> telemetry.RolloutAttempt:
        started = time.perf_counter()
        estate = slo.estate(settings.ANDON_URL)
        files = telemetry.bundle(estate=estate, with_tests=False)
        log.info("telemetry_generated", files=len(files),
                 seconds=round(time.perf_counter() - started, 2))  # fmt: skip
        attempt = telemetry.roll_out(
            estate=estate, files=files, folder=self._folder, tools=self._tools, pause=turn.pause
        )
        self._record(attempt, turn.now)
        return attempt

    def _record(self, attempt: telemetry.RolloutAttempt, now: datetime) -> None:
        """Write an attempt down, unless it only showed again what the last one had."""
        last = queries.last_rollout()
        done = (attempt.digest, attempt.outcome)
        if attempt.ok and last is not None and (last.digest, last.outcome) == done:
            return
        rollouts.record_rollout(
            digest=attempt.digest,
            outcome=attempt.outcome,
            steps=attempt.rows,
            took_ms=attempt.took_ms,
            by=self._by,
            now=now,
        )
        log.info("telemetry_rolled_out", outcome=attempt.outcome, words=attempt.words)


def _remember(turn: DutyTurn, *, of: str, problem: str) -> None:
    wait = RETRY_EVERY if problem else AGAIN_EVERY
    turn.memory.update(of=of, again_at=(turn.now + wait).timestamp(), problem=problem)


class Reconciler:
    """Compares what Alertmanagers hold with what is open here."""

    def __init__(self, *, urls: tuple[str, ...], key: str) -> None:
        self._tools = [Alertmanager(url=url) for url in urls]
        self._key = key

    def __call__(self, turn: DutyTurn) -> int:
        """Compare once; what was in the way is raised after the rest is done."""
        done = reconcile.reconcile(
            alertmanagers=self._tools,
            key=reconcile.pick_key(wanted=self._key),
            memory=turn.memory,
            now=turn.now,
        )
        turn.memory.update(done.memory)
        _RECONCILED.labels("firing").inc(done.received)
        _RECONCILED.labels("resolved").inc(done.resolved)
        if done.received or done.resolved:
            log.warning("webhooks_lost", firing=done.received, resolved=done.resolved)
        if done.problems:
            raise reconcile.UnableToReconcile("; ".join(done.problems))
        return done.received + done.resolved

    def close(self) -> None:
        """Close connections."""
        for tool in self._tools:
            tool.close()


class RuleWatch:
    """Writes down which alerting rules fire, never fire, or are broken."""

    def __init__(self, *, tools: telemetry.Tools) -> None:
        self._tools = tools

    def __call__(self, turn: DutyTurn) -> int:
        """Ask every engine once."""
        seen: dict[str, list[SeenRule]] = {}
        troubles = []
        for engine in self._tools.rule_engines():
            try:
                seen.setdefault(engine.engine.value, []).extend(_seen(engine))
            except TransportError as error:
                troubles.append(str(error))
            finally:
                engine.close()
            turn.pause()
        for name, rules in seen.items():
            rollouts.record_states(engine=name, seen=rules, now=turn.now)
        if troubles:
            raise UnableToKeepInForce("; ".join(troubles))
        return sum(map(len, seen.values()))


def _seen(engine: RuleEngine) -> list[SeenRule]:
    return [
        SeenRule(
            name=rule.name,
            service=rule.labels.get("service", ""),
            slo=rule.labels.get("slo", ""),
            state=rule.state,
            error=rule.last_error[:2000],
        )
        for group in engine.groups()
        for rule in group.rules
        if rule.is_alert
    ]
