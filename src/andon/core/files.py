"""Files that are whole or not there, and files and folders that only their owner may read."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

#: What an account other than the owner may be allowed: nothing, what its group may, passing
#: through a folder to one inside that is meant for others.
PRIVATE, GROUP, PASSAGE = 0o700, 0o770, 0o711


def write_whole(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file so that it has its old content or all of the new one, whatever happens.

    Without a `mode` it keeps the one it has, or gets what the process gives new files.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a pipe or a terminal
        return
    path = path.resolve()
    if mode is None:
        mode = _mode_of(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(mode)
        new.replace(path)
        _sync(path.parent)
    finally:
        new.unlink(missing_ok=True)


def make_folder(path: Path, *, allowed: int = PRIVATE) -> None:
    """Make a folder, if there is none, that nobody may enter beyond what is allowed."""
    try:
        path.mkdir(mode=allowed, parents=True)
    except FileExistsError:
        return
    path.chmod(allowed)  # a mask of the process may have taken something away


def make_file(path: Path, *, allowed: int = PRIVATE) -> None:
    """Make an empty file, if there is none, before something else makes one for all to read."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    try:
        os.fchmod(handle, allowed & 0o666)  # whatever the mask of the process takes away
    finally:
        os.close(handle)


def tighten(path: Path, *, allowed: int = PRIVATE) -> bool:
    """Take away what others may do beyond what is allowed; return whether there was something.

    Raises OSError when the path is somebody else's.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & ~allowed & 0o777:
        return False
    path.chmod(mode & (allowed | ~0o777))
    return True


def find_wider(paths: Iterable[Path], *, allowed: int = PRIVATE) -> list[tuple[Path, int]]:
    """Return what may be read or changed by more accounts than allowed, with its mode."""
    found = []
    for path in paths:
        try:
            mode = stat.S_IMODE(path.stat().st_mode) & 0o777
        except OSError:
            continue
        if mode & ~allowed:
            found.append((path, mode))
    return found


def _mode_of(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask


def _sync(folder: Path) -> None:
    """Put a folder's names on disk, where the file system can."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
