"""Reads: pages, their messages, and what keeps those from people."""

from andon.paging.queries.following import (
    has_unseen,
    list_alerts,
    list_firing_ids,
    list_followed,
    list_open_ids,
    list_taken_out_of_hours,
    list_unseen,
    list_untaken_ids,
)
from andon.paging.queries.links import find_by_token, find_look, has_left
from andon.paging.queries.obstacles import (
    addresses,
    failing,
    lateness,
    troubles,
    troubles_of_ways,
    ways,
)
from andon.paging.queries.pages import (
    count_open,
    find_due,
    find_unseen,
    next_due,
    quiet_alerts,
    summary,
    untaken,
)
from andon.paging.queries.shown import (
    alerts_of_pages,
    decisions,
    decisions_about_alerts,
    find_page,
    list_pages,
    list_untaken,
    list_untaken_told,
    pages_of_alerts,
    tickets,
    waiting,
)
from andon.paging.queries.subjects import about
from andon.paging.queries.told import latest_test, list_tests, notifications, page_of_message
from andon.paging.queries.who import answering

__all__ = [
    "about",
    "addresses",
    "alerts_of_pages",
    "answering",
    "count_open",
    "decisions",
    "decisions_about_alerts",
    "failing",
    "find_by_token",
    "find_due",
    "find_look",
    "find_page",
    "find_unseen",
    "has_left",
    "has_unseen",
    "lateness",
    "latest_test",
    "list_alerts",
    "list_firing_ids",
    "list_followed",
    "list_open_ids",
    "list_pages",
    "list_taken_out_of_hours",
    "list_tests",
    "list_unseen",
    "list_untaken",
    "list_untaken_ids",
    "list_untaken_told",
    "next_due",
    "notifications",
    "page_of_message",
    "pages_of_alerts",
    "quiet_alerts",
    "summary",
    "tickets",
    "troubles",
    "troubles_of_ways",
    "untaken",
    "waiting",
    "ways",
]
