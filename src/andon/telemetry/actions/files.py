"""Generated files and the folder they live in: only what changed is written."""

import difflib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from andon.core.errors import Refusal
from andon.telemetry.types import File

#: Says which files of a folder are generated, so that nothing else is ever removed.
MANIFEST = "manifest.json"


class UnableToWrite(Refusal):
    """The folder cannot be written as asked; nothing of somebody else's was touched."""

    code = "telemetry_not_written"
    status = 409

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message}: {fix}", fix=fix)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did, as paths inside the folder; the manifest is not among them."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


class FileAct(StrEnum):
    """What a write would do to a file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs from what is generated now."""

    path: str
    act: FileAct
    before: str
    after: str

    def unified(self, *, context: int = 3) -> str:
        """Return the change as a unified diff, as `git apply` and `patch -p1` read it."""
        old = "/dev/null" if self.act is FileAct.ADDED else f"a/{self.path}"
        new = "/dev/null" if self.act is FileAct.REMOVED else f"b/{self.path}"
        lines = difflib.unified_diff(
            _lines(self.before), _lines(self.after), old, new, n=context, lineterm="\n"
        )
        return "".join(one if one.endswith("\n") else f"{one}\n{_NO_END}\n" for one in lines)


_NO_END = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class FolderDifference:
    """How a folder differs from what is generated now."""

    changes: tuple[FileChange, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether a write would change nothing."""
        return not self.changes


def write(*, files: Iterable[File], folder: Path) -> Written:
    """Bring a folder up to date: write what changed, remove what is generated no longer.

    A file whose text is the same keeps its time of change. Files that the manifest does not name
    belong to somebody else and stay. Each file appears whole or not at all; the manifest knows new
    files before they exist, so that a write which was cut short is mended by the next one.
    Raises UnableToWrite before anything is changed when a foreign file or folder is in the way.
    """
    wanted = _by_path(files)
    owned = _owned(folder)
    before = {path: _text(folder, path) for path in wanted}
    _refuse_foreign(folder, before, wanted, owned)
    changed = tuple(path for path, text in wanted.items() if before[path] != text)
    stale = tuple(path for path in sorted(owned - wanted.keys()) if _is_there(folder, path))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if changed or stale:
            _put(folder, MANIFEST, _manifest(owned | wanted.keys()))
        for path in changed:
            _put(folder, path, wanted[path])
        for path in stale:
            _remove(folder, path)
        _put(folder, MANIFEST, _manifest(wanted))
    except OSError as error:
        raise _unable(error, folder) from error
    unchanged = tuple(path for path in wanted if before[path] == wanted[path])
    return Written(changed, unchanged, stale)


def compare(*, files: Iterable[File], folder: Path) -> FolderDifference:
    """Return what a write into a folder would change, without changing it.

    Raises UnableToWrite where the write would be refused.
    """
    wanted = _by_path(files)
    owned = _owned(folder)
    before = {path: _text(folder, path) for path in wanted}
    _refuse_foreign(folder, before, wanted, owned)
    found = [
        FileChange(path, FileAct.ADDED if old is None else FileAct.CHANGED, old or "", text)
        for path, text in {**wanted, MANIFEST: _manifest(wanted)}.items()
        if (old := before[path] if path in before else _text(folder, path)) != text
    ]
    found += [
        FileChange(path, FileAct.REMOVED, _text(folder, path) or "", "")
        for path in owned - wanted.keys()
        if _is_there(folder, path)
    ]
    return FolderDifference(tuple(sorted(found, key=lambda one: one.path)))


def listed(*, folder: Path) -> tuple[str, ...]:
    """Return the paths of the generated files of a folder, by its manifest; none without one."""
    try:
        return tuple(sorted(_owned(folder)))
    except UnableToWrite:
        return ()


def _by_path(files: Iterable[File]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in files:
        if not _is_inside(one.path) or one.path == MANIFEST or one.path in found:
            raise ValueError(f"{one.path!r} is no path for a generated file, or is there twice")
        found[one.path] = one.text
    return dict(sorted(found.items()))


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return "\\" not in path and "\0" not in path and not {"", ".", ".."}.intersection(parts)


def _owned(folder: Path) -> frozenset[str]:
    """Return the paths the manifest names; those that lead outside count for nothing."""
    text = _text(folder, MANIFEST)
    if text is None:
        return frozenset()
    try:
        found = json.loads(text)["files"]
        return frozenset(one for one in found if isinstance(one, str) and _is_inside(one))
    except (ValueError, KeyError, TypeError) as error:
        raise UnableToWrite(
            f"{folder / MANIFEST} is not a manifest of generated files",
            "choose another folder, or delete that file",
        ) from error


def _manifest(paths: Iterable[str]) -> str:
    note = "Written by `andon telemetry`; the files named here are overwritten and removed by it."
    return json.dumps({"note": note, "files": sorted(paths)}, indent=1) + "\n"


def _text(folder: Path, path: str) -> str | None:
    """Return the text of a file, None when there is none; bytes that are no UTF-8 are a text too.

    Raises UnableToWrite when something else than a file, or a file for a folder, is there.
    """
    place = folder / path
    try:
        return place.read_bytes().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise UnableToWrite(
            f"{place} is a folder where a file is to be written", "move it away"
        ) from error
    except OSError as error:
        raise _unable(error, folder) from error


def _is_there(folder: Path, path: str) -> bool:
    """Return whether a file is there, without following it or its folders out of the folder."""
    place = folder / path
    try:
        inside = place.parent.resolve().is_relative_to(folder.resolve())
        return inside and (place.is_symlink() or place.is_file())
    except OSError:
        return False


def _refuse_foreign(
    folder: Path, before: dict[str, str | None], wanted: dict[str, str], owned: frozenset[str]
) -> None:
    for path, old in before.items():
        if old is not None and path not in owned and old != wanted[path]:
            raise UnableToWrite(
                f"{folder / path} is in the way: it was not generated, so it is not overwritten",
                "move it away, delete it, or choose another folder",
            )


def _put(folder: Path, path: str, text: str) -> None:
    """Write a file so that readers find the old text or the new one, never a part of it."""
    place = folder / path
    if _text(folder, path) == text:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.parent.resolve().is_relative_to(folder.resolve()):
        raise UnableToWrite(f"{place.parent} leads out of {folder}", "remove that link")
    # Beside it, since only a rename within one file system is atomic; hidden, since *.yml is read.
    new = place.with_name(f".{place.name}.{os.getpid()}.new")
    try:
        new.write_bytes(text.encode())
        if place.exists():
            new.chmod(place.stat().st_mode & 0o7777)
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)


def _remove(folder: Path, path: str) -> None:
    """Remove a generated file, and the folders it leaves empty."""
    (folder / path).unlink(missing_ok=True)
    for parent in PurePosixPath(path).parents[:-1]:
        try:
            (folder / parent).rmdir()
        except OSError:
            return


def _unable(error: OSError, folder: Path) -> UnableToWrite:
    place = error.filename or folder
    if isinstance(error, NotADirectoryError | FileExistsError):
        blocker = _blocker(Path(str(place)))
        return UnableToWrite(
            f"{blocker} is a file where a folder is needed", "move it away, or choose another"
        )
    reason = error.strerror or str(error)
    return UnableToWrite(
        f"{place}: {reason}", "choose a folder that this account may write, on a disk with room"
    )


def _blocker(place: Path) -> Path:
    return next((one for one in (place, *place.parents) if one.is_file()), place)


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: `str.splitlines` knows more ends of lines than diff does."""
    lines = text.split("\n")
    return [f"{one}\n" for one in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
