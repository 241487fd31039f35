"""The one place that reads the wall clock. Everything below the edge takes `now` as an argument."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the clock lives here and nowhere else


def of(connection: "BaseDatabaseWrapper") -> datetime:
    """Return the present instant of a PostgreSQL, which all nodes share, aware, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [instant] = cursor.fetchone()
    return cast("datetime", instant).astimezone(UTC)
