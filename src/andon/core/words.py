"""Quantities as people read them: one function each, one wording each. Machines read `core.wire`.

Money says itself: `str(amount)`, or to the penny where one is wanted.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
#: Digits of a share that matter, counted from the nearer end: nothing or all.
_DIGITS = 3
_MINUS = "\u2212"
#: So many of a list are named.
_NAMED = 5


def say_span(length: timedelta) -> str:
    """Return a length in its two largest units: `45 s`, `43 min 12 s`, `3 h 5 min`, `1 d 12 h`.

    What is overspent has a minus in front.
    """
    if length < timedelta(0):
        return f"{_MINUS}{say_span(-length)}"
    parts = _parts(round(length.total_seconds()))
    first = next((at for at, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return _joined(parts[first : first + 2])


def say_exactly(length: timedelta) -> str:
    """Return a length to the hundredth of a second, for workings: `7 h 18 min 17.28 s`."""
    if length < timedelta(0):
        return f"{_MINUS}{say_exactly(-length)}"
    hundredths = round(length / timedelta(milliseconds=10))
    whole, rest = divmod(hundredths, 100)
    *larger, (seconds, unit) = _parts(whole)
    return _joined([*larger, (seconds + Decimal(rest) / 100, unit)])


def say_share(value: Decimal | Fraction | float) -> str:
    """Return a share, of which 1 is all: `42.9%`, `8.57%`, `99.95%`, `\u22128.5%`.

    Three digits, counted from the nearer end: what is not nothing or all is never said to be.
    """
    percent = _decimal(value) * 100
    near = min(abs(percent), abs(percent - 100))
    places = max(0, _DIGITS - 1 - near.adjusted()) if near else 2
    return (
        f"{_trimmed(abs(percent), places, '')}%" if percent >= 0 else f"{_MINUS}{say_share(-value)}"
    )


def say_target(ppm: int) -> str:
    """Return parts per million exactly, as targets are said: `99.0%`, `99.95%`."""
    return f"{_trimmed(Decimal(ppm) / 10_000, 4, '.0')}%"


def say_count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 incident`, `3 incidents`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def say_list(names: Iterable[str], *, most: int = _NAMED) -> str:
    """Return names as a sentence has them: `a, b and c`; of too many the first, and how many."""
    shown = list(names)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1} others"]
    return " and ".join(", ".join(part) for part in (shown[:-1], shown[-1:]) if part)


def _parts(seconds: int) -> list[tuple[int, str]]:
    found = []
    for unit, size in _UNITS:
        number, seconds = divmod(seconds, size)
        found.append((number, unit))
    return found


def _joined(parts: Iterable[tuple[Decimal | int, str]]) -> str:
    said = (f"{_trimmed(Decimal(number), 2, '')} {unit}" for number, unit in parts if number)
    return " ".join(said) or "0 s"


def _trimmed(value: Decimal, places: int, bare: str) -> str:
    text = f"{value:,.{places}f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else f"{whole}{bare}"


def _decimal(value: Decimal | Fraction | float) -> Decimal:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / value.denominator
    return value if isinstance(value, Decimal) else Decimal(str(value))
