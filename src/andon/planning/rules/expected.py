"""What an incident of a service loses on average, with and without somebody to wake up.

Exact over the start within the week, because for a given time to restore the loss is piecewise
linear in the start; by quadrature over the lognormal time to restore, its error stated.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise

from andon.planning.rules.exact import to_float
from andon.planning.rules.week import ALWAYS, WEEK, Profile, Spans, factors, profile, working_spans
from andon.planning.types import Insured, Stretch

#: Grids are refined until two of them agree this well; their distance is the stated error.
_FINEST = 1 / 32
_CLOSE_ENOUGH = 1e-4


@dataclass(frozen=True, slots=True)
class Expectation:
    """An expected loss of one incident in major units of money, and the quadrature's error."""

    value: float
    error: float


def loss_per_incident(
    *, service: Insured, covered: bool, hours: Spans | None = None, fixed: bool = True
) -> Expectation:
    """Return the expected loss of one incident, over all starts in the week and in the year.

    Without cover an incident waits for the next working minute; with it, nobody waits. `hours`
    replaces the supported minutes. `fixed=False` leaves the fixed cost of an incident out.
    """
    supported = ALWAYS if covered else working_spans(service.working_hours)
    rate = to_float(service.exposure_per_hour) * float(service.fraction) / 60
    once = to_float(service.fixed_cost) if fixed and service.fixed_cost else 0.0
    cap = to_float(service.cap) if service.cap else math.inf
    value = error = 0.0
    for share, factor in factors(service.seasons):
        money = rate * factor
        if not money:
            value += share * min(cap, once)
            continue
        found = average(
            week=service.week,
            supported=supported if hours is None else hours,
            mean=service.time_to_restore / timedelta(minutes=1),
            sigma=float(service.sigma),
            shuttered=float(service.shuttered_share),
            fixed=once / money,
            cap=cap / money,
        )
        value += share * money * found.value
        error += share * money * found.error
    return Expectation(value, error)


@lru_cache(maxsize=16_384)
def average(
    *,
    week: tuple[Stretch, ...],
    supported: Spans,
    mean: float,
    sigma: float,
    shuttered: float,
    fixed: float,
    cap: float,
) -> Expectation:
    """Return the expected loss of one incident in minutes of average exposure.

    Raises ValueError when nobody is ever at work: the wait would have no end.
    """
    if not supported:
        raise ValueError("nobody is ever at work")
    if not week and math.isinf(cap):
        return Expectation(fixed + mean + shuttered * average_wait(supported), 0.0)
    shape = profile(week)
    scene = _Scene(shape, supported, shuttered, fixed, cap)
    if not sigma:
        return Expectation(scene.loss(mean), 0.0)
    mu = math.log(mean) - sigma * sigma / 2
    # The weight of the loss lies around sigma, not 0: long incidents are rare and dear.
    grid = _Grid(-8.0, 8.0 + 2 * sigma, lambda z: scene.loss(math.exp(mu + sigma * z)))
    coarse, step = grid.sum(0.5), 0.25
    while True:
        fine = grid.sum(step)
        error = abs(fine - coarse)
        if error <= _CLOSE_ENOUGH * abs(fine) or step <= _FINEST:
            return Expectation(fine, error)
        coarse, step = fine, step / 2


@lru_cache(maxsize=1024)
def average_wait(supported: Spans) -> float:
    """Return how many minutes a start anywhere in the week waits for support, on average."""
    gaps = [after[0] - before[1] for before, after in pairwise(supported)]
    gaps.append(supported[0][0] + WEEK - supported[-1][1])
    return sum(gap * gap for gap in gaps) / 2 / WEEK


class _Grid:
    """The trapezoid rule under the normal density, remembering the points it has been to."""

    def __init__(self, low: float, high: float, value: Callable[[float], float]) -> None:
        self.low, self.high, self.value = low, high, value
        self.known: dict[float, float] = {}

    def sum(self, step: float) -> float:
        count = round((self.high - self.low) / step)
        total = weight = 0.0
        for number in range(count + 1):
            z = self.low + number * step
            density = math.exp(-z * z / 2)
            if z not in self.known:
                self.known[z] = self.value(z)
            total += density * self.known[z]
            weight += density
        return total / weight


class _Scene:
    """Everything of a service but its time to restore."""

    def __init__(
        self, shape: Profile, supported: Spans, shuttered: float, fixed: float, cap: float
    ) -> None:
        self.shape, self.fixed, self.cap = shape, fixed, cap
        self.supported = supported
        #: By when support begins: pieces of (loss while waiting at both ends, length).
        self.waiting: dict[float, list[tuple[float, float, float]]] = {}
        edges = {0.0, float(WEEK), *shape.edges}
        edges |= {float(edge) for span in supported for edge in span}
        for start, end in pairwise(sorted(edges)):
            opens = self._opens((start + end) / 2)
            if opens is not None:
                first, last = (shuttered * shape.between(at, opens) for at in (start, end))
                self.waiting.setdefault(opens, []).append((first, last, end - start))

    def loss(self, repair: float) -> float:
        """Return the average over all starts for one time to restore."""
        area = self._answered(repair)
        for opens, pieces in self.waiting.items():
            mending = self.fixed + self.shape.between(opens, opens + repair)
            for first, last, width in pieces:
                area += _capped(mending + first, mending + last, width, self.cap)
        return area / WEEK

    def _answered(self, repair: float) -> float:
        """Return the area over the starts at which somebody answers at once."""
        edges = {*self.shape.edges, *((edge - repair) % WEEK for edge in self.shape.edges)}
        ordered, area = sorted(edges), 0.0
        for start, end in self.supported:
            points = [start, *(edge for edge in ordered if start < edge < end), end]
            losses = [self.fixed + self.shape.between(at, at + repair) for at in points]
            for place in range(len(points) - 1):
                width = points[place + 1] - points[place]
                area += _capped(losses[place], losses[place + 1], width, self.cap)
        return area

    def _opens(self, at: float) -> float | None:
        """Return when support next begins, or None when it is there."""
        for start, end in self.supported:
            if at < start:
                return float(start)
            if at < end:
                return None
        return float(self.supported[0][0] + WEEK)


def _capped(first: float, last: float, width: float, cap: float) -> float:
    """Return the area under `min(cap, line)`."""
    low, high = min(first, last), max(first, last)
    if high <= cap:
        return (low + high) / 2 * width
    if low >= cap:
        return cap * width
    below = (cap - low) / (high - low) * width
    return (low + cap) / 2 * below + cap * (width - below)


def incident_loss(*, service: Insured, starts: float, lasts: timedelta) -> float:
    """Return what one incident of an ordinary season loses: `min(cap, f x integral + c)`.

    `starts` counts minutes from Monday 00:00. In major units of money.
    """
    minutes = lasts / timedelta(minutes=1)
    rate = to_float(service.exposure_per_hour) * float(service.fraction) / 60
    lost = rate * profile(service.week).between(starts, starts + minutes)
    lost += to_float(service.fixed_cost) if service.fixed_cost else 0.0
    return min(to_float(service.cap), lost) if service.cap else lost
