"""Lists that are read newest first, a screen at a time."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def newest_first(
    rows: QuerySet[Row], *, state: str, service: str, limit: int, after: UUID | None
) -> tuple[list[Row], bool]:
    """Return up to `limit` rows older than `after`, and whether there are more.

    The rows have a time-ordered `uid`, a `state` and a `service`; an empty filter lets all through.
    """
    rows = rows.order_by("-uid")
    if state:
        rows = rows.filter(state=state)
    if service:
        rows = rows.filter(service__slug=service.lower())
    if after:
        rows = rows.filter(uid__lt=after)
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit
