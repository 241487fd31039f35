"""The two statements that both ends of delivery are made of."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from andon.paging.actions.delivery.values import UNSENT
from andon.paging.models import Notification, Page
from andon.paging.types import NotificationState, PageState


def hasten(failed: list[tuple[int, int]], *, now: datetime) -> None:
    """Let a page's next step run at once when nothing of its latest step can arrive any more."""
    steps: dict[int, set[int]] = defaultdict(set)
    for page_id, step in failed:
        steps[step].add(page_id)
    for step, page_ids in steps.items():
        alive = Notification.objects.filter(
            page_id=OuterRef("pk"),
            step__gte=step,
            purpose="page",
            state__in=(*UNSENT, NotificationState.SENT),
        )
        Page.objects.filter(
            ~Exists(alive), id__in=sorted(page_ids), state=PageState.PAGING, next_at__gt=now
        ).update(next_at=now)


def update_each(
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    also: str = "",
    params: tuple[Any, ...] = (),
    where: str = "TRUE",
) -> None:
    """Give each row, named by its key, its own values, in one statement."""
    if not rows:
        return
    one = f"({', '.join(['%s'] * (len(columns) + 1))})"
    sets = ", ".join(f"{column} = new.{column}" for column in columns)
    sql = (
        f"WITH new(pk, {', '.join(columns)}) AS (VALUES {', '.join([one] * len(rows))}) "
        f"UPDATE {table} SET {sets}{', ' + also if also else ''} "
        f"FROM new WHERE {table}.id = new.pk AND {where}"
    )
    values = [to_db(value) for row in sorted(rows, key=lambda row: row[0]) for value in row]
    with connection.cursor() as cursor:
        cursor.execute(sql, (*values, *params))


def to_db(value: object) -> Any:
    """Return a value as the database's own driver takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.replace("\x00", "") if isinstance(value, str) else value
