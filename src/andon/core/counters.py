"""Numbers that only grow, such as the last incident number given out."""

from django.db import transaction
from django.db.models import F

from andon.core import claims
from andon.core.models import Counter


def take(*, name: str, count: int) -> range:
    """Return the next numbers. Those of a transaction that fails are given out again."""
    return claims.retry(lambda: _take(name, count))


def grow(*, name: str) -> None:
    """Count one more, in one statement."""
    if not Counter.objects.filter(name=name).update(value=F("value") + 1):
        Counter.objects.bulk_create([Counter(name=name, value=1)], ignore_conflicts=True)


def _take(name: str, count: int) -> range:
    with transaction.atomic():
        Counter.objects.get_or_create(name=name)
        counter = Counter.objects.select_for_update().get(name=name)
        first = counter.value + 1
        counter.value += count
        counter.save(update_fields=["value"])
    return range(first, first + count)
