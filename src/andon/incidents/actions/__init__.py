"""Writes of incidents: the stage that follows the pages, and what people do."""

from andon.incidents.actions.acts import (
    UnableToActOnIncident,
    UnableToFindIncident,
    acknowledge,
    add_note,
    close,
    reopen,
    resolve,
)
from andon.incidents.actions.bulk import UnableToAcknowledgeSoMany, bulk_acknowledge
from andon.incidents.actions.follow import follow_pages
from andon.incidents.actions.numbers import take_numbers

__all__ = [
    "UnableToAcknowledgeSoMany",
    "UnableToActOnIncident",
    "UnableToFindIncident",
    "acknowledge",
    "add_note",
    "bulk_acknowledge",
    "close",
    "follow_pages",
    "reopen",
    "resolve",
    "take_numbers",
]
