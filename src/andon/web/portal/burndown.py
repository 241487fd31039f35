"""The burn-down of an error budget as geometry; the figures stand in a table beside it."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise

from andon.core.periods import Period
from andon.core.words import say_share
from andon.web.portal.charts import Tick

WIDTH, HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 14, 14, 34
#: Points a line of this width can show; more only make the page heavy.
_POINTS = 240
#: An incident of minutes in a window of weeks would be thinner than a line.
_THINNEST = 3.0
#: Lines under the chart that say a day; more would run into each other.
_DAYS = 7
_ROWS = 31
#: An overspent budget is drawn this deep; the table has the figure.
_DEEPEST = -4


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened while the budget went: an incident lasts, a deployment does not."""

    period: Period
    words: str
    kind: str = "incident"


@dataclass(frozen=True, slots=True)
class Band:
    """A mark where it is drawn."""

    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class BurnDownRow:
    """The budget at the end of a day or so, for the table."""

    at: datetime
    left: float
    #: Deployments since the row below, in order.
    deployments: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class BurnDown:
    """A line that falls from a full budget; pieces of it where measurements are missing."""

    #: Each piece as SVG's `points`.
    lines: tuple[str, ...]
    incidents: tuple[Band, ...]
    deployments: tuple[Band, ...]
    up: tuple[Tick, ...]
    across: tuple[Tick, ...]
    zero: float
    rows: tuple[BurnDownRow, ...]
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    floor: int = HEIGHT - _BOTTOM
    depth: int = HEIGHT - _BOTTOM - _TOP
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where an instant and a share lie."""

    window: Period
    low: float

    def x(self, at: datetime) -> float:
        inner = min(max(at, self.window.starts_at), self.window.ends_at)
        share = (inner - self.window.starts_at) / self.window.length
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, left: float) -> float:
        share = (min(max(left, self.low), 1.0) - self.low) / (1.0 - self.low)
        return round(_TOP + (1 - share) * (HEIGHT - _TOP - _BOTTOM), 1)

    def band(self, mark: Mark) -> Band:
        start, end = self.x(mark.period.starts_at), self.x(mark.period.ends_at)
        return Band(
            min(start, WIDTH - _RIGHT - _THINNEST),
            max(round(end - start, 1), _THINNEST),
            mark.words,
        )


def burn_down(
    points: Sequence[tuple[datetime, float]],
    *,
    window: Period,
    zone: tzinfo,
    marks: Iterable[Mark] = (),
    gap: timedelta = timedelta(hours=2),
) -> BurnDown | None:
    """Return the share of a budget that was left over a window, or None without two points.

    `points` are in order of time. Where two are further apart than `gap`, the line is broken: what
    nobody measured is not drawn. An overspent budget goes below the line of zero, to the depth of
    four budgets at most; the table has the figure.
    """
    inside = [one for one in points if window.starts_at <= one[0] <= window.ends_at]
    if len(inside) < 2:
        return None
    frame = _Frame(window, _lowest(left for _, left in inside))
    shown = [one for one in marks if _touches(one.period, window)]
    return BurnDown(
        lines=tuple(
            " ".join(f"{frame.x(at)},{frame.y(left)}" for at, left in _thinned(piece))
            for piece in _pieces(inside, gap)
        ),
        incidents=tuple(frame.band(one) for one in shown if one.kind == "incident"),
        deployments=tuple(frame.band(one) for one in shown if one.kind != "incident"),
        up=tuple(Tick(frame.y(share), say_share(share)) for share in _shares(frame.low)),
        across=tuple(Tick(frame.x(at), _day(at, zone)) for at in _midnights(window, zone, _DAYS)),
        zero=frame.y(0.0),
        rows=_rows(inside, window, zone, [one for one in shown if one.kind != "incident"]),
    )


def _lowest(found: Iterable[float]) -> float:
    """Return where the axis ends: zero, or as many whole budgets below as were overspent."""
    return float(max(math.floor(min(0.0, *found)), _DEEPEST))


def _shares(low: float) -> list[float]:
    step = 0.25 if low == 0 else 0.5 if low >= -1 else 1.0
    return [low + step * number for number in range(round((1.0 - low) / step) + 1)]


def _pieces(
    points: Sequence[tuple[datetime, float]], gap: timedelta
) -> list[list[tuple[datetime, float]]]:
    """Cut a line where a gap in the measurements is."""
    pieces: list[list[tuple[datetime, float]]] = [[points[0]]]
    for before, point in pairwise(points):
        if point[0] - before[0] > gap:
            pieces.append([])
        pieces[-1].append(point)
    return [piece for piece in pieces if len(piece) > 1]


def _thinned(piece: Sequence[tuple[datetime, float]]) -> Sequence[tuple[datetime, float]]:
    """Return at most _POINTS of a line, its lowest among them: a dip must not vanish."""
    size = math.ceil(len(piece) / (_POINTS / 2))
    if size < 2:
        return piece
    found = []
    for start in range(0, len(piece), size):
        some = piece[start : start + size]
        found += sorted({some[0], min(some, key=lambda one: one[1])})
    return [*found, piece[-1]]


def _touches(period: Period, window: Period) -> bool:
    return period.starts_at <= window.ends_at and period.ends_at >= window.starts_at


def _midnights(window: Period, zone: tzinfo, most: int) -> list[datetime]:
    """Return midnights of a window in a zone, evenly, so many at most."""
    first = window.starts_at.astimezone(zone).date() + timedelta(days=1)
    last = window.ends_at.astimezone(zone).date()
    step = max(1, math.ceil(((last - first).days + 1) / most))
    days = [first + timedelta(days=at) for at in range(0, (last - first).days + 1, step)]
    return [datetime.combine(one, time(), tzinfo=zone).astimezone(UTC) for one in days]


def _day(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b}"


def _rows(
    points: Sequence[tuple[datetime, float]],
    window: Period,
    zone: tzinfo,
    deployed: Iterable[Mark],
) -> tuple[BurnDownRow, ...]:
    """Return what was left at the last measurement of each day, the newest first."""
    marks = sorted(one.period.starts_at for one in deployed)
    ends = [*_midnights(window, zone, _ROWS), window.ends_at + timedelta(microseconds=1)]
    found, at, marked = [], 0, 0
    for end in ends:
        start = at
        while at < len(points) and points[at][0] < end:
            at += 1
        if at > start:
            until = bisect_left(marks, end)
            found.append(BurnDownRow(*points[at - 1], tuple(marks[marked:until])))
            marked = until
    return tuple(reversed(found))
