"""What there is under `integrations`: every folder that declares a kind, found by looking."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from andon import integrations
from andon.people.types import CONTACT_KINDS, ContactKind

#: The package of each kind.
FOLDERS: dict[str, str] = {}


class UnusableFolder(Exception):
    """A folder under `integrations` lacks something, or says what another one says."""


def gather() -> None:
    """Declare every kind of contact that a folder stands for. Raises UnusableFolder."""
    contacts: dict[str, ContactKind] = {}
    for folder, path in _folders():
        kind = getattr(_kinds_of(folder, path), "CONTACT", None)
        _needs(folder, path, kind, part="transport.py", declares="CONTACT")
        if kind is not None:
            _once(contacts, kind, folder)
            FOLDERS[kind.name] = f"{integrations.__name__}.{folder}"
    CONTACT_KINDS.declare(contacts.values())


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


def _once(found: dict[str, ContactKind], kind: ContactKind, folder: str) -> None:
    if kind.name in found:
        raise UnusableFolder(f"integrations/{folder}: another folder declares {kind.name!r} too")
    found[kind.name] = kind
