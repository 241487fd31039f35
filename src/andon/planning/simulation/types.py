"""What a simulation says: figures with their simulation error, never a bare number."""

from dataclasses import dataclass

from andon.core.money import Money


@dataclass(frozen=True, slots=True)
class Estimate:
    """An amount of money and the 95% interval the simulation leaves it in."""

    value: Money
    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability and the 95% interval (Wilson) the simulation leaves it in."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Risk:
    """The loss of a year, of one service or of the whole portfolio."""

    #: Empty for the portfolio.
    slug: str
    #: Incidents a year, those of hard dependencies included; for the portfolio each one once.
    incidents_per_year: float
    mean: Estimate
    p50: Estimate
    p95: Estimate
    p99: Estimate
    #: Mean of the years at or above p95.
    tvar95: Estimate
    deviation: Money
    #: Probability of missing the availability target in a 30-day month; for the portfolio that at
    #: least one service misses its own.
    miss: Chance


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the exceedance curve: in this share of years the loss is at most this."""

    share: float
    loss: Money


@dataclass(frozen=True, slots=True)
class Simulation:
    """Ten thousand years of a portfolio, summed up. The same seed gives the same result."""

    organisation: str
    currency: str
    years: int
    seed: int
    #: In the portfolio's order.
    services: tuple[Risk, ...]
    portfolio: Risk
    #: The portfolio's loss at shares of years from 1% to 99.9%.
    curve: tuple[Point, ...]
    #: Incidents expected over all years: each once, and counted with everything each takes down.
    incidents: int
    applied: int
    assumptions: tuple[str, ...]
    working: tuple[str, ...]
