"""The numbers people say aloud: given out once, whoever asks at the same time."""

from andon.core import claims, counters

_NAME = "incident"


def open_alone() -> None:
    """Open incidents one process at a time, until the transaction ends."""
    claims.alone(_NAME)


def take_numbers(*, count: int) -> range:
    """Return new incident numbers. Those of a transaction that fails are given out again."""
    return counters.take(name=_NAME, count=count)
