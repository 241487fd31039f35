"""The frequency-severity model in closed form, and its calibration from what was seen.

Standard actuarial loss model (P. Shevchenko, arXiv:1008.1108): Poisson incidents, lognormal times
to restore. Floating point: these are expectations, not bills.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from andon.planning.rules.special import gamma_quantile

_MOST_DISPERSION = 10.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Incidents a year, as a Gamma distribution."""

    shape: float
    rate: float

    @property
    def mean(self) -> float:
        """Return the expected incidents a year."""
        return self.shape / self.rate

    def interval(self, share: float = 0.90) -> tuple[float, float]:
        """Return the bounds between which the rate lies with this probability."""
        tail = (1 - share) / 2
        low, high = gamma_quantile(tail, self.shape), gamma_quantile(1 - tail, self.shape)
        return low / self.rate, high / self.rate


@dataclass(frozen=True, slots=True)
class OutageSeverity:
    """Times to restore, lognormal: mean in minutes, and sigma of their logarithm."""

    mean_minutes: float
    sigma: float

    @property
    def mu(self) -> float:
        """Return the mean of the logarithm of the minutes."""
        return math.log(self.mean_minutes) - self.sigma**2 / 2


def prior(*, incidents_per_year: float, years: float) -> Rate:
    """Return the rate nobody has seen yet: this mean, worth so many years of observation."""
    return Rate(incidents_per_year * years, years)


def calibrate(*, before: Rate, incidents: int, years: float) -> Rate:
    """Return the rate after so many incidents in so many years."""
    return Rate(before.shape + incidents, before.rate + years)


def calibrate_severity(
    *, before: OutageSeverity, log_minutes: Sequence[float], weight: float = 5.0
) -> OutageSeverity:
    """Return times to restore after those seen: normal-inverse-gamma on the log scale.

    `weight` is how many incidents the prior is worth. The result is the posterior's expected mu and
    expected sigma squared, so few incidents move it little.
    """
    if not log_minutes:
        return before
    count, seen = len(log_minutes), fmean(log_minutes)
    mu = (weight * before.mu + count * seen) / (weight + count)
    shape = weight / 2 + 1
    scale = (shape - 1) * before.sigma**2
    scale += sum((one - seen) ** 2 for one in log_minutes) / 2
    scale += weight * count * (seen - before.mu) ** 2 / (2 * (weight + count))
    sigma_squared = scale / (shape + count / 2 - 1)
    return OutageSeverity(math.exp(mu + sigma_squared / 2), math.sqrt(sigma_squared))


def calibrate_among(
    *,
    before: OutageSeverity,
    log_minutes: Sequence[float],
    siblings: Sequence[float],
    weight: float = 5.0,
) -> OutageSeverity:
    """Return times to restore after those seen, shrunk towards the siblings of the domain.

    What siblings saw moves the prior at most half way, however much they saw: what is declared of
    the service itself keeps its say. The service's own incidents then move it as ever.
    """
    among = calibrate_severity(
        before=before, log_minutes=siblings, weight=max(weight, len(siblings))
    )
    return calibrate_severity(before=among, log_minutes=log_minutes, weight=weight)


def dispersion(*, counts: Sequence[int]) -> float:
    """Return the variance of the rate over its mean squared; 0 where counts are like Poisson's.

    By moments: a negative binomial has variance `mean + dispersion x mean squared`. Bounded,
    because few counts can ask for anything.
    """
    if not is_overdispersed(counts=counts):
        return 0.0
    mean = fmean(counts)
    return min((variance(counts) - mean) / mean**2, _MOST_DISPERSION)


def is_overdispersed(*, counts: Sequence[int]) -> bool:
    """Return whether counts scatter more than Poisson counts would (index of dispersion, 97.5%)."""
    if len(counts) < 5 or not sum(counts):
        return False
    index = variance(counts) / fmean(counts) * (len(counts) - 1)
    return index > 2 * gamma_quantile(0.975, (len(counts) - 1) / 2)
