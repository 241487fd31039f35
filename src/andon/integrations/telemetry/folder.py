"""The folder of generated files: whole sets side by side, and a link that says which is in force.

    DIR/current -> releases/8f3a...   what the tools read: changed by one rename
    DIR/proven  -> releases/8f3a...   the last set that all tools have shown to be in force
    DIR/releases/8f3a.../             a set of files, complete before anything leads to it
    DIR/andon-key                     Alertmanager's integration key: yours, never written here

Whenever the process dies, `current` leads to the old set or to the new one, each of them whole.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

import msgspec

from andon.core.errors import Refusal
from andon.core.files import write_whole
from andon.integrations.alertmanager.config import CREDENTIALS
from andon.integrations.telemetry.expected import Expected
from andon.telemetry.actions import files as generated
from andon.telemetry.types import File

CURRENT, PROVEN = "current", "proven"
_RELEASES, _LOCK, _STAGED = "releases", ".lock", ".staged"
#: What tools must show when the set is in force; beside the generated files, not one of them.
_EXPECTED = ".expected.json"
_ACCEPTED = ".accepted.json"


class UnableToRollOut(Refusal):
    """Generated files cannot be brought into the folder; what was in force still is."""

    code: ClassVar[str] = "telemetry_not_rolled_out"
    status: ClassVar[int] = 409


def digest_of(files: Sequence[File]) -> str:
    """Return the digest of a set of files: equal for equal paths and texts only."""
    found = hashlib.sha256()
    for file in sorted(files, key=lambda one: one.path):
        for part in (file.path.encode(), file.text.encode()):
            found.update(len(part).to_bytes(8, "big"))
            found.update(part)
    return found.hexdigest()


class Folder:
    """Keeps sets of generated files and changes which one is in force."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of this machine from rolling out here at the same time."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = (self.path / _LOCK).open("a", encoding="ascii")
        except OSError as error:
            raise _unable(self.path, error) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UnableToRollOut(
                    f"Another process rolls out into {self.path} just now: try again later"
                ) from error
            yield

    def stage(self, files: Sequence[File], wanted: Expected) -> str:
        """Write a complete set and return its name; nothing leads to it yet.

        A file that the set in force has just so is the same file, untouched.
        """
        name = digest_of(files)[:16]
        place = self._release(name)
        try:
            if place.is_dir() and self.holds(name, files):
                write_whole(place / _EXPECTED, msgspec.json.encode(wanted))
                return name
            while place.exists():
                # Somebody has changed it by hand; it may be in force, so it is left alone.
                name += "x"
                place = self._release(name)
            staged = self.path / _RELEASES / _STAGED
            shutil.rmtree(staged, ignore_errors=True)
            self._fill(staged, files, wanted)
            staged.rename(place)
            os.sync()
        except OSError as error:
            raise _unable(self.path, error) from error
        return name

    def holds(self, name: str, files: Sequence[File]) -> bool:
        """Return whether a set has exactly these files, as they stand on disk."""
        try:
            return generated.compare(files=files, folder=self._release(name)).is_empty
        except Refusal:
            return False

    def link(self, which: str, name: str) -> None:
        """Let `current` or `proven` lead to a set, from one instant to the next."""
        new = self.path / f".{which}.new"
        try:
            new.unlink(missing_ok=True)
            new.symlink_to(f"{_RELEASES}/{name}")
            new.replace(self.path / which)
        except OSError as error:
            raise _unable(self.path, error) from error

    def linked(self, which: str) -> str:
        """Return the set that `current` or `proven` leads to; empty for none."""
        try:
            name = (self.path / which).readlink().name
        except OSError:
            return ""
        return name if self._release(name).is_dir() else ""

    def expected(self, name: str) -> Expected | None:
        """Return what tools show when a set is in force; None when it does not say."""
        try:
            return msgspec.json.decode(
                (self._release(name) / _EXPECTED).read_bytes(), type=Expected
            )
        except (OSError, msgspec.DecodeError):
            return None

    def place(self, name: str) -> Path:
        """Return where a set is."""
        return self._release(name)

    @property
    def accepted(self) -> Path:
        """Return where it is kept what the tools' checkers have accepted."""
        return self.path / _ACCEPTED

    def has_credentials(self) -> bool:
        """Return whether the key that Alertmanager reads is there."""
        return (self.path / CREDENTIALS).exists()

    def prune(self) -> None:
        """Remove the sets that nothing leads to."""
        kept = {self.linked(CURRENT), self.linked(PROVEN)}
        with suppress(OSError):
            for place in (self.path / _RELEASES).iterdir():
                if place.name not in kept:
                    shutil.rmtree(place, ignore_errors=True)

    def _release(self, name: str) -> Path:
        return self.path / _RELEASES / name

    def _fill(self, staged: Path, files: Sequence[File], wanted: Expected) -> None:
        staged.mkdir(parents=True)
        current = self.path / CURRENT
        for folder in sorted({(staged / file.path).parent for file in files}):
            folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            with suppress(OSError):
                if (current / file.path).read_bytes() == file.text.encode():
                    os.link(current / file.path, staged / file.path)
        generated.write(files=files, folder=staged)
        (staged / _EXPECTED).write_bytes(msgspec.json.encode(wanted))
        if (staged / "alertmanager").is_dir():
            (staged / "alertmanager" / CREDENTIALS).symlink_to(f"../../../{CREDENTIALS}")


def _unable(path: Path, error: OSError) -> UnableToRollOut:
    where, reason = error.filename or path, error.strerror or str(error)
    return UnableToRollOut(
        f"{where}: {reason}; ANDON_TELEMETRY_DIR must be a folder that Andon may write, "
        "on a disk with room"
    )
