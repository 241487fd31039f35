"""Values as machines read them: one form each, in the API, `--json`, webhooks and stored JSON.

The table of forms stands in docs/api.md. People read `core.words`.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from andon.core.money import Money
from andon.core.periods import Period
from andon.core.words import say_target

#: All of something, in parts per million.
WHOLE = 1_000_000


def money(amount: Money) -> dict[str, Any]:
    """Return an amount: integer minor units, currency, and every penny in words."""
    return {"minor": amount.minor, "currency": amount.currency, "text": amount.exact}


def share(value: Decimal | Fraction | float) -> dict[str, Any]:
    """Return a share, of which 1 is all: parts per million, and the same in words.

    What is not nothing or all never rounds to it.
    """
    exact = Fraction(value) * WHOLE
    parts = round(exact)
    if parts in (0, WHOLE) and exact != parts:
        parts += 1 if exact > parts else -1
    return ppm(parts)


def ppm(parts: int) -> dict[str, Any]:
    """Return a share that is kept in parts per million, such as a target."""
    return {"ppm": parts, "text": say_target(parts)}


def span(length: timedelta) -> float:
    """Return a length of time in seconds."""
    return length.total_seconds()


def instant(at: datetime) -> str:
    """Return an instant as RFC 3339 in UTC: `2026-11-27T22:03:00Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def period(value: Period) -> dict[str, str]:
    """Return a period: from an instant up to another, which is not part of it."""
    return {"starts_at": instant(value.starts_at), "ends_at": instant(value.ends_at)}


def plain(value: Any) -> Any:
    """Return any value of ours as JSON has it; a frozen value by the names of its fields.

    A bare Decimal is a number: say `share` where it is one.
    """
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, Period):
        return period(value)
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return span(value)
    if isinstance(value, Decimal | Fraction):
        return float(value)
    return value if isinstance(value, str | int | float | None) else str(value)
