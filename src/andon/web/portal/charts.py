"""Charts as geometry: where points, bars and ticks lie. The figures stand in a table beside them.

Templates draw them as SVG with classes only, because the policy allows no inline style.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from andon.core.money import Money, exponent

WIDTH, HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 132, 66, 36, 66
#: Left, top, right and bottom of what is drawn.
Box = tuple[float, float, float, float]
_NAME, _VALUE, _ROW = 28, 200, 28
#: A letter of a label on a phone, where letters are larger in the picture, and a line of it.
_LETTER, _LINE = 11, 24


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
    #: Its name, where there is room for it beside the others; and on which side it stands.
    label: str = ""
    at_end: bool = False


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
        points=_labelled(
            (
                one.name,
                Point(
                    x(value),
                    y(_major(one.up)),
                    one.kind,
                    f"{one.name}: {one.across} an hour, {one.up} a year",
                ),
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
    room, found, y = WIDTH - _VALUE, [], 4
    for label, amounts in known:
        for series, amount in enumerate(amounts):
            width = round(max(_major(amount), 0.0) / most * room, 1)
            named = label if not series else ""
            y += _NAME if named else 0
            found.append(Bar(y, width, named, str(amount), series + 1))
            y += _ROW
        y += 8
    return Bars(tuple(found), y)


def _labelled(named: Iterable[tuple[str, Point]]) -> tuple[Point, ...]:
    """Return points with the names that fit: none over another, nor over another's point."""
    pairs = list(named)
    taken = [(one.x - 8, one.y - 8, one.x + 8, one.y + 8) for _, one in pairs]
    found = []
    for at, (name, one) in enumerate(pairs):
        length = len(name) * _LETTER
        at_end = one.x + 12 + length > WIDTH - _RIGHT
        left = one.x - 12 - length if at_end else one.x + 12
        box = (left, one.y - _LINE / 2, left + length, one.y + _LINE / 2)
        others = taken[:at] + taken[at + 1 :]
        fits = left >= _LEFT and not any(_overlap(box, other) for other in others)
        taken += [box] if fits else []
        found.append(replace(one, label=name if fits else "", at_end=at_end))
    return tuple(found)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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
