"""Rows that a list shows a page at a time: searched, narrowed and sorted by the database.

A package says of its own tables what can be asked (`Rows`). Who shows a list asks by names
(`Wanted`) and gets values: no query leaves the package it belongs to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Case, Func, IntegerField, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable, F
from django.db.models.functions import Coalesce

R = TypeVar("R")
S = TypeVar("S")
PAGE = 50


def counted(rows: "QuerySet[Any]") -> Coalesce:
    """Return how many rows there are, to annotate others with: joins would multiply them."""
    numbers = rows.order_by().annotate(n=Func(F("pk"), function="COUNT")).values("n")
    return Coalesce(Subquery(numbers, output_field=IntegerField()), 0)


@dataclass(frozen=True, slots=True)
class Some(Generic[R]):
    """The first rows of a list, and how many there are."""

    rows: Sequence[R]
    total: int

    @property
    def more(self) -> int:
        """Return how many are not among the rows."""
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of a list somebody wants to see, in which order, and behind which row."""

    #: The folded words of a search, and the text they are of.
    words: Sequence[str] = ()
    text: str = ""
    #: What the list is narrowed to, by the name of what it can be narrowed by.
    chosen: Mapping[str, Any] = field(default_factory=dict)
    sort: str = ""
    down: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Generic[R]):
    """The rows of a list, of which nothing is read before somebody asks for a page."""

    found: "QuerySet[Any]"
    load: Callable[[Sequence[Any]], Sequence[R]]
    #: What rows are sorted by, and what narrows them, by name. An unknown sort is by `cursor`.
    orders: Mapping[str, Combinable]
    narrows: Mapping[str, Callable[[Any], Q]]
    search: Callable[[Sequence[str], str], Q]
    #: The field that names a row, by which pages go on where the last ended.
    cursor: str = "slug"

    def shown_as(self, make: Callable[[Sequence[R]], Sequence[S]]) -> "Rows[S]":
        """Return the same rows, made into something else a page at a time."""
        return Rows(
            found=self.found,
            load=lambda rows: make(self.load(rows)),
            orders=self.orders,
            narrows=self.narrows,
            search=self.search,
            cursor=self.cursor,
        )

    def whole(self, wanted: Wanted) -> Sequence[R]:
        """Return all that is wanted, whatever the order: only of lists that stay short."""
        return self.load(list(self._narrowed(wanted).order_by(self.cursor)))

    def page(self, wanted: Wanted) -> tuple[Sequence[R], str]:
        """Return a page of what is wanted, and behind which row the next begins; empty at the end.

        The last page costs what the first does.
        """
        ordered = self._behind(self._ordered(self._narrowed(wanted), wanted), wanted)
        way = "-sorted" if wanted.down else "sorted"
        page = list(ordered.order_by("unknown", way, self.cursor)[: PAGE + 1])
        more = str(getattr(page[PAGE - 1], self.cursor)) if len(page) > PAGE else ""
        return self.load(page[:PAGE]), more

    def _narrowed(self, wanted: Wanted) -> "QuerySet[Any]":
        found = self.search(wanted.words, wanted.text) if wanted.words else Q()
        for name, value in wanted.chosen.items():
            if name in self.narrows:
                found &= self.narrows[name](value)
        return self.found.filter(found)

    def _ordered(self, rows: "QuerySet[Any]", wanted: Wanted) -> "QuerySet[Any]":
        """Return rows with what they are sorted by; what is not known of comes last either way."""
        missing = Case(
            When(sorted=None, then=Value(1)), default=Value(0), output_field=IntegerField()
        )
        order = self.orders.get(wanted.sort, F(self.cursor))
        ordered: QuerySet[Any] = rows.annotate(sorted=order, unknown=missing)
        return ordered

    def _behind(self, ordered: "QuerySet[Any]", wanted: Wanted) -> "QuerySet[Any]":
        """Return the rows behind the one a page ended with."""
        after, numbered = wanted.after, self.cursor != "slug"
        if not after or (numbered and not (after.isascii() and after.isdigit())):
            return ordered
        everything = self._ordered(self.found, wanted)
        last = everything.filter(**{self.cursor: after[:15] if numbered else after})
        values = last.values_list("unknown", "sorted").first()
        if values is None:
            return ordered
        unknown, value = values
        further = Q(unknown=unknown, **{f"{self.cursor}__gt": after})
        if value is None:
            return ordered.filter(further)
        same = Q(sorted=value, **{f"{self.cursor}__gt": after})
        passed = Q(**{f"sorted__{'lt' if wanted.down else 'gt'}": value})
        return ordered.filter(Q(unknown__gt=unknown) | Q(unknown=unknown) & (passed | same))


def some(found: "QuerySet[Any]", *, most: int, load: Callable[[Any], R]) -> Some[R]:
    """Return the first rows that were found, `most` at most. Two queries if there are more."""
    rows = [load(row) for row in found[: most + 1]]
    return Some(rows[:most], len(rows) if len(rows) <= most else found.count())
