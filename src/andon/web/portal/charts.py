"""Charts as geometry: where points, bars and ticks lie. The figures stand in a table beside them.

Templates draw them as SVG with classes only, because the policy allows no inline style.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from andon.core.money import Money, exponent

WIDTH, HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 104, 52, 16, 46
_LABEL, _VALUE, _ROW = 190, 110, 26


@dataclass(frozen=True, slots=True)
class Dot:
    """One thing with two amounts, of a kind that has a shape of its own."""

    name: str
    kind: str
    across: Money
    up: Money


@dataclass(frozen=True, slots=True)
class Point:
    """A dot where it is drawn."""

    x: float
    y: float
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its amount."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Scatter:
    """Points over a logarithmic and a linear axis."""

    points: tuple[Point, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    floor: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar and what is written beside it. A label stands at the first bar of its group."""

    y: int
    width: float
    label: str
    words: str
    series: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Named amounts, one bar each, in groups."""

    bars: tuple[Bar, ...]
    height: int
    left: int = _LABEL
    width: int = WIDTH


def scatter(dots: Sequence[Dot]) -> Scatter | None:
    """Return dots over two axes of money, or None when there are none.

    Across is logarithmic, because exposures differ by powers of ten; nothing at all stands at the
    left edge. Up is linear from zero.
    """
    if not dots:
        return None
    majors = [_major(one.across) for one in dots]
    positive = [one for one in majors if one > 0] or [1.0]
    low = math.floor(math.log10(min(positive)))
    high = max(math.ceil(math.log10(max(positive))), low + 1)
    top, step = _scale(max(_major(one.up) for one in dots))
    currency = dots[0].across.currency

    def x(value: float) -> float:
        place = (math.log10(value) - low) / (high - low) if value > 0 else 0.0
        return round(_LEFT + place * (WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(_TOP + (1 - value / top) * (HEIGHT - _TOP - _BOTTOM), 1)

    return Scatter(
        points=tuple(
            Point(
                x(value),
                y(_major(one.up)),
                one.kind,
                f"{one.name}: {one.across} an hour, {one.up} a year",
            )
            for one, value in zip(dots, majors, strict=True)
        ),
        across=tuple(
            Tick(x(10.0**power), _tick(10.0**power, currency)) for power in range(low, high + 1)
        ),
        up=tuple(
            Tick(y(step * number), _tick(step * number, currency))
            for number in range(round(top / step) + 1)
        ),
    )


def bars(rows: Iterable[tuple[str, Sequence[Money]]]) -> Bars | None:
    """Return a bar for every amount of every row, or None when there are none."""
    known = [(label, list(amounts)) for label, amounts in rows]
    most = max((_major(one) for _, amounts in known for one in amounts), default=0.0)
    if most <= 0:
        return None
    room, found, y = WIDTH - _LABEL - _VALUE, [], 4
    for label, amounts in known:
        for series, amount in enumerate(amounts):
            width = round(max(_major(amount), 0.0) / most * room, 1)
            text = str(amount)
            found.append(Bar(y, width, label if not series else "", text, series + 1))
            y += _ROW
        y += 8
    return Bars(tuple(found), y)


def _scale(most: float) -> tuple[float, float]:
    """Return the end of an axis that holds an amount, and its step: 1, 2 or 5 times a power."""
    if most <= 0:
        return 1.0, 1.0
    rough = most / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough)
    return step * math.ceil(most / step), step


def _tick(major: float, currency: str) -> str:
    return str(Money.of(Decimal(repr(major)), currency))


def _major(amount: Money) -> float:
    return float(amount.minor / 10 ** exponent(amount.currency))
