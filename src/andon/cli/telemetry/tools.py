"""The real tools' own checks of generated files: promtool, vmalert and amtool, where installed."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from andon.core import programs
from andon.telemetry.rules import checkers
from andon.telemetry.rules.checkers import Check

#: Lines of a failed check that are shown.
_LINES = 40


class Outcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"
    NOTHING = "nothing to check"


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found out."""

    check: Check
    outcome: Outcome
    files: int
    seconds: float
    #: The last lines of what the tool said about files it refused; else why it did not run.
    said: str = ""


CHECKS = (checkers.ACCEPTED[0], checkers.UNIT_TESTS, *checkers.ACCEPTED[1:])
#: Of scenarios, not files; see `replay`.
REPLAYS = Check("vmalert", "victoria-metrics", "replays", "vmalert/rules/*.yml", ())


def files_of(check: Check, folder: Path) -> list[Path]:
    """Return the files a check is about."""
    return sorted(folder.glob(check.pattern))


def run(check: Check, *, folder: Path, advance: Callable[[], None] = lambda: None) -> Found:
    """Run a check over a folder of generated files; `advance` is called for each file."""
    began, files = time.perf_counter(), files_of(check, folder)
    program = programs.find(check.program)
    if not files:
        return Found(check, Outcome.NOTHING, 0, 0.0, f"no {check.pattern} was generated")
    if program is None:
        said = f"{check.program} is not installed, so {check.what} of {len(files)} files were not"
        fix = f"Debian has it in the package {check.package}"
        return Found(check, Outcome.MISSING, len(files), 0.0, f"{said} checked; {fix}")
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
    outcome = Outcome.FAILED if refused else Outcome.PASSED
    return Found(check, outcome, len(files), time.perf_counter() - began, "\n".join(refused))


def _call(check: Check, program: str, folder: Path, names: Sequence[str]) -> str:
    """Return the end of what the tool said if it refused, else nothing."""
    said = programs.refusal(check.command(program, names), folder=folder)
    lines = [line for line in said.splitlines() if line.strip()]
    return "\n".join(lines[-_LINES:])
