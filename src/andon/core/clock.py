"""The one place that reads the wall clock. Everything below the edge takes `now` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the clock lives here and nowhere else
