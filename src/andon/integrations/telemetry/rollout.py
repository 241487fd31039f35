"""Bring generated files into force: check, swap, reload, prove; or go back to what was."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from andon.integrations.alertmanager.api import Alertmanager
from andon.integrations.prometheus.api import RuleEngine
from andon.integrations.telemetry.checking import check
from andon.integrations.telemetry.expected import Expected, compare, expected
from andon.integrations.telemetry.folder import CURRENT, PROVEN, Folder, digest_of
from andon.paging.types import TransportError
from andon.slo.types import Estate, Evaluator
from andon.telemetry.rules import generate
from andon.telemetry.types import File

#: Beyond the longest interval of a group: vmalert takes changes over at a group's own pace.
PATIENCE_SECONDS = 60.0
#: What reading the rules of one objective may take on a busy machine.
_SECONDS_EACH = 0.1
#: All rules of a large estate are much to show, so they are asked for less and less often.
_POLL_SECONDS, _LONGEST_POLL = 0.5, 10.0

Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Step:
    """What was found out about a tool, or about the files."""

    tool: str
    ok: bool
    words: str


@dataclass(frozen=True, slots=True)
class RolloutAttempt:
    """One attempt to bring files into force; `outcome` as `telemetry.models.Rollout` has it."""

    digest: str
    outcome: str
    steps: tuple[Step, ...]
    took_ms: int

    @property
    def ok(self) -> bool:
        """Return whether the generated files are in force, proven."""
        return self.outcome == "applied"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the steps as they are written down."""
        return [asdict(one) for one in self.steps]

    @property
    def words(self) -> str:
        """Return what went wrong, or that nothing did."""
        return (
            "; ".join(f"{one.tool}: {one.words}" for one in self.steps if not one.ok) or "all well"
        )


class _Tool(Protocol):
    """A tool that reads the files."""

    name: str
    #: Whose rules it evaluates.
    reads: Evaluator | None

    def reload(self) -> None:
        """Let it read them."""
        ...

    def missing(self, wanted: Expected) -> str:
        """Return how what is in force differs from what is wanted; empty when it does not."""
        ...

    def refused(self) -> bool:
        """Return whether it has said that it cannot read the files."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


class _Rules:
    """vmalert or Prometheus."""

    def __init__(self, engine: RuleEngine) -> None:
        self._engine = engine
        self.reads: Evaluator | None = engine.engine
        self.name = f"{engine.tool.name} at {engine.url}"

    def reload(self) -> None:
        self._engine.reload()

    def missing(self, wanted: Expected) -> str:
        kind = self._engine.engine
        groups = wanted.groups.get(kind.value)
        if groups is None:
            return f"this set was made when no {kind.value} was named: what to show is not known"
        return compare(live=self._engine.groups(), wanted=groups, engine=kind).words

    def refused(self) -> bool:
        return self._engine.refused_files()

    def close(self) -> None:
        self._engine.close()


class _Routes:
    """An Alertmanager."""

    def __init__(self, alertmanager: Alertmanager) -> None:
        self._alertmanager = alertmanager
        self.reads: Evaluator | None = None
        self.name = f"Alertmanager at {alertmanager.url}"

    def reload(self) -> None:
        self._alertmanager.reload()

    def missing(self, wanted: Expected) -> str:
        mark = self._alertmanager.status().mark
        if mark == wanted.mark:
            return ""
        return f"its configuration is {mark or 'not a generated one'}, not {wanted.mark}"

    def refused(self) -> bool:
        return False

    def close(self) -> None:
        self._alertmanager.close()


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the tools are that read the files."""

    vmalerts: tuple[str, ...] = ()
    #: Evaluates rules only if it is a Prometheus and no vmalert is named.
    prometheus: str = ""
    prometheus_headers: tuple[tuple[str, str], ...] = ()
    alertmanagers: tuple[str, ...] = ()

    def rule_engines(self) -> list[RuleEngine]:
        """Return who evaluates rules; one that does not answer is taken for what it should be."""
        if self.vmalerts:
            return [_engine(url) for url in self.vmalerts]
        if not self.prometheus:
            return []
        found = RuleEngine(
            url=self.prometheus, engine=Evaluator.PROMETHEUS, headers=self.prometheus_headers
        )
        if _is_prometheus(found, otherwise=True):
            return [found]
        found.close()
        return []


def _engine(url: str) -> RuleEngine:
    """Return what is called vmalert; a Prometheus that is named there is seen to be one."""
    found = RuleEngine(url=url, engine=Evaluator.VMALERT)
    if _is_prometheus(found, otherwise=False):
        found.close()
        return RuleEngine(url=url, engine=Evaluator.PROMETHEUS)
    return found


def _is_prometheus(engine: RuleEngine, *, otherwise: bool) -> bool:
    try:
        return engine.is_prometheus()
    except TransportError:
        return otherwise


def tools(env: Any) -> Tools:
    """Return the tools that the environment names (`project.environment.Environment`)."""
    return Tools(
        vmalerts=env.vmalert_urls,
        prometheus=env.prometheus_url,
        prometheus_headers=env.prometheus_headers,
        alertmanagers=env.alertmanager_urls,
    )


def proof_seconds(*, estate: Estate) -> float:
    """Return how long a proof is waited for: a group's longest interval, a minute, and by size."""
    longest = generate.intervals(rules=estate.rules).budget.total_seconds()
    return longest + PATIENCE_SECONDS + _SECONDS_EACH * len(estate.objectives)


