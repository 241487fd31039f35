"""Lets the tools' own checkers judge a set of files before anything reads it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from andon.core import programs
from andon.slo.rules.checkers import ACCEPTED, Check

_SAID = 1500


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
    for one in ACCEPTED:
        names = [str(path.relative_to(folder)) for path in sorted(folder.glob(one.pattern))]
        if names:
            yield _run(one, names, folder, pause)


def _run(one: Check, names: list[str], folder: Path, pause: Callable[[float], None]) -> Checked:
    program = programs.find(one.program)
    if program is None:
        return Checked(one.program, ok=True, words="is not installed here: not checked")
    for start in range(0, len(names), one.at_once):
        # Checking may take half a minute of a processor, which pages come before.
        command = one.command(program, names[start : start + one.at_once])
        said = programs.refusal(command, folder=folder, gentle=True, pause=pause)
        if said:
            return Checked(one.program, ok=False, words=f"refuses the files: {said[-_SAID:]}")
    return Checked(one.program, ok=True, words="accepts the files")
