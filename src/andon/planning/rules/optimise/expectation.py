"""The expected loss of an incident for thousands of services: `expected`, as arrays.

The same exact integral over the start, and quadrature over the time to restore, done for all
times to restore at once; `expected` does it one by one and needs no NumPy. A test holds them equal.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from andon.planning.rules.exact import to_float
from andon.planning.rules.week import ALWAYS, WEEK, Profile, Spans, factors, profile, working_spans
from andon.planning.types import Insured, Stretch

Floats = NDArray[np.float64]
_STEP = 1 / 16


def expected_loss(*, service: Insured, origin: Insured, covered: bool) -> float:
    """Return what an incident that starts at `origin` loses `service` on average, in major units.

    Origin and service are the same for a service's own incidents. `covered` says whether the
    origin's team is woken: it is the one that mends it.
    """
    money = to_float(service.exposure_per_hour) * float(service.fraction) / 60
    once = to_float(service.fixed_cost) if service.fixed_cost else 0.0
    cap = to_float(service.cap) if service.cap else math.inf
    spans = ALWAYS if covered else working_spans(origin.working_hours)
    total = 0.0
    for share, factor in factors(service.seasons):
        rate = money * factor
        if not rate:
            total += share * min(cap, once)
            continue
        total += (
            share
            * rate
            * average(
                week=service.week,
                supported=spans,
                mean=origin.time_to_restore / timedelta(minutes=1),
                sigma=float(origin.sigma),
                shuttered=float(service.shuttered_share),
                fixed=once / rate,
                cap=cap / rate,
            )
        )
    return total


@lru_cache(maxsize=65_536)
def average(
    *,
    week: tuple[Stretch, ...],
    supported: Spans,
    mean: float,
    sigma: float,
    shuttered: float,
    fixed: float,
    cap: float,
) -> float:
    """Return the expected loss of one incident in minutes of average exposure.

    Raises ValueError when nobody is ever at work: the wait would have no end.
    """
    if not supported:
        raise ValueError("nobody is ever at work")
    if supported == ALWAYS and cap == math.inf:
        # Whatever the profile, a start at any minute alike meets the average.
        return fixed + mean
    repairs, weights = _nodes(mean, sigma)
    terms = _Terms(shuttered, fixed, cap)
    return float(_over_starts(profile(week), supported, terms, repairs) @ weights)


@dataclass(frozen=True, slots=True)
class _Terms:
    shuttered: float
    fixed: float
    cap: float


def _nodes(mean: float, sigma: float) -> tuple[Floats, Floats]:
    """Return times to restore and their weights, out to where the last one matters."""
    if not sigma or not mean:
        return np.array([mean]), np.ones(1)
    z = np.arange(-8.0, 8.0 + 2 * sigma + _STEP, _STEP)
    weights = np.exp(-z * z / 2)
    repairs = np.exp(math.log(mean) - sigma * sigma / 2 + sigma * z)
    return repairs, weights / weights.sum()


def _over_starts(shape: Profile, supported: Spans, terms: _Terms, repairs: Floats) -> Floats:
    """Return the average over all starts, for each time to restore.

    Between two edges of the profile, of its copy shifted by the repair, and of the working hours,
    the loss is a straight line of the start: its ends say everything.
    """
    edges = {0.0, float(WEEK), *shape.edges, *(float(edge) for span in supported for edge in span)}
    own = np.broadcast_to(np.array(sorted(edges)), (len(repairs), len(edges)))
    shifted = (np.array(shape.edges) - repairs[:, None]) % WEEK
    cuts = np.sort(np.concatenate((own, shifted), axis=1), axis=1)
    starts, ends = cuts[:, :-1], cuts[:, 1:]
    width = ends - starts
    repair = repairs[:, None]
    opens = _opens(supported, (starts + ends) / 2)
    waits = np.isfinite(opens)
    meets = np.where(waits, opens, 0.0)
    mend = _until(shape, meets + repair) - _until(shape, meets)
    until_open = _until(shape, meets)
    line = []
    for at in (starts, ends):
        here = _until(shape, at)
        now = _until(shape, at + repair) - here
        line.append(
            terms.fixed + np.where(waits, mend + terms.shuttered * (until_open - here), now)
        )
    areas: Floats = _capped(line[0], line[1], width, terms.cap).sum(axis=1) / WEEK
    return areas


def _opens(supported: Spans, at: Floats) -> Floats:
    """Return when support next begins; infinite where it is there."""
    spans = np.array(supported, dtype=np.float64)
    place = np.searchsorted(spans[:, 0], at, side="right")
    before = spans[np.maximum(place - 1, 0)]
    open_now = (place > 0) & (at < before[..., 1])
    following = np.append(spans[:, 0], spans[0, 0] + WEEK)[place]
    opens: Floats = np.where(open_now, math.inf, following)
    return opens


def _until(shape: Profile, at: Floats) -> Floats:
    weeks = np.floor(at / WEEK)
    inside = at - weeks * WEEK
    place = np.searchsorted(np.array(shape.edges), inside, side="right") - 1
    heights, totals = np.array(shape.heights), np.array(shape.totals)
    found: Floats = (
        weeks * WEEK + totals[place] + heights[place] * (inside - np.array(shape.edges)[place])
    )
    return found


def _capped(first: Floats, last: Floats, width: Floats, cap: float) -> Floats:
    """Return the area under `min(cap, line)`."""
    low, high = np.minimum(first, last), np.maximum(first, last)
    if cap == math.inf:
        return (low + high) / 2 * width
    span = np.where(high > low, high - low, 1.0)
    below = np.clip((cap - low) / span, 0.0, 1.0) * width
    below = np.where(high > low, below, np.where(high <= cap, width, 0.0))
    reached = np.minimum(high, cap)
    area: Floats = (low + reached) / 2 * below + cap * (width - below)
    return area
