"""What a sender still holds against what is open here: a lost message is found, a lost end too.

Twice in a row, because a message may be on its way; and what is silenced or inhibited does neither.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

#: Who is said to have resolved an alert that its sender no longer has.
RECONCILED = "the sender (it no longer has the alert)"
SENDER = "the sender"


@dataclass(frozen=True, slots=True)
class Doubts:
    """What one look found and the next must confirm, by identity."""

    missing: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """What to receive and what to resolve now, and what the next look must confirm."""

    missing: frozenset[str]
    gone: frozenset[str]
    doubts: Doubts


def compare(
    *,
    active: AbstractSet[str],
    present: AbstractSet[str],
    opened: AbstractSet[str],
    before: Doubts,
    knows_all: bool,
) -> Difference:
    """Return how open alerts differ from those of their sender, for the second time running.

    `active` are told by the sender, `present` are all it holds, told or not. Unless it
    `knows_all`, absence proves nothing.
    """
    missing = frozenset(active - opened)
    gone = frozenset(opened - present) if knows_all else frozenset()
    return Difference(missing & before.missing, gone & before.gone, Doubts(missing, gone))
