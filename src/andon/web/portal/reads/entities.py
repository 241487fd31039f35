"""Rows of a list that is there whole, a page at a time."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from andon.web.portal.listing import Slice

T = TypeVar("T")
PAGE = 50


def cut(rows: Sequence[T], slug: Callable[[T], str]) -> Slice[T]:
    """Return a slice of at most PAGE rows from a list that was asked for one more."""
    more = len(rows) > PAGE
    return Slice(rows=rows[:PAGE], next_after=slug(rows[PAGE - 1]) if more else "")
