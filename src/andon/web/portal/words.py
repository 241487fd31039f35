"""How values are said on a page: times, spans, counts. Pure: the template filters call these."""

from datetime import UTC, datetime, timedelta

from andon.core.money import Money


def span(value: timedelta) -> str:
    """Return a length in the two units that matter: `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`."""
    seconds = max(0, int(value.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours = seconds // 60, seconds // 3600
    if minutes < 60:
        rest = seconds % 60
        return f"{minutes} min {rest:02} s" if minutes < 10 and rest else f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes % 60:02} min"
    return f"{hours // 24} d {hours % 24} h"


def per_minute(per_hour: Money) -> Money:
    """Return what a minute costs when an hour costs this much."""
    return Money(round(per_hour.minor / 60), per_hour.currency)


def iso(at: datetime) -> str:
    """Return an instant as machines read it, to the second, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 incident`, `3 incidents`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
