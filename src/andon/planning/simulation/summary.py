"""From years of losses to figures with their simulation error."""

import math
from statistics import NormalDist

import numpy as np

from andon.core.money import Money, exponent
from andon.planning.rules.statistics import wilson
from andon.planning.simulation.exposure import Floats
from andon.planning.types import Chance, Estimate, LossPoint, Risk

_Z = NormalDist().inv_cdf(0.975)
_SHARES = (*(number / 100 for number in range(1, 100)), 0.995, 0.999)


def risk(
    *, slug: str, rate: float, losses: Floats, missed: int, months: int, currency: str
) -> Risk:
    """Return the figures of a year's loss, from one loss per simulated year in major units."""
    ordered = np.sort(losses)
    mean, deviation = float(ordered.mean()), _deviation(ordered)
    error = deviation / math.sqrt(len(ordered))
    return Risk(
        slug=slug,
        incidents_per_year=rate,
        mean=_estimate(mean, error, currency),
        p50=_percentile(ordered, 0.50, currency),
        p95=_percentile(ordered, 0.95, currency),
        p99=_percentile(ordered, 0.99, currency),
        tvar95=_tail(ordered, 0.95, currency),
        deviation=_money(deviation, currency),
        miss=_chance(missed, months),
    )


def curve(*, losses: Floats, currency: str) -> tuple[LossPoint, ...]:
    """Return the loss that is not exceeded in so many of all years, for a chart."""
    ordered = np.sort(losses)
    return tuple(
        LossPoint(share, _money(float(ordered[_rank(len(ordered), share)]), currency))
        for share in _SHARES
    )


def _percentile(ordered: Floats, share: float, currency: str) -> Estimate:
    """Return an order statistic; its interval is the binomial one of its rank."""
    count = len(ordered)
    reach = _Z * math.sqrt(count * share * (1 - share))
    low = max(math.floor(count * share - reach) - 1, 0)
    high = min(math.ceil(count * share + reach), count - 1)
    places = (_rank(count, share), low, high)
    return Estimate(*(_money(float(ordered[place]), currency) for place in places))


def _tail(ordered: Floats, share: float, currency: str) -> Estimate:
    """Return the mean from a percentile up (variance: Manistre and Hancock, 2005)."""
    start = float(ordered[_rank(len(ordered), share)])
    tail = ordered[np.searchsorted(ordered, start) :]
    mean = float(tail.mean())
    spread = float(tail.var()) + share * (mean - start) ** 2
    return _estimate(mean, math.sqrt(spread / len(tail)), currency)


def _rank(count: int, share: float) -> int:
    """Return the place of the least value that at least this share does not exceed."""
    return max(math.ceil(round(count * share, 6)) - 1, 0)


def _deviation(ordered: Floats) -> float:
    return float(ordered.std(ddof=1)) if len(ordered) > 1 else 0.0


def _chance(successes: int, trials: int) -> Chance:
    interval = wilson(successes=successes, trials=trials)
    return Chance(successes / trials, interval.low, interval.high)


def _estimate(value: float, error: float, currency: str) -> Estimate:
    reach = _Z * error
    return Estimate(*(_money(one, currency) for one in (value, value - reach, value + reach)))


def _money(major: float, currency: str) -> Money:
    return Money(round(major * 10 ** exponent(currency)), currency)
