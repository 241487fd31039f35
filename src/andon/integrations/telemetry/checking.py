"""Lets the tools' own checkers judge a set of files before anything reads it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from andon.core import clock, programs
from andon.telemetry.rules.checkers import ACCEPTED, Check

_SAID = 1500
#: What was accepted is believed for so long; then the next set is judged as a whole once more.
BELIEVED_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class CheckerVerdict:
    """What came of a checker: ok, or what it said; not installed is ok, and said."""

    tool: str
    ok: bool
    words: str


class Accepted(msgspec.Struct):
    """What a program, known by place, size and time, has accepted: digests of files by path."""

    program: str
    #: When it judged all of a set, in seconds of Unix time.
    since: float
    files: dict[str, str]


class Record:
    """What checkers have accepted, kept in a file: a judgement holds for a text and a program.

    Checkers judge each file by itself, so a set is accepted when each of its files is. A record
    that cannot be read or written costs a check of everything, nothing else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Accepted] = {}
        with suppress(OSError, msgspec.DecodeError):
            self._known = msgspec.json.decode(path.read_bytes(), type=dict[str, Accepted])

    def of(self, one: Check, program: str) -> Accepted:
        """Return what is known of a check by a program; nothing when that is too old."""
        known, new = self._known.get(one.pattern), Accepted(program, clock.now().timestamp(), {})
        if known is None or not program or known.program != program:
            return new
        return known if 0 <= new.since - known.since < BELIEVED_SECONDS else new

    def keep(self, one: Check, accepted: Accepted) -> None:
        """Remember what was accepted."""
        self._known[one.pattern] = accepted
        new = self._path.with_name(f"{self._path.name}.new")
        with suppress(OSError):
            new.write_bytes(msgspec.json.encode(self._known))
            new.replace(self._path)


def check(
    *, folder: Path, record: Path, pause: Callable[[float], None]
) -> Iterator[CheckerVerdict]:
    """Run promtool, vmalert and amtool over a set, those that are installed, one after the other.

    Files that the same program has accepted before, by `record`, are left out. `pause` is called
    over and over meanwhile, to wait or to raise.
    """
    known = Record(record)
    for one in ACCEPTED:
        found = {str(path.relative_to(folder)): path for path in sorted(folder.glob(one.pattern))}
        if found:
            yield _checked(one, {name: _digest(path) for name, path in found.items()}, folder,
                           known, pause)  # fmt: skip


def _checked(
    one: Check,
    digests: Mapping[str, str],
    folder: Path,
    record: Record,
    pause: Callable[[float], None],
) -> CheckerVerdict:
    program = programs.find(one.program)
    if program is None:
        return CheckerVerdict(one.program, ok=True, words="is not installed here: not checked")
    before = record.of(one, _identity(program))
    names = [name for name, digest in digests.items() if before.files.get(name) != digest]
    for start in range(0, len(names), one.at_once):
        # Checking may take half a minute of a processor, which pages come before.
        command = one.command(program, names[start : start + one.at_once])
        said = programs.refusal(command, folder=folder, gentle=True, pause=pause)
        if said:
            return CheckerVerdict(
                one.program, ok=False, words=f"refuses the files: {said[-_SAID:]}"
            )
    record.keep(one, Accepted(before.program, before.since, dict(digests)))
    same = len(digests) - len(names)
    rest = f": {len(names)} of them now, {same} that did not change before" if same else ""
    return CheckerVerdict(one.program, ok=True, words=f"accepts the files{rest}")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def _identity(program: str) -> str:
    try:
        found = Path(program).resolve()
        status = found.stat()
    except OSError:
        return ""
    return f"{found} {status.st_size} {status.st_mtime_ns}"
