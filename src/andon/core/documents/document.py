"""One document: plain values, and where each of them stands."""

from dataclasses import dataclass, field
from typing import Any

Path_ = tuple[str, ...]


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
