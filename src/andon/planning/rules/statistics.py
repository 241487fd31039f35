"""What may be said about few incidents: intervals, summaries that hold, and when to say nothing."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from andon.planning.rules.special import gamma_quantile

#: Below this many incidents they are listed, not summarised.
LEAST_TO_SUMMARISE = 5
_TWO_SIDED = 0.975


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% interval, or one of another stated width."""

    low: float
    high: float


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
