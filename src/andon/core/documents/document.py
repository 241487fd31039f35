"""One document: plain values, and where each of them stands."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from andon.core.documents.problems import DocumentProblem

Path_ = tuple[str, ...]
#: Larger than any honest catalogue; keeps a hostile document from filling the memory.
MOST_BYTES = 20_000_000


@dataclass(slots=True)
class Document:
    """One document of a file: plain values, and the line of every key by its path."""

    file: str
    line: int
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line_of(self, path: Path_) -> int:
        """Return the line of a key, or of the nearest thing that holds it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.line


class ReadFolder(NamedTuple):
    """A folder of files: every document in it, and what could not be read."""

    name: str
    documents: list[Document]
    problems: list[DocumentProblem]
