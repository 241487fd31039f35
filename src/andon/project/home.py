"""ANDON_HOME: its folder, its secret key, and that nobody else on this machine reads either."""

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from andon.core import files
from andon.project.environment import Environment, UnusableEnvironment, database_path

log = structlog.get_logger(__name__)

#: What Andon puts into its home, and how more of it begins. With anything else in it the folder is
#: somebody's, and stays.
_OURS = ("secret_key", "sample-password", "mail")
_BEGINNINGS = (".secret_key.", ".sample-password.", "andon.sqlite3")
#: Fewer characters than any key Andon made, so cut short.
_SHORTEST_KEY = 32


def prepare(env: Environment) -> list[str]:
    """Make ANDON_HOME and the embedded database, or take from others what they may do with them.

    Returns what was open to other accounts and is no longer. What is somebody else's is left as it
    is; `troubles` tells of it. Raises UnusableEnvironment.
    """
    try:
        files.make_folder(env.home, allowed=_allowed_home(env))
        database = database_path(env)
        if database is not None and database.parent.is_dir():
            files.make_file(database, allowed=_allowed(env))
    except OSError as error:
        if database_path(env) is None and env.secret_key:
            return []  # nothing is kept there
        raise UnusableEnvironment(
            f"ANDON_HOME is {env.home}, which cannot be used: {error.strerror}"
        ) from error
    tightened = []
    for path, allowed in _private(env):
        with suppress(OSError):
            if files.tighten(path, allowed=allowed):
                tightened.append(str(path))
    return tightened


def troubles(env: Environment) -> list[str]:
    """Return what other accounts of this machine may read or change, and what to do about it."""
    found = []
    for path, allowed in _watched(env):
        for _, mode in files.find_wider([path], allowed=allowed):
            right = mode & allowed
            found.append(
                f"Other accounts of this machine can reach {path} (mode {mode:03o}), where "
                f"sessions and addresses are kept: chmod {right:03o} {path}"
            )
    return found


def tell(*, tightened: Iterable[str], troubles: Iterable[str]) -> None:
    """Log what was open to other accounts of this machine, and what still is."""
    for path in tightened:
        log.warning("made_private", path=path, was="open to other accounts")
    for trouble in troubles:
        log.warning("open_to_others", trouble=trouble)


def secret_key(env: Environment) -> str:
    """Return the installation's secret key: made on first use, readable by its owner only.

    Raises UnusableEnvironment when it cannot be written, or was cut short.
    """
    if env.secret_key:
        return env.secret_key
    path = env.home / "secret_key"
    try:
        return _read_key(path) or _make_key(path, allowed=_allowed(env))
    except OSError as error:
        raise UnusableEnvironment(
            f"the secret key {path} cannot be read or written: {error.strerror}. "
            "Make room or correct the rights, then start again, or set ANDON_SECRET_KEY"
        ) from error


def _make_key(path: Path, *, allowed: int) -> str:
    """Make the key, unless another process has just done so. Never leaves a part of one."""
    files.make_file(path.with_name(".secret_key.lock"), allowed=allowed)
    with path.with_name(".secret_key.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = _read_key(path)
        if not made:
            made = secrets.token_urlsafe(50)
            files.write_whole(path, made.encode("ascii"), mode=allowed & 0o666)
    return made


def _read_key(path: Path) -> str:
    """Return the key, or nothing when there is none: an empty file has never signed anything."""
    try:
        key = path.read_bytes().strip().decode("ascii", "replace")
    except FileNotFoundError:
        return ""
    if key and (len(key) < _SHORTEST_KEY or not key.isprintable() or "\ufffd" in key):
        raise UnusableEnvironment(
            f"the secret key {path} holds {len(key)} characters and was cut short or overwritten. "
            "Put back the copy of your backup; or delete the file, and a new key is made, which "
            "ends all sessions and the acknowledge links that were sent"
        )
    return key


def _allowed(env: Environment) -> int:
    return files.GROUP if env.home_group else files.PRIVATE


def _allowed_home(env: Environment) -> int:
    """Return what others may do with the home: vmalert passes through to telemetry inside it."""
    inside = env.telemetry_dir is not None and env.telemetry_dir.is_relative_to(env.home)
    return _allowed(env) | (files.PASSAGE if inside else 0)


def _private(env: Environment) -> Iterator[tuple[Path, int]]:
    """Yield what Andon may tighten: its own files, and its home if nothing else is in there."""
    yield from _files(env)
    if _is_ours(env):
        yield env.home, _allowed_home(env)


def _watched(env: Environment) -> Iterator[tuple[Path, int]]:
    yield env.home, _allowed_home(env)
    for path, allowed in _files(env):
        # What lies in a folder that nobody else can enter is safe, whatever its own mode.
        if path.parent != env.home or files.find_wider([env.home], allowed=_allowed_home(env)):
            yield path, allowed


def _files(env: Environment) -> Iterator[tuple[Path, int]]:
    database = database_path(env)
    beside = set(database.parent.glob(f"{database.name}*")) if database else set()
    inside = {path for path in env.home.glob("*") if _is_named_by_us(path)}
    for path in sorted(beside | inside):
        if not path.is_symlink():
            yield path, _allowed(env)


def _is_named_by_us(path: Path) -> bool:
    return path.name in _OURS or path.name.startswith(_BEGINNINGS)


def _is_ours(env: Environment) -> bool:
    """Return whether a home is Andon's own: made by us, and nobody needs to reach others' files."""
    telemetry = env.telemetry_dir
    try:
        found = [one for one in env.home.iterdir() if one != telemetry]
        return env.home.stat().st_uid == os.geteuid() and all(map(_is_named_by_us, found))
    except OSError:
        return False
