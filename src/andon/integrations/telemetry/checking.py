"""Lets the tools' own checkers judge a set of files before anything reads it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: A checker that takes longer is ended, and the set is not brought into force.
SECONDS = 900.0
_POLL_SECONDS = 0.1
_SAID = 1500
#: Arguments of one call; a command line has an end.
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a checker: ok, or what it said; not installed is ok, and said."""

    tool: str
    ok: bool
    words: str


def check(*, folder: Path, pause: Callable[[float], None]) -> Iterator[Checked]:
    """Run promtool, vmalert and amtool over a set, those that are installed, one after the other.

    `pause` is called over and over meanwhile, to wait or to raise.
    """
    for tool, commands in _commands(folder):
        yield _run(tool, commands, folder, pause)


def _commands(folder: Path) -> Iterator[tuple[str, list[list[str]]]]:
    rules = [
        str(path.relative_to(folder)) for path in sorted(folder.glob("prometheus/rules/*.yml"))
    ]
    yield "promtool", [["check", "rules", *some] for some in _batches(rules)]
    if any(folder.glob("vmalert/rules/*.yml")):
        yield "vmalert", [["-dryRun", "-rule=vmalert/rules/*.yml", "-loggerLevel=ERROR"]]
    if any(folder.glob("alertmanager/*.yml")):
        yield "amtool", [["check-config", "alertmanager/alertmanager.yml"]]


def _batches(names: list[str]) -> list[list[str]]:
    return [names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)]


def _run(
    tool: str, commands: list[list[str]], folder: Path, pause: Callable[[float], None]
) -> Checked:
    program = shutil.which(tool)
    if program is None:
        return Checked(tool, ok=True, words="is not installed here: not checked")
    # Checking may take half a minute of a processor, which pages come before.
    gentle = [nice, "-n", "15"] if (nice := shutil.which("nice")) else []
    for command in commands:
        said = _call([*gentle, program, *command], folder, pause)
        if said is not None:
            return Checked(tool, ok=False, words=f"refuses the files: {said}")
    return Checked(tool, ok=True, words="accepts the files")


def _call(command: list[str], folder: Path, pause: Callable[[float], None]) -> str | None:
    """Return what a checker said against the files; None when it accepts them."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - a program found on PATH, our own arguments
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, "TZ": "UTC"},
        )  # fmt: skip
        waited = 0.0
        try:
            while process.poll() is None:
                pause(_POLL_SECONDS)
                waited += _POLL_SECONDS
                if waited > SECONDS:
                    return f"it did not end within {SECONDS:g} seconds"
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode == 0:
            return None
        output.seek(0)
        said = output.read().decode("utf-8", "replace").strip()
        return said[-_SAID:] or f"it ended with {process.returncode}"
