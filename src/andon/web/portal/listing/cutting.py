"""Which rows of a list are on its page."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from andon.core import folding
from andon.core.lists import PAGE, Rows, Wanted
from andon.web.portal.listing.asking import ListQuery
from andon.web.portal.listing.describing import Listing

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Slice(Generic[R]):
    """Some rows of a list, and where the next ones start (empty at the end)."""

    rows: Sequence[R]
    next_after: str = ""
    #: How many there are of all pages; None where nobody counted.
    total: int | None = None


def of_stored(
    listing: Listing, asked: ListQuery, rows: Rows[R], *, name: Callable[[R], str] | None = None
) -> Slice[R]:
    """Return a page of rows that a package keeps.

    Where what is asked is known only of a row as it is shown, all that match are loaded: only for
    lists that stay short, such as rotas.
    """
    wanted = Wanted(
        words=asked.words if listing.searched else (),
        text=asked.q,
        chosen=asked.chosen,
        sort=asked.sort.name,
        down=asked.down,
        after=asked.after,
    )
    by_row = [one for one in listing.filters if one.keep and one.name in asked.chosen]
    if asked.sort.key or by_row:
        return of_rows(listing, asked, rows.whole(wanted), name=name)
    return Slice(*rows.page(wanted))


def of_rows(
    listing: Listing, asked: ListQuery, rows: Iterable[R], *, name: Callable[[R], str] | None = None
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


def _keeps(listing: Listing, asked: ListQuery, row: Any) -> bool:
    if listing.holds and asked.words:
        text = folding.fold(listing.holds(row))
        if not all(word in text for word in asked.words):
            return False
    return all(
        one.keep is None or one.keep(row, asked.chosen[one.name])
        for one in listing.filters
        if one.name in asked.chosen
    )
