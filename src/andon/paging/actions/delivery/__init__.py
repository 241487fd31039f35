"""Hand notifications to the lanes that send them, and write down what became of each.

Works on sets only: a claim and a finish are a handful of statements however many rows they touch.
At least once: a row is done when its sending is written down, never before. Locks are taken in the
order of `core.claims`: pages, then notifications.
"""

from andon.paging.actions.delivery.exchanges import exchange
from andon.paging.actions.delivery.results import finish
from andon.paging.actions.delivery.taking import (
    LEASE,
    claim_due,
    find_due_kinds,
    give_all_back,
    keep,
    release,
    start,
)
from andon.paging.actions.delivery.values import Claimed, SendOutcome

__all__ = [
    "LEASE",
    "Claimed",
    "SendOutcome",
    "claim_due",
    "exchange",
    "find_due_kinds",
    "finish",
    "give_all_back",
    "keep",
    "release",
    "start",
]
