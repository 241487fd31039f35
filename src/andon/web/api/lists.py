"""Lists that are read newest first, a screen at a time."""

from collections.abc import Sequence
from typing import TypeVar

Row = TypeVar("Row")


def cut(found: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """Return up to `limit` rows of those found, and whether there are more: ask for one more."""
    return found[:limit], len(found) > limit
