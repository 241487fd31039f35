"""Writes to the ledger: only postings and reversals, never a change."""

from andon.costing.actions.books import UnableToClose, close_month
from andon.costing.actions.hand import (
    UnableToCorrect,
    UnableToReverse,
    correct_worked_time,
    post_again,
    post_entry,
    reverse,
)
from andon.costing.actions.post import UnableToPost, post_due, post_period

__all__ = [
    "UnableToClose",
    "UnableToCorrect",
    "UnableToPost",
    "UnableToReverse",
    "close_month",
    "correct_worked_time",
    "post_again",
    "post_due",
    "post_entry",
    "post_period",
    "reverse",
]
