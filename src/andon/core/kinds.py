"""Kinds of things that other packages declare: handed in once at start, then only read."""

from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar


class UnknownKind(ValueError):
    """A row or a document names a kind that nobody declares."""


class _Declared(Protocol):
    @property
    def name(self) -> str: ...


K = TypeVar("K", bound=_Declared)


class Kinds(Generic[K]):
    """All kinds of one thing, by name. Whoever knows them declares them before anybody asks."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._found: dict[str, K] | None = None

    def declare(self, kinds: Iterable[K]) -> None:
        """Take over what there is, in the order of names."""
        self._found = {one.name: one for one in sorted(kinds, key=lambda one: one.name)}

    def of(self, name: str) -> K:
        """Return the kind of a name. Raises UnknownKind, which says which ones there are."""
        found = self.get(name)
        if found is None:
            raise UnknownKind(
                f"nobody declares the {self._what} {name!r}; known: {', '.join(self.names())}"
            )
        return found

    def get(self, name: str) -> K | None:
        """Return the kind of a name, or None, for who only shows what is stored."""
        return self._known.get(name)

    def names(self) -> list[str]:
        """Return the names of all, in order."""
        return list(self._known)

    def __iter__(self) -> Iterator[K]:
        """Return all, in the order of their names."""
        return iter(self._known.values())

    def __contains__(self, name: object) -> bool:
        """Return whether somebody declares a kind of this name."""
        return name in self._known

    @property
    def _known(self) -> dict[str, K]:
        if self._found is None:
            raise UnknownKind(f"no {self._what} is declared yet: the integrations are not gathered")
        return self._found
