"""What an incident of a service loses on average, with and without somebody to wake up.

Exact over the start within the week, because for a given time to restore the loss is piecewise
linear in the start; by quadrature over the lognormal time to restore, its error stated.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import pairwise

from andon.planning.rules.exact import to_float
from andon.planning.rules.week import (
    EVERY_MINUTE,
    WEEK,
    Spans,
    WeekProfile,
    Weeks,
    factors,
    profile,
    weeks,
)
from andon.planning.types import Insured, Stretch

#: Panels are halved until their stated errors add up to this share of the value.
_CLOSE_ENOUGH = 1e-5
_MINUTE = timedelta(minutes=1)
_MOST_PANELS = 48
_NOW = -1.0
#: Gauss and Kronrod's points on (-1, 1), from the middle outwards, with both their weights.
_KRONROD = (
    (0.0, 0.209482141084728, 0.417959183673469),
    (0.207784955007898, 0.204432940075298, 0.0),
    (0.405845151377397, 0.190350578064785, 0.381830050505119),
    (0.586087235467691, 0.169004726639267, 0.0),
    (0.741531185599394, 0.140653259715525, 0.279705391489277),
    (0.864864423359769, 0.104790010322250, 0.0),
    (0.949107912342759, 0.063092092629979, 0.129484966168870),
    (0.991455371120813, 0.022935322010529, 0.0),
)


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """An expected loss of one incident in major units of money, and the quadrature's error."""

    value: float
    error: float


def loss_per_incident(
    *,
    service: Insured,
    covered: bool,
    origin: Insured | None = None,
    hours: Weeks | None = None,
    fixed: bool = True,
) -> ExpectedLoss:
    """Return the expected loss of one incident, over all starts in the week and in the year.

    Without cover an incident waits for the next working minute; with it, nobody waits. `origin` is
    the service it starts at, whose team mends it and whose cover `covered` speaks of; the service
    itself by default. `hours` replaces the supported minutes. `fixed=False` leaves the fixed cost
    of an incident out.
    """
    cause = origin or service
    supported = EVERY_MINUTE if covered else _supported(cause)
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
            mean=cause.time_to_restore / _MINUTE,
            sigma=float(cause.sigma),
            shuttered=float(service.shuttered_share),
            fixed=once / money,
            cap=cap / money,
        )
        value += share * money * found.value
        error += share * money * found.error
    return ExpectedLoss(value, error)


@dataclass(frozen=True, slots=True)
class IncidentLoad:
    """What many incidents bring in a year: their number, minutes of mending, minutes of waiting."""

    incidents: float
    mending: float
    waiting: float


def load(causes: Iterable[tuple[Insured, float]], *, covered: bool) -> IncidentLoad:
    """Return what causes bring, each with its incidents a year."""
    known = list(causes)
    return IncidentLoad(
        incidents=math.fsum(rate for _, rate in known),
        mending=math.fsum(rate * (one.time_to_restore / _MINUTE) for one, rate in known),
        waiting=0.0
        if covered
        else math.fsum(rate * average_wait(_supported(one)) for one, rate in known),
    )


def is_straight(service: Insured, *, covered: bool) -> bool:
    """Return whether what incidents cost a service depends on their minutes alone."""
    return service.cap is None and (covered or not service.week)


@dataclass(frozen=True, slots=True)
class Slope:
    """What services lose whose loss is straight, in major units of money."""

    per_minute: float
    per_waiting_minute: float
    per_incident: float

    def loss(self, held: IncidentLoad) -> float:
        """Return what so many incidents of so many minutes lose."""
        waiting = self.per_waiting_minute * held.waiting
        return self.per_minute * held.mending + waiting + self.per_incident * held.incidents


def slope(services: Iterable[Insured]) -> Slope:
    """Return what services lose together, each of whose loss is straight."""
    known = [(one, _per_minute(one)) for one in services]
    return Slope(
        per_minute=math.fsum(lost for _, lost in known),
        per_waiting_minute=math.fsum(float(one.shuttered_share) * lost for one, lost in known),
        per_incident=math.fsum(to_float(one.fixed_cost) for one, _ in known if one.fixed_cost),
    )


