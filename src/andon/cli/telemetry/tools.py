"""The real tools' own checks of generated files: promtool, vmalert and amtool, where installed."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

#: A check that has not ended by then hangs.
_SECONDS = 900.0
#: Lines of a failed check that are shown.
_LINES = 40
#: Files that one call of a tool is given; a command line has an end.
_FILES = 200


class Outcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"
    NOTHING = "nothing to check"


@dataclass(frozen=True, slots=True)
class Check:
    """A check that a tool makes of some of the files."""

    program: str
    #: Debian's package that has the program.
    package: str
    what: str
    pattern: str
    arguments: tuple[str, ...]
    #: How many files one call takes; unit tests take long, so each is a call and a step forward.
    at_once: int = _FILES
    #: What stands before each file: vmalert takes files as values of a flag.
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found out."""

    check: Check
    outcome: Outcome
    files: int
    seconds: float
    #: The last lines of what the tool said about files it refused; else why it did not run.
    said: str = ""


CHECKS = (
    Check("promtool", "prometheus", "rules", "prometheus/rules/*.yml", ("check", "rules")),
    Check(
        "promtool",
        "prometheus",
        "unit tests",
        "prometheus/tests/*.test.yml",
        ("test", "rules"),
        at_once=1,
    ),
    Check(
        "vmalert", "victoria-metrics", "rules", "vmalert/rules/*.yml", ("-dryRun",), flag="-rule="
    ),
    Check(
        "amtool",
        "prometheus-alertmanager",
        "configuration",
        "alertmanager/*.yml",
        ("check-config",),
    ),
)

#: Of scenarios, not files; see `replay`.
REPLAYS = Check("vmalert", "victoria-metrics", "replays", "vmalert/rules/*.yml", ())


def files_of(check: Check, folder: Path) -> list[Path]:
    """Return the files a check is about."""
    return sorted(folder.glob(check.pattern))


def run(check: Check, *, folder: Path, advance: Callable[[], None] = lambda: None) -> Found:
    """Run a check over a folder of generated files; `advance` is called for each file."""
    began, files = time.perf_counter(), files_of(check, folder)
    program = find(check.program)
    if not files:
        return Found(check, Outcome.NOTHING, 0, 0.0, f"no {check.pattern} was generated")
    if program is None:
        said = f"{check.program} is not installed, so {check.what} of {len(files)} files were not"
        fix = f"Debian has it in the package {check.package}"
        return Found(check, Outcome.MISSING, len(files), 0.0, f"{said} checked; {fix}")
    batches = [files[at : at + check.at_once] for at in range(0, len(files), check.at_once)]
    refused = []
    with ThreadPoolExecutor(min(len(batches), os.cpu_count() or 1)) as pool:
        for batch, said in zip(
            batches, pool.map(lambda some: _call(check, program, some), batches), strict=True
        ):
            for _ in batch:
                advance()
            refused += [said] if said else []
    outcome = Outcome.FAILED if refused else Outcome.PASSED
    said = "\n".join(refused).replace(f"{folder}/", "")
    return Found(check, outcome, len(files), time.perf_counter() - began, said)


def _call(check: Check, program: str, files: Iterable[Path]) -> str:
    """Return what the tool said if it refused, else nothing."""
    command = [program, *check.arguments, *(f"{check.flag}{one}" for one in files)]
    try:
        done = subprocess.run(  # noqa: S603 - a program found on PATH, our own arguments
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{check.program} did not end within {_SECONDS:g} seconds"
    except OSError as error:
        return f"{check.program} could not be run: {error}"
    return "" if done.returncode == 0 else _tail(done.stdout, done.stderr) or "it said nothing"


def _tail(*texts: str) -> str:
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-_LINES:])


def find(program: str) -> str | None:
    """Return where a program is, or None."""
    places: Sequence[str] = (os.environ.get("PATH", ""), "/usr/sbin", "/sbin")
    return shutil.which(program, path=os.pathsep.join(places))
