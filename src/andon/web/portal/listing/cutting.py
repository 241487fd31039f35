"""Which rows of a list are on its page."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import F

from andon.core import folding
from andon.web.portal.listing.asking import Asked
from andon.web.portal.listing.describing import Column, Listing

R = TypeVar("R")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Slice(Generic[R]):
    """Some rows of a list, and where the next ones start (empty at the end)."""

    rows: Sequence[R]
    next_after: str = ""
    #: How many there are of all pages; None where nobody counted.
    total: int | None = None


def of_query(
    listing: Listing,
    asked: Asked,
    rows: "QuerySet[Any]",
    *,
    load: Callable[[Sequence[Any]], Sequence[R]],
    name: Callable[[R], str] | None = None,
) -> Slice[R]:
    """Return a page of rows of the database, as `load` makes them from theirs.

    Where what is asked is known only of a row as it is shown, all that match are loaded: only for
    lists that stay short, such as rotas.
    """
    found = rows.filter(_narrowed(listing, asked))
    by_row = [one for one in listing.filters if one.keep and one.name in asked.chosen]
    if asked.sort.order is None or by_row:
        return of_rows(listing, asked, load(list(found.order_by(listing.cursor))), name=name)
    ordered = _ordered(found, asked.sort, listing.cursor)
    behind = _behind(ordered, _ordered(rows, asked.sort, listing.cursor), asked, listing.cursor)
    page = list(
        behind.order_by("unknown", "-sorted" if asked.down else "sorted", listing.cursor)[
            : PAGE + 1
        ]
    )
    more = str(getattr(page[PAGE - 1], listing.cursor)) if len(page) > PAGE else ""
    return Slice(load(page[:PAGE]), more)


def of_rows(
    listing: Listing, asked: Asked, rows: Iterable[R], *, name: Callable[[R], str] | None = None
) -> Slice[R]:
    """Return a page of rows that are all there, `name`d as pages go on; by their `slug` unless."""
    called: Callable[[R], str] = name or (lambda row: str(row.slug))  # type: ignore[attr-defined]
    kept = [row for row in rows if _keeps(listing, asked, row)]
    kept.sort(key=called)
    key = asked.sort.key or called
    known = [row for row in kept if key(row) is not None]
    known.sort(key=key, reverse=asked.down)
    kept = known + [row for row in kept if key(row) is None]
    start = next((at + 1 for at, row in enumerate(kept) if called(row) == asked.after), 0)
    more = len(kept) > start + PAGE
    return Slice(
        kept[start : start + PAGE], called(kept[start + PAGE - 1]) if more else "", len(kept)
    )


def _narrowed(listing: Listing, asked: Asked) -> Q:
    found = Q()
    if asked.words and listing.search:
        found &= listing.search(asked.words, asked.q)
    for one in listing.filters:
        if one.narrow and one.name in asked.chosen:
            found &= one.narrow(asked.chosen[one.name])
    return found


def _keeps(listing: Listing, asked: Asked, row: Any) -> bool:
    if listing.holds and asked.words:
        text = folding.fold(listing.holds(row))
        if not all(word in text for word in asked.words):
            return False
    return all(
        one.keep is None or one.keep(row, asked.chosen[one.name])
        for one in listing.filters
        if one.name in asked.chosen
    )


def _ordered(rows: "QuerySet[Any]", column: Column, cursor: str) -> "QuerySet[Any]":
    """Return rows with what they are sorted by; what is not known of comes last either way."""
    missing = Case(When(sorted=None, then=Value(1)), default=Value(0), output_field=IntegerField())
    ordered: QuerySet[Any] = rows.annotate(sorted=column.order or F(cursor), unknown=missing)
    return ordered


def _behind(
    ordered: "QuerySet[Any]", everything: "QuerySet[Any]", asked: Asked, cursor: str
) -> "QuerySet[Any]":
    """Return the rows behind the one a page ended with: the last page costs what the first does."""
    numbered = cursor != "slug"
    if not asked.after or (numbered and not (asked.after.isascii() and asked.after.isdigit())):
        return ordered
    last = everything.filter(**{cursor: asked.after[:15] if numbered else asked.after})
    values = last.values_list("unknown", "sorted").first()
    if values is None:
        return ordered
    unknown, value = values
    further = Q(unknown=unknown, **{f"{cursor}__gt": asked.after})
    if value is None:
        return ordered.filter(further)
    same = Q(sorted=value, **{f"{cursor}__gt": asked.after})
    passed = Q(**{f"sorted__{'lt' if asked.down else 'gt'}": value})
    return ordered.filter(Q(unknown__gt=unknown) | Q(unknown=unknown) & (passed | same))