@dataclass(slots=True)
class _Run:
    """An attempt in the making."""

    folder: Folder
    tools: Sequence[_Tool]
    patience: float
    pause: Pause
    say: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)

    def note(self, tool: str, words: str, *, ok: bool = True) -> None:
        self.steps.append(Step(tool, ok, words))
        self.say(f"{tool}: {words}")

    def bring(self, wanted: Expected) -> bool:
        """Reload all tools and wait for the proof; return whether every one gave it."""
        waiting = [tool for tool in self.tools if self._reloaded(tool)]
        failed = len(waiting) < len(self.tools)
        until, poll = time.perf_counter() + self.patience, _POLL_SECONDS
        while waiting and not failed:
            asked = time.perf_counter()
            last = asked > until
            proofs = {tool.name: self._proof(tool, wanted, last=last) for tool in waiting}
            failed = any(proof is False for proof in proofs.values())
            waiting = [tool for tool in waiting if proofs[tool.name] is None]
            if waiting and not failed:
                # Showing 95,000 rules takes a tool as long as taking them over does.
                self.pause(max(poll, time.perf_counter() - asked))
                poll = min(poll * 1.5, _LONGEST_POLL)
        return not failed

    def _reloaded(self, tool: _Tool) -> bool:
        try:
            tool.reload()
        except TransportError as error:
            self.note(tool.name, f"could not be reloaded: {error}", ok=False)
            return False
        return True

    def _proof(self, tool: _Tool, wanted: Expected, *, last: bool) -> bool | None:
        """Return whether a tool shows what is wanted; None when it is worth asking again."""
        try:
            missing, refused = tool.missing(wanted), False
            if missing:
                refused = tool.refused()
        except TransportError as error:
            missing, refused = str(error), False
        if not missing:
            self.note(tool.name, "reloaded, and its API shows all that was generated")
            return True
        if refused or last:
            why = "could not read the files" if refused else f"not after {self.patience:g} s"
            self.note(tool.name, f"does not show what was generated ({why}): {missing}", ok=False)
            return False
        return None


def roll_out(
    *,
    estate: Estate,
    files: Sequence[File],
    folder: Path,
    tools: Tools,
    pause: Pause = time.sleep,
    patience: float | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> RolloutAttempt:
    """Bring an estate's files into force in a folder, proven by the tools' APIs, or go back.

    `pause` is called over and over while something is waited for; it may raise to leave: what was
    begun is finished by the next call. Raises UnableToRollOut when the folder cannot be used.
    """
    started, digest = time.perf_counter(), digest_of(files)
    place = Folder(folder)
    with place.locked(), _opened(tools) as opened:
        seconds = proof_seconds(estate=estate) if patience is None else patience
        run = _Run(place, opened, seconds, pause, say)
        outcome = _attempt(run, estate, files)
        place.prune()
    took = round((time.perf_counter() - started) * 1000)
    return RolloutAttempt(digest, outcome, tuple(run.steps), took)


def _attempt(run: _Run, estate: Estate, files: Sequence[File]) -> str:
    # vmalert's cost nothing, and may be wanted when this set is gone back to.
    engines = {Evaluator.VMALERT, *(tool.reads for tool in run.tools if tool.reads)}
    wanted = expected(estate=estate, files=files, engines=engines)
    before = run.folder.linked(PROVEN) or run.folder.linked(CURRENT)
    name = run.folder.stage(files, wanted)
    if run.folder.linked(CURRENT) != name:
        place, record = run.folder.place(name), run.folder.accepted
        for one in check(folder=place, record=record, pause=run.pause):
            run.note(one.tool, one.words, ok=one.ok)
        if not all(step.ok for step in run.steps):
            return "refused"
        run.folder.link(CURRENT, name)
    run.note("files", f"{len(files)} generated files, set {name}")
    if any(tool.reads is None for tool in run.tools):
        _note_credentials(run)
    if run.bring(wanted):
        run.folder.link(PROVEN, name)
        if not run.tools:
            run.note("tools", "none is named: whatever reads the files must be reloaded by itself")
        return "applied"
    return _go_back(run, before if before != name else "")


def _go_back(run: _Run, before: str) -> str:
    wanted = run.folder.expected(before) if before else None
    if not before or wanted is None:
        run.note("files", "there is no earlier set to go back to: these stay, unproven", ok=False)
        return "unproven"
    run.folder.link(CURRENT, before)
    proven = run.bring(wanted)
    words = "and every tool shows it" if proven else "but not every tool shows that it is in force"
    run.note("files", f"back to set {before}, {words}", ok=False)
    return "rolled-back"


def _note_credentials(run: _Run) -> None:
    if not run.folder.has_credentials():
        run.note(
            "Alertmanager",
            f"{run.folder.path}/andon-key is not there: Alertmanager cannot tell Andon anything. "
            "Make it with `andon keys create --kind alertmanager`",
        )


@contextmanager
def _opened(tools: Tools) -> Iterator[list[_Tool]]:
    opened: list[_Tool] = [_Rules(engine) for engine in tools.rule_engines()]
    opened += [_Routes(Alertmanager(url=url)) for url in tools.alertmanagers]
    try:
        yield opened
    finally:
        for tool in opened:
            tool.close()
