"""Times as commands print and read them: those of the clock on the wall, with its zone named."""

from datetime import UTC, datetime, timedelta

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


def length(span: timedelta) -> str:
    """Return a length of time in its two largest units: `1 h 20 min`, `45 s`."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
