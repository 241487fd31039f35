"""Times as commands print and read them: those of the clock on the wall, with its zone named."""

from datetime import UTC, datetime

from andon.core.periods import say_wall


def shown(at: datetime, *, now: datetime) -> str:
    """Return an instant in the zone of whoever runs the command: `TZ`, else this machine's."""
    return say_wall(at.astimezone(), now=now)


def read(text: str) -> datetime | None:
    """Return the instant a person wrote, in that zone unless it names one; None when it is none."""
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if 1970 < at.year < 2200 else None
