"""Writing many rows at once, on either database."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")

#: Rows per statement. SQLite takes 32,766 parameters, and services have some twenty columns.
BATCH = 500
#: Values per `IN (...)`; beyond this many, a table is read whole instead.
AT_ONCE = 5_000


def upsert(model: type[M], rows: Sequence[M], *, fields: Collection[str]) -> None:
    """Write rows by their slug: new ones whole, known ones in these fields only."""
    if rows:
        _all(model).bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["slug"],
            update_fields=list(fields),
        )


def insert(model: type[M], rows: Sequence[M], *, unless_there: bool = False) -> None:
    """Write new rows."""
    if rows:
        _all(model).bulk_create(rows, batch_size=BATCH, ignore_conflicts=unless_there)


def delete(model: type[models.Model], ids: Collection[int]) -> None:
    """Delete rows by primary key."""
    for part in chunks(list(ids)):
        _all(model).filter(pk__in=part).delete()


def update(model: type[models.Model], slugs: Iterable[str], **values: object) -> None:
    """Set the same values on rows by their slug."""
    for part in chunks(list(slugs)):
        _all(model).filter(slug__in=part).update(**values)


def ids(model: type[models.Model]) -> dict[str, int]:
    """Return all primary keys by slug."""
    return dict(_all(model).values_list("slug", "pk"))


def among(rows: models.QuerySet[M], field: str, wanted: Collection[int]) -> Iterator[M]:
    """Yield the rows whose foreign key is among many, without a statement that grows with them."""
    if len(wanted) <= AT_ONCE:
        yield from rows.filter(**{f"{field}__in": wanted})
    else:
        yield from (row for row in rows if getattr(row, field) in wanted)


def chunks(items: list[T]) -> Iterator[list[T]]:
    """Yield a list in parts."""
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _all(model: type[M]) -> models.QuerySet[M]:
    return models.QuerySet(model)
