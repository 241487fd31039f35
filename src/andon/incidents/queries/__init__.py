"""Reads of incidents: rows in, values out. Every function asks a constant number of questions."""

from andon.incidents.queries.finding import (
    figures,
    find,
    find_of_page,
    list_active,
    list_affected,
    list_incidents,
    parse_number,
    search,
)
from andon.incidents.queries.timelines import list_page_ids, timeline

__all__ = [
    "figures",
    "find",
    "find_of_page",
    "list_active",
    "list_affected",
    "list_incidents",
    "list_page_ids",
    "parse_number",
    "search",
    "timeline",
]
