"""Charts as inline SVG: no script, no network, readable in black and white and by screen readers.

Each chart has a title and a description; the figures themselves stand in the table beside it.
"""

from html import escape
from itertools import count

from andon.cli.plan.page import BarChart, Chart, Curve

_WIDTH, _LABEL, _ROW, _BAR = 720, 190, 26, 16
_HEIGHT, _LEFT, _BOTTOM, _TOP = 300, 110, 40, 16
_ids = count(1)


def svg(chart: Chart) -> str:
    """Return a chart as an SVG element."""
    return _bars(chart) if isinstance(chart, BarChart) else _curve(chart)


def _bars(chart: BarChart) -> str:
    most = max((value for _, values in chart.series for value in values), default=0) or 1
    room = _WIDTH - _LABEL - 150
    per_label = len(chart.series)
    height = len(chart.labels) * (per_label * _ROW + 6) + (24 if per_label > 1 else 8)
    parts, y = [], 4
    for place, label in enumerate(chart.labels):
        middle = y + per_label * _ROW / 2 + 1
        parts.append(_text(_LABEL - 8, middle, _short(label), anchor="end"))
        for number, (_, values) in enumerate(chart.series):
            width = max(values[place], 0) / most * room
            kind = f"bar s{number}"
            parts.append(
                f'<rect class="{kind}" x="{_LABEL}" y="{y + 5}" width="{width:.1f}" '
                f'height="{_BAR}"/>'
            )
            words = chart.words[number][place]
            parts.append(_text(_LABEL + width + 6, y + 14, words))
            y += _ROW
        y += 6
    if per_label > 1:
        x = _LABEL
        for number, (name, _) in enumerate(chart.series):
            kind = f"bar s{number}"
            parts.append(f'<rect class="{kind}" x="{x}" y="{y + 2}" width="12" height="12"/>')
            parts.append(_text(x + 18, y + 9, name))
            x += 30 + 8 * len(name)
    said = "; ".join(
        f"{label}: {', '.join(words[place] for words in chart.words)}"
        for place, label in enumerate(chart.labels[:12])
    )
    return _svg(chart.title, said, _WIDTH, height, parts)


def _curve(chart: Curve) -> str:
    xs, ys = [point[0] for point in chart.points], [point[1] for point in chart.points]
    low, high = min(xs), max(xs)
    top = max(ys) or 1
    wide, tall = _WIDTH - _LEFT - 24, _HEIGHT - _TOP - _BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        across = (x - low) / ((high - low) or 1)
        return _LEFT + across * wide, _TOP + (1 - y / top) * tall

    line = " ".join("{:.1f},{:.1f}".format(*at(x, y)) for x, y, _, _ in chart.points)
    floor = _HEIGHT - _BOTTOM
    parts = [
        f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{_WIDTH - 24}" y2="{floor}"/>',
        f'<line class="axis" x1="{_LEFT}" y1="{_TOP}" x2="{_LEFT}" y2="{floor}"/>',
        f'<polyline class="line" points="{line}"/>',
        _text(_LEFT + wide / 2, _HEIGHT - 6, chart.across, anchor="middle"),
        _text(4, _TOP + 2, chart.up),
    ]
    step = max(len(chart.points) // 6, 1)
    for number, (x, y, words_x, words_y) in enumerate(chart.points[::step]):
        px, py = at(x, y)
        parts.append(f'<circle class="dot" cx="{px:.1f}" cy="{py:.1f}" r="3.5"/>')
        parts.append(_text(px, floor + 16, words_x, anchor="middle"))
        # The first would leave the picture on the left.
        side, anchor = (8, "start") if not number else (-8, "end")
        parts.append(_text(px + side, py - 10, words_y, anchor=anchor))
    first, last = chart.points[0], chart.points[-1]
    said = f"from {first[3]} at {first[2]} to {last[3]} at {last[2]}"
    return _svg(chart.title, said, _WIDTH, _HEIGHT, parts)


def _svg(title: str, said: str, width: int, height: float, parts: list[str]) -> str:
    number = next(_ids)
    return (
        f'<svg role="img" viewBox="0 0 {width} {height:.0f}" xmlns="http://www.w3.org/2000/svg" '
        f'aria-labelledby="chart-{number}-t chart-{number}-d">'
        f'<title id="chart-{number}-t">{escape(title)}</title>'
        f'<desc id="chart-{number}-d">{escape(said)}</desc>{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
        f'dominant-baseline="middle">{escape(words)}</text>'
    )


def _short(text: str) -> str:
    return text if len(text) <= 26 else f"{text[:25]}…"