def _per_minute(service: Insured) -> float:
    season = math.fsum(share * factor for share, factor in factors(service.seasons))
    return to_float(service.exposure_per_hour) * float(service.fraction) / 60 * season


def _supported(service: Insured) -> Weeks:
    """Return when its team is at work. Raises ValueError when it never is."""
    found = weeks(service.working_hours, service.holidays)
    if not found[0][1]:
        raise ValueError("nobody is ever at work")
    return found


@lru_cache(maxsize=65_536)
def average(
    *,
    week: tuple[Stretch, ...],
    supported: Weeks,
    mean: float,
    sigma: float,
    shuttered: float,
    fixed: float,
    cap: float,
) -> ExpectedLoss:
    """Return the expected loss of one incident in minutes of average exposure.

    Raises ValueError when nobody is ever at work: the wait would have no end.
    """
    if not supported:
        raise ValueError("nobody is ever at work")
    if not week and math.isinf(cap):
        return ExpectedLoss(fixed + mean + shuttered * average_wait(supported), 0.0)
    if supported == EVERY_MINUTE and math.isinf(cap):
        # Whatever the profile, a start at any minute alike meets the average.
        return ExpectedLoss(fixed + mean, 0.0)
    scene = _Scene(profile(week), supported, shuttered, fixed, cap)
    if not sigma or not mean:
        return ExpectedLoss(scene.loss(mean), 0.0)
    return _over_repairs(scene, mean, sigma)


def _over_repairs(scene: "_Scene", mean: float, sigma: float) -> ExpectedLoss:
    """Return the average over lognormal times to restore."""
    mu = math.log(mean) - sigma * sigma / 2
    # The weight of the loss lies around sigma, not 0: long incidents are rare and dear.
    low, high, value = -6.5, 6.5 + sigma, 0.0
    linear, full = scene.bounds()
    if linear > 0:
        # Shorter ones never reach the cap: their loss is that of average exposure.
        bends = (math.log(linear) - mu) / sigma
        value += scene.fixed * _normal(bends) + mean * _normal(bends - sigma)
        low = min(max(low, bends), high)
    if full < math.inf:
        # Longer ones always do.
        filled = (math.log(full) - mu) / sigma
        if filled < low:
            return ExpectedLoss(scene.cap, 0.0)
        value += scene.cap * _normal(-filled)
        high = max(min(high, filled), low)

    def density(z: float) -> float:
        return scene.loss(math.exp(mu + sigma * z)) * math.exp(-z * z / 2)

    found = _integral(density, low, high, value * math.sqrt(2 * math.pi))
    scale = 1 / math.sqrt(2 * math.pi)
    return ExpectedLoss(value + found.value * scale, found.error * scale)


def _normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def _integral(
    function: Callable[[float], float], low: float, high: float, known: float
) -> ExpectedLoss:
    """Return an integral by Gauss and Kronrod, halving the worst panel; `known` adds to it."""
    if low >= high:
        return ExpectedLoss(0.0, 0.0)
    count = max(1, math.ceil((high - low) / 4.5))
    edges = [low + (high - low) * place / count for place in range(count + 1)]
    panels = [_panel(function, start, end) for start, end in pairwise(edges)]
    heapify(panels)
    value, error = sum(one[1] for one in panels), -sum(one[0] for one in panels)
    while error > _CLOSE_ENOUGH * abs(value + known) and len(panels) < _MOST_PANELS:
        wrong, area, start, end = heappop(panels)
        middle = (start + end) / 2
        for half in (_panel(function, start, middle), _panel(function, middle, end)):
            heappush(panels, half)
            value, error = value + half[1], error - half[0]
        value, error = value - area, error + wrong
    return ExpectedLoss(value, max(error, 0.0))


def _panel(
    function: Callable[[float], float], low: float, high: float
) -> tuple[float, float, float, float]:
    """Return (minus the error, the area, low, high) of one panel."""
    middle, half = (low + high) / 2, (high - low) / 2
    fine = coarse = 0.0
    for at, kronrod, gauss in _KRONROD:
        found = function(middle + half * at)
        if at:
            found += function(middle - half * at)
        fine += kronrod * found
        coarse += gauss * found
    return -abs(fine - coarse) * half, fine * half, low, high


