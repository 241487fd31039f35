"""Lists: the one way in which a list is searched, narrowed, sorted, cut into pages and explained.

A list says once which columns and filters it has (`reads/lists`). What somebody chose stands in
the address; a value that nobody knows is said, never ignored.
"""

from andon.web.portal.listing.asking import ListQuery, ask, text_of
from andon.web.portal.listing.cutting import Slice, of_rows, of_stored
from andon.web.portal.listing.describing import MINE, Column, Filter, Listing
from andon.web.portal.listing.showing import ShownList

__all__ = [
    "MINE",
    "Column",
    "Filter",
    "ListQuery",
    "Listing",
    "ShownList",
    "Slice",
    "ask",
    "of_rows",
    "of_stored",
    "text_of",
]
