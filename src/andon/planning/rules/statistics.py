"""What may be said about few incidents: intervals, summaries that hold, and when to say nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from andon.planning.rules.special import gamma_quantile, t_quantile

#: Below this many incidents they are listed, not summarised.
LEAST_TO_SUMMARISE = 5
_TWO_SIDED = 0.975
_POWER = 0.80


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% interval, or one of another stated width."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Restoring:
    """Times to restore, summarised on the log scale: durations are close to log-normal."""

    count: int
    geometric_mean: float
    interval: Interval
    p85: float


@dataclass(frozen=True, slots=True)
class Trend:
    """Whether a later period differs from an earlier one, in words; `arrow` only when it does."""

    #: Later over earlier.
    ratio: float | None
    interval: Interval | None
    arrow: str
    words: str


def wilson(*, successes: int, trials: int) -> Interval:
    """Return the interval of a ratio (E. B. Wilson, 1927). Without trials: anything, 0 to 1."""
    if not trials:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(_TWO_SIDED)
    share = successes / trials
    middle = share + z * z / (2 * trials)
    reach = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    below = 1 + z * z / trials
    low = 0.0 if not successes else (middle - reach) / below
    high = 1.0 if successes == trials else (middle + reach) / below
    return Interval(low, high)


def poisson(*, count: int) -> Interval:
    """Return the exact interval of a count's mean (F. Garwood, 1936)."""
    low = gamma_quantile(1 - _TWO_SIDED, count) if count else 0.0
    return Interval(low, gamma_quantile(_TWO_SIDED, count + 1))


def restoring(*, minutes: Sequence[float]) -> Restoring | None:
    """Return the summary of times to restore; None when there are too few, or one is not positive.

    The arithmetic mean misleads at usual counts (Davidovic, Incident Metrics in SRE, 2021).
    """
    if len(minutes) < LEAST_TO_SUMMARISE or min(minutes) <= 0:
        return None
    logs = [math.log(one) for one in minutes]
    middle, count = fmean(logs), len(logs)
    reach = t_quantile(_TWO_SIDED, count - 1) * stdev(logs) / math.sqrt(count)
    interval = Interval(math.exp(middle - reach), math.exp(middle + reach))
    return Restoring(count, math.exp(middle), interval, _percentile(sorted(minutes), 0.85))


def needed_count(*, sigma: float, ratio: float) -> int:
    """Return the incidents per period needed to see times to restore change by a ratio.

    Two-sided 5%, power 80%, on the log scale. `ratio` is new over old, such as 0.5 for halved.
    """
    normal = NormalDist()
    z = normal.inv_cdf(_TWO_SIDED) + normal.inv_cdf(_POWER)
    return math.ceil(2 * (z * sigma / math.log(ratio)) ** 2)


def trend(*, earlier: Sequence[float], later: Sequence[float]) -> Trend:
    """Return whether times to restore changed; an arrow only if "no change" is excluded."""
    counts = len(earlier), len(later)
    if min(counts) < 2 or min(*earlier, *later) <= 0:
        return Trend(None, None, "", _too_few(min(counts), 1.0))
    first, second = ([math.log(one) for one in part] for part in (earlier, later))
    change = fmean(second) - fmean(first)
    errors = [stdev(part) ** 2 / len(part) for part in (first, second)]
    spread = math.sqrt(sum(errors))
    if not spread:
        return Trend(math.exp(change), None, "", _too_few(min(counts), 1.0))
    # Welch and Satterthwaite: the two periods need not scatter alike.
    freedom = sum(errors) ** 2 / sum(
        error**2 / (count - 1) for error, count in zip(errors, counts, strict=True) if error
    )
    reach = t_quantile(_TWO_SIDED, freedom) * spread
    interval = Interval(math.exp(change - reach), math.exp(change + reach))
    if interval.low <= 1 <= interval.high:
        sigma = math.sqrt(sum(stdev(part) ** 2 for part in (first, second)) / 2)
        return Trend(math.exp(change), interval, "", _too_few(min(counts), sigma))
    arrow = "down" if interval.high < 1 else "up"
    return Trend(math.exp(change), interval, arrow, f"times to restore went {arrow}")


def kendall(*, values: Sequence[float]) -> float | None:
    """Return Kendall's tau of a series against time, ties counted half; None below two values."""
    pairs = [(i, j) for j in range(len(values)) for i in range(j)]
    if not pairs:
        return None
    signs = sum((values[j] > values[i]) - (values[j] < values[i]) for i, j in pairs)
    return signs / len(pairs)


def _too_few(count: int, sigma: float) -> str:
    need = needed_count(sigma=sigma, ratio=0.5) if sigma else LEAST_TO_SUMMARISE
    return f"not enough data (n = {count}, need about {need} to see a halving)"


def _percentile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
