"""Proof of generated files: the real tools' own checks and replays, where they are installed."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from andon.core import programs
from andon.integrations.telemetry import replay
from andon.integrations.telemetry.replay import ReplayedAlert, ReplayPlan
from andon.integrations.telemetry.throwaway import UnableToReplay
from andon.telemetry.rules import checkers
from andon.telemetry.rules.checkers import Check

#: Lines of a failed check that are shown.
_LINES = 40
#: Problems of replays that are quoted; the table has them all.
_QUOTED = 40


class CheckOutcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"
    NOTHING = "nothing to check"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found out."""

    check: Check
    outcome: CheckOutcome
    files: int
    seconds: float
    #: The last lines of what the tool said about files it refused; else why it did not run.
    said: str = ""


@dataclass(frozen=True, slots=True)
class Replays:
    """What came of replaying: the check as a whole, and each alert in each scenario."""

    found: CheckResult
    plan: ReplayPlan
    seen: tuple[ReplayedAlert, ...] = ()


CHECKS = (checkers.ACCEPTED[0], checkers.UNIT_TESTS, *checkers.ACCEPTED[1:])
#: Of scenarios, not files; see `replay`.
REPLAYS = Check("vmalert", "victoria-metrics", "replays", "vmalert/rules/*.yml", ())
_PROGRAMS = ("vmalert", "victoria-metrics")


def files_of(check: Check, folder: Path) -> list[Path]:
    """Return the files a check is about."""
    return sorted(folder.glob(check.pattern))


def run(check: Check, *, folder: Path, advance: Callable[[], None] = lambda: None) -> CheckResult:
    """Run a check over a folder of generated files; `advance` is called for each file."""
    began, files = time.perf_counter(), files_of(check, folder)
    program = programs.find(check.program)
    if not files:
        return CheckResult(check, CheckOutcome.NOTHING, 0, 0.0, f"no {check.pattern} was generated")
    if program is None:
        said = f"{check.program} is not installed, so {check.what} of {len(files)} files were not"
        fix = f"Debian has it in the package {check.package}"
        return CheckResult(check, CheckOutcome.MISSING, len(files), 0.0, f"{said} checked; {fix}")
    names = [str(one.relative_to(folder)) for one in files]
    batches = [names[at : at + check.at_once] for at in range(0, len(files), check.at_once)]
    refused = []
    with ThreadPoolExecutor(min(len(batches), os.cpu_count() or 1)) as pool:
        for batch, said in zip(
            batches,
            pool.map(lambda some: _call(check, program, folder, some), batches),
            strict=True,
        ):
            for _ in batch:
                advance()
            refused += [said] if said else []
    outcome = CheckOutcome.FAILED if refused else CheckOutcome.PASSED
    return CheckResult(check, outcome, len(files), time.perf_counter() - began, "\n".join(refused))


def not_replayed(plan: ReplayPlan) -> Replays | None:
    """Return why nothing of a plan can be replayed here; None when it can."""
    count = len(plan.scenarios)
    if not count:
        said = "no SLO can be replayed"
        return Replays(CheckResult(REPLAYS, CheckOutcome.NOTHING, 0, 0.0, said), plan)
    lacking = [name for name in _PROGRAMS if programs.find(name) is None]
    if not lacking:
        return None
    said = (
        f"{' and '.join(lacking)}: not installed, so {count} replays were not made; "
        f"Debian has it in the package {REPLAYS.package}"
    )
    return Replays(CheckResult(REPLAYS, CheckOutcome.MISSING, count, 0.0, said), plan)


def replays(
    plan: ReplayPlan, *, folder: Path, advance: Callable[[], None] = lambda: None
) -> Replays:
    """Replay made-up faults on the rules in a generated folder; `advance` is called for each."""
    began, seen = time.perf_counter(), list[ReplayedAlert]()
    vmalert, metrics = (programs.find(name) or name for name in _PROGRAMS)
    try:
        seen = replay.run(
            plan, folder=folder, vmalert=vmalert, victoria_metrics=metrics, advance=advance
        )
        words = _problems(seen)
    except UnableToReplay as error:
        words = error.message
    outcome = CheckOutcome.FAILED if words else CheckOutcome.PASSED
    took, count = time.perf_counter() - began, len(plan.scenarios)
    return Replays(CheckResult(REPLAYS, outcome, count, took, words), plan, tuple(seen))


def _call(check: Check, program: str, folder: Path, names: Sequence[str]) -> str:
    """Return the end of what the tool said if it refused, else nothing."""
    said = programs.refusal(check.command(program, names), folder=folder)
    lines = [line for line in said.splitlines() if line.strip()]
    return "\n".join(lines[-_LINES:])


def _problems(seen: Sequence[ReplayedAlert]) -> str:
    wrong = [one.words for one in seen if one.problem]
    more = [f"... and {len(wrong) - _QUOTED} more"] if len(wrong) > _QUOTED else []
    return "\n".join(wrong[:_QUOTED] + more)
