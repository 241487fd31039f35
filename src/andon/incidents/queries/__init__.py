"""Reads of incidents: rows in, values out. Every function asks a constant number of questions."""

from andon.incidents.queries.finding import (
    every,
    figures,
    find,
    find_of_page,
    list_active,
    list_affected,
    list_incidents,
    list_numbered,
    of_kinds,
    parse_number,
    real,
    search,
    to_value,
)
from andon.incidents.queries.lists import (
    list_own_active,
    list_severities,
    list_to_close,
    rows_of_incidents,
)
from andon.incidents.queries.responses import (
    list_keyed,
    list_majors,
    list_restored,
    list_taken,
    updates_of,
)
from andon.incidents.queries.standing import condition, conditions
from andon.incidents.queries.timelines import changes_before, list_page_ids, timeline

__all__ = [
    "changes_before",
    "condition",
    "conditions",
    "every",
    "figures",
    "find",
    "find_of_page",
    "list_active",
    "list_affected",
    "list_incidents",
    "list_keyed",
    "list_majors",
    "list_numbered",
    "list_own_active",
    "list_page_ids",
    "list_restored",
    "list_severities",
    "list_taken",
    "list_to_close",
    "of_kinds",
    "parse_number",
    "real",
    "rows_of_incidents",
    "search",
    "timeline",
    "to_value",
    "updates_of",
]
