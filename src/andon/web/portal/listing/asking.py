"""What the address of a list asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from andon.core import folding
from andon.web.portal.listing.describing import Column, Listing

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the address of a list asks."""

    q: str
    words: tuple[str, ...]
    sort: Column
    down: bool
    after: str
    chosen: Mapping[str, Any]
    #: What was asked for and is not known, in words.
    wrong: Sequence[str] = ()


def ask(listing: Listing, query: QueryDict) -> ListQuery:
    """Read what an address asks of a list. What it does not know is left out, and said."""
    chosen: dict[str, Any] = {}
    wrong: list[str] = []
    for one in listing.filters:
        text = text_of(query, one.name)
        if text:
            value, why = one.read(text)
            if why:
                wrong.append(why)
            else:
                chosen[one.name] = value
    q = text_of(query, "q")
    sort, why = _sort(listing, text_of(query, "sort") or listing.usual)
    column, down = sort
    asked = ListQuery(q, folding.words(q), column, down, text_of(query, "after"), chosen, wrong)
    return replace(asked, wrong=[*wrong, why]) if why else asked


def text_of(query: QueryDict, name: str) -> str:
    """Return what an address says under a name, as far as it can be looked for."""
    return query.get(name, "").replace("\x00", "").strip()[:_LONGEST]


def _sort(listing: Listing, text: str) -> tuple[tuple[Column, bool], str]:
    known = {one.name: one for one in listing.columns}
    usual = listing.usual.removeprefix("-")
    column = known.get(text.removeprefix("-"))
    if column is not None:
        return (column, text.startswith("-")), ""
    why = f"There is no column “{text}” to sort by. Choose one of: {', '.join(known)}."
    return (known[usual], listing.usual.startswith("-")), why
