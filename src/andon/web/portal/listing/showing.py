"""A list as its page shows it: heads that sort, a form, what was chosen, other pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar
from urllib.parse import urlencode

from andon.web.portal.listing.asking import ListQuery
from andon.web.portal.listing.cutting import Slice
from andon.web.portal.listing.describing import Column, Filter, Listing

R = TypeVar("R")
#: Names a field offers while somebody types; any other may be typed.
_OFFERED = 300


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: its title, where it sorts by it, and whether it is sorted so now."""

    title: str
    number: bool
    href: str
    aria_sort: str


@dataclass(frozen=True, slots=True)
class Field:
    """A filter as its form shows it."""

    name: str
    title: str
    form: str
    #: (value, words, whether it is chosen).
    options: Sequence[tuple[str, str, bool]]
    value: str


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that was chosen, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True, slots=True)
class ShownList(Generic[R]):
    """A list as its page shows it."""

    listing: Listing
    asked: ListQuery
    found: Slice[R]
    #: What else stands in the address and stays there.
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> Sequence[R]:
        """Return the rows of this page."""
        return self.found.rows

    @property
    def is_narrowed(self) -> bool:
        """Return whether anything was searched for or chosen."""
        return bool(self.asked.q or self.asked.chosen)

    @property
    def heads(self) -> list[Head]:
        """Return the heads of the columns; a click on the sorted one turns it round."""
        return [self._head(column) for column in self.listing.columns]

    @property
    def fields(self) -> list[Field]:
        """Return the filters for the form."""
        return [self._field(one) for one in self.listing.filters]

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Return the ways to sort for the form, which on a phone is the only place for them."""
        now = _arrow(self.asked.sort.name, down=self.asked.down)
        return [
            (text, f"{one.title}, {words}", text == now)
            for one in self.listing.columns
            for text, words in ((one.name, "upwards"), (f"-{one.name}", "downwards"))
        ]

    @property
    def chips(self) -> list[Chip]:
        """Return what was chosen, each with the address without it."""
        found = [Chip(f"“{self.asked.q}”", self._address(q=""))] if self.asked.q else []
        for one in self.listing.filters:
            if one.name in self.asked.chosen:
                words = dict(one.choices or ()).get(self._value(one.name), self._value(one.name))
                said = one.title if one.form == "tick" else f"{one.title}: {words}"
                found.append(Chip(said, self._address(**{one.name: ""})))
        return found

    @property
    def order(self) -> str:
        """Return how the rows are sorted, in words."""
        return f"{self.asked.sort.title}, {'downwards' if self.asked.down else 'upwards'}"

    @property
    def cleared(self) -> str:
        """Return the address of the whole list."""
        return self._address(q="", **{one.name: "" for one in self.listing.filters})

    @property
    def first(self) -> str:
        """Return the address of the first page, if this is another."""
        return self._address() if self.asked.after else ""

    @property
    def next(self) -> str:
        """Return the address of the next page, if there is one."""
        return self._address(after=self.found.next_after) if self.found.next_after else ""

    def _head(self, column: Column) -> Head:
        is_it = column.name == self.asked.sort.name
        down = not self.asked.down if is_it else column.number or column.falls
        aria = ("descending" if self.asked.down else "ascending") if is_it else ""
        href = self._address(sort=_arrow(column.name, down=down))
        return Head(column.title, column.number, href, aria)

    def _field(self, one: Filter) -> Field:
        value = self._value(one.name)
        options = [(key, words, key == value) for key, words in (one.choices or ())[:_OFFERED]]
        return Field(one.name, one.title, one.form, options, value)

    def _value(self, name: str) -> str:
        value = self.asked.chosen.get(name, "")
        return value.isoformat() if isinstance(value, date) else str(value)

    def _address(self, **changes: str) -> str:
        asked = {"q": self.asked.q} | {one: self._value(one) for one in self.asked.chosen}
        sort = _arrow(self.asked.sort.name, down=self.asked.down)
        asked["sort"] = "" if sort == self.listing.usual else sort
        said = {**self.kept, **asked, **changes}
        return "?" + urlencode({name: text for name, text in said.items() if text})


def _arrow(name: str, *, down: bool) -> str:
    return f"-{name}" if down else name
