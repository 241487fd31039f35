"""What a list says of itself: its columns and what it can be narrowed by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from andon.core import folding
from andon.core.documents.near import near_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list. Its table sorts by it under its name, or a row says what it sorts by."""

    name: str
    title: str
    key: Callable[[Any], Any] | None = None
    number: bool = False
    #: Whether a first click sorts downwards, as for numbers: the newest first.
    falls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Something a list can be narrowed by. Its table knows how, or `keep` asks a row."""

    name: str
    title: str
    #: (value, words) of all that may be chosen; None where a day is asked for.
    choices: Sequence[tuple[str, str]] | None
    keep: Callable[[Any, Any], bool] | None = None
    #: `select`, `typed` where there are many choices, `day`, or `tick` for yes or nothing.
    form: str = "select"

    def read(self, text: str) -> tuple[Any, str]:
        """Return the value a text stands for, and what is wrong with it: one of them is empty."""
        if self.choices is None:
            try:
                return date.fromisoformat(text), ""
            except ValueError:
                return None, f"“{text}” is no day: write it like 2026-11-28."
        wanted = folding.fold(text)
        for value, words in self.choices:
            if wanted in (folding.fold(value), folding.fold(words)):
                return value, ""
        return None, self._unknown(text)

    def _unknown(self, text: str) -> str:
        known = [value for value, _ in self.choices or ()]
        said = f"There is no {self.title.lower()} “{text}”."
        if len(known) <= 12:
            return f"{said} Choose one of: {', '.join(known)}."
        near = near_names(text, known)
        return f"{said} Did you mean {' or '.join(near)}?" if near else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a list can do."""

    #: What one and several of its things are called.
    noun: str
    nouns: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    #: Whether its table can be searched; `holds` is the text of a row of a list without one.
    searched: bool = True
    holds: Callable[[Any], str] | None = None
    search_label: str = "Find by name or words"
    #: By which column it is sorted unless somebody says otherwise: `title`, or `-number`.
    usual: str = ""


#: Leaves only what is the reader's own.
MINE = Filter(name="mine", title="Mine", choices=(("yes", "yes"),), form="tick")
