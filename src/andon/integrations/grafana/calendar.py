"""Periods that start anew, in Grafana's date arithmetic."""

from datetime import datetime

from andon.slo.types import CalendarWindow

_UNITS = {"day": "d", "week": "w", "month": "M", "quarter": "Q", "year": "y"}


def since(window: CalendarWindow) -> str:
    """Return where the running period began, as Grafana reckons it, or nothing when it cannot.

    `now/M` is the first of this month at midnight of the dashboard's zone. A period that starts
    later is reckoned by going back, rounding down, and going forward again: `now-14d/M+14d` starts
    on the 15th. Several units at once, or a start that some months do not have, cannot be said.
    """
    unit = _UNITS.get(window.unit)
    if unit is None or window.count != 1 or (window.unit != "week" and window.starts.day > 28):
        return ""
    shifts = [shift for shift in _shifts(window.unit, window.starts) if not shift.startswith("0")]
    if not shifts:
        # Only the plain forms are known to Grafana by name, and a quarter's is not among them.
        return "now-0d/Q" if unit == "Q" else f"now/{unit}"
    back = "".join(f"-{shift}" for shift in reversed(shifts))
    return f"now{back}/{unit}" + "".join(f"+{shift}" for shift in shifts)


def in_words(window: CalendarWindow) -> str:
    """Return the period as people say it."""
    every = window.unit if window.count == 1 else f"{window.count} {window.unit}s"
    return f"calendar {every}, {window.timezone}"


def _shifts(unit: str, starts: datetime) -> list[str]:
    """Return what lies between the unit's own start and this one, the largest first."""
    time = [f"{starts.hour}h", f"{starts.minute}m", f"{starts.second}s"]
    months = {"quarter": (starts.month - 1) % 3, "year": starts.month - 1}
    days = {"day": 0, "week": starts.weekday()}
    return [f"{months.get(unit, 0)}M", f"{days.get(unit, starts.day - 1)}d", *time]
