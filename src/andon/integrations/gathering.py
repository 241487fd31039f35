"""What there is under `integrations`: every folder that declares a kind, found by looking."""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from andon import integrations
from andon.alerts.types import KEY_KINDS, KeyKind
from andon.people.types import CONTACT_KINDS, ContactKind

K = TypeVar("K", ContactKind, KeyKind)
#: What a folder says of itself to people.
PAGE = "README.md"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,19}")
#: The package of each kind.
FOLDERS: dict[str, str] = {}


class UnusableFolder(Exception):
    """A folder under `integrations` lacks something, or says what another one says."""


@cache
def gather() -> None:
    """Declare every kind that a folder stands for, once in a process. Raises UnusableFolder."""
    contacts: dict[str, ContactKind] = {}
    keys: dict[str, KeyKind] = {}
    for folder, path in _folders():
        kinds = _kinds_of(folder, path)
        contact, key = (getattr(kinds, name, None) for name in ("CONTACT", "KEY"))
        _needs(folder, path, contact, part="transport.py", declares="CONTACT")
        _needs(folder, path, key, part="receiver.py", declares="KEY")
        if kinds is not None and not (path / PAGE).is_file():
            raise UnusableFolder(f"integrations/{folder} has no page: write {PAGE}")
        _once(contacts, contact, folder)
        _once(keys, key, folder)
    _check_paths(keys.values())
    CONTACT_KINDS.declare(contacts.values())
    KEY_KINDS.declare(keys.values())


def _folders() -> Iterator[tuple[str, Path]]:
    for found in sorted(pkgutil.iter_modules(integrations.__path__), key=lambda one: one.name):
        if found.ispkg:
            yield found.name, Path(str(found.module_finder.path)) / found.name  # type: ignore[union-attr]


def _kinds_of(folder: str, path: Path) -> ModuleType | None:
    if not (path / "kind.py").is_file():
        return None
    return importlib.import_module(f"{integrations.__name__}.{folder}.kind")


def _needs(folder: str, path: Path, kind: object, *, part: str, declares: str) -> None:
    if (path / part).is_file() == (kind is not None):
        return
    if kind is None:
        raise UnusableFolder(f"integrations/{folder} has a {part}, and no kind.py with {declares}")
    raise UnusableFolder(f"integrations/{folder}/kind.py declares {declares}: write {part}")


def _once(found: dict[str, K], kind: K | None, folder: str) -> None:
    if kind is None:
        return
    if kind.name in FOLDERS:
        raise UnusableFolder(f"integrations/{folder}: another folder declares {kind.name!r} too")
    if not _NAME.fullmatch(kind.name):
        said = f"integrations/{folder}: {kind.name!r} is no name of a kind"
        raise UnusableFolder(f"{said}: write up to 20 of a-z, 0-9, - and _")
    found[kind.name] = kind
    FOLDERS[kind.name] = f"{integrations.__name__}.{folder}"


def _check_paths(keys: Iterable[KeyKind]) -> None:
    taken: dict[str, str] = {}
    for kind in keys:
        for path, _ in kind.doors:
            if path in taken:
                raise UnusableFolder(f"{kind.name} and {taken[path]} are both posted to {path}")
            taken[path] = kind.name
