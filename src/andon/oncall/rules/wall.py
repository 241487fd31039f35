"""Local times that people type, once: read strictly, never moved silently."""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from andon.core.errors import Refusal
from andon.core.periods import exists, first_instant, is_ambiguous, last_instant

Occurrence = Literal["first", "second"]


class UnableToReadTime(Refusal):
    """The local time does not exist, exists twice, or is in a zone nobody knows.

    `data["problem"]` is `missing`, `ambiguous` or `zone`.
    """

    code = "unable_to_read_time"
    status = 422


def instant_from_wall(
    *, local: datetime, timezone: str, occurrence: Occurrence | None = None
) -> datetime:
    """Return the instant, in UTC, of a local date and time without zone that a person typed.

    When the clocks show the time twice, `occurrence` says which is meant; without it the time is
    refused.
    """
    zone = find_zone(timezone)
    day, wall = local.date(), local.time()
    if not exists(day, wall, zone):
        valid = first_instant(day, wall, zone).astimezone(zone)
        raise UnableToReadTime(
            f"{local:%Y-%m-%d %H:%M} does not exist in {timezone}: the clocks go forward over it; "
            f"the first time after the change is {valid:%Y-%m-%d %H:%M}",
            problem="missing",
            valid=valid.astimezone(UTC).isoformat(),
        )
    if is_ambiguous(day, wall, zone) and occurrence is None:
        raise UnableToReadTime(
            f"{local:%Y-%m-%d %H:%M} happens twice in {timezone}: the clocks go back over it; "
            "say whether the first or the second is meant",
            problem="ambiguous",
            first=first_instant(day, wall, zone).isoformat(),
            second=last_instant(day, wall, zone).isoformat(),
        )
    return (last_instant if occurrence == "second" else first_instant)(day, wall, zone)


def find_zone(timezone: str) -> ZoneInfo:
    """Return an IANA zone, or refuse a name that is not one."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnableToReadTime(
            f"{timezone!r} is not an IANA time zone; write one such as Europe/London",
            problem="zone",
        ) from error