@lru_cache(maxsize=1024)
def average_wait(supported: Weeks) -> float:
    """Return how many minutes a start anywhere in a year waits for support, on average."""
    return math.fsum(float(share) * _wait(spans) for share, spans in supported)


def _wait(supported: Spans) -> float:
    gaps = [after[0] - before[1] for before, after in pairwise(supported)]
    gaps.append(supported[0][0] + WEEK - supported[-1][1])
    return sum(gap * gap for gap in gaps) / 2 / WEEK


class _Scene:
    """Everything of a service but its time to restore."""

    def __init__(
        self, shape: WeekProfile, supported: Weeks, shuttered: float, fixed: float, cap: float
    ) -> None:
        self.shape, self.fixed, self.cap = shape, fixed, cap
        edges = {0.0, float(WEEK), *shape.edges}
        edges |= {float(edge) for _, spans in supported for span in spans for edge in span}
        #: Where the loss may bend, with the exposure so far: of a start there, and of an end there.
        self.starts = [(at, shape.until(at)) for at in sorted(edges)]
        self.ends = list(zip(shape.edges, shape.totals, strict=True))
        #: Until when, and in which share of weeks, somebody answers at once.
        self.answered: list[tuple[float, float]] = []
        #: By when support begins: pieces of (loss while waiting at both ends, length). A piece of
        #: some weeks only is as much shorter.
        self.waiting: dict[float, list[tuple[float, float, float]]] = {}
        for start, end in pairwise(sorted(edges)):
            begins: dict[float, float] = {}
            for share, spans in supported:
                opens = _opens(spans, (start + end) / 2)
                begins[opens] = begins.get(opens, 0.0) + float(share)
            self.answered.append((end, begins.pop(_NOW, 0.0)))
            for opens, part in begins.items():
                first, last = (shuttered * shape.between(at, opens) for at in (start, end))
                self.waiting.setdefault(opens, []).append((first, last, (end - start) * part))

    def bounds(self) -> tuple[float, float]:
        """Return up to which time to restore the cap never bites, and from which it always does.

        0 where waiting makes the former unknown, infinity where there is no cap.
        """
        room = max(self.cap - self.fixed, 0.0)
        if math.isinf(room):
            return 0.0, math.inf
        never = 0.0 if self.waiting else room / max(self.shape.heights)
        lowest = min(self.shape.heights)
        # Any whole week holds a week of average exposure, wherever it starts.
        always = math.ceil(room / WEEK) * WEEK if room else 1e-9
        return never, min(always, room / lowest if lowest and room else always)

    def loss(self, repair: float) -> float:
        """Return the average over all starts for one time to restore."""
        area = self._answered(repair)
        for opens, pieces in self.waiting.items():
            mending = self.fixed + self.shape.between(opens, opens + repair)
            for first, last, width in pieces:
                area += _capped(mending + first, mending + last, width, self.cap)
        return area / WEEK

    def _answered(self, repair: float) -> float:
        """Return the area over the starts at which somebody answers at once.

        Between bends the loss is a straight line of the start: its ends say everything.
        """
        until, fixed, cap = self.shape.until, self.fixed, self.cap
        points = [(at, until(at + repair) - total) for at, total in self.starts]
        for end, total in self.ends:
            weeks, at = divmod(end - repair, WEEK)
            points.append((at, total - weeks * WEEK - until(at)))
        points.sort()
        area, pieces = 0.0, iter(self.answered)
        end, share = next(pieces)
        for (at, lost), (then, after) in pairwise(points):
            while end <= at:
                end, share = next(pieces, (math.inf, 0.0))
            if share and then > at:
                area += _capped(fixed + lost, fixed + after, (then - at) * share, cap)
        return area


def _opens(supported: Spans, at: float) -> float:
    """Return when support next begins in a week, or _NOW when it is there."""
    for start, end in supported:
        if at < start:
            return float(start)
        if at < end:
            return _NOW
    return float(supported[0][0] + WEEK)


def _capped(first: float, last: float, width: float, cap: float) -> float:
    """Return the area under `min(cap, line)`."""
    low, high = min(first, last), max(first, last)
    if high <= cap:
        return (low + high) / 2 * width
    if low >= cap:
        return cap * width
    below = (cap - low) / (high - low) * width
    return (low + cap) / 2 * below + cap * (width - below)
