"""The numbers people say aloud: given out once, whoever asks at the same time."""

from django.db import transaction

from andon.core import claims
from andon.core.models import Counter

_NAME = "incident"


def lock_numbers() -> None:
    """Hold the counter until the transaction ends. Opening incidents is thereby one at a time.

    PostgreSQL locks the row; an IMMEDIATE transaction of SQLite has locked the whole database.
    """
    Counter.objects.get_or_create(name=_NAME)
    Counter.objects.select_for_update().get(name=_NAME)


def take_numbers(*, count: int) -> range:
    """Return new incident numbers. Those of a transaction that fails are given out again."""
    return claims.retry(lambda: _take(count))


def _take(count: int) -> range:
    with transaction.atomic():
        lock_numbers()
        counter = Counter.objects.get(name=_NAME)
        first = counter.value + 1
        counter.value += count
        counter.save(update_fields=["value"])
    return range(first, first + count)
