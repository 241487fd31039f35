"""The values this package speaks in. Rates are per year, times are timedeltas, money is exact."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from andon.catalogue.types import (
    Cover,
    DeploymentTarget,
    DomainKind,
    ExposureBand,
    Level,
    MinimumLoss,
    WorkingHours,
)
from andon.core.documents.problems import DocumentProblem
from andon.core.money import Money

#: A month of the model: 30 days, as in the seeds' example. A year of it has 365 days.
MONTH = timedelta(days=30)
YEAR = timedelta(days=365)


class OperatingModel(StrEnum):
    """Who runs a service. An estate is a mix of them; a service is not."""

    YOU_RUN_IT = "you-build-it-you-run-it"
    OPS_RUN_IT = "ops-run-it"
    SRE_RUN_IT = "sre-run-it"
    #: The source is silent: somebody has to decide.
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """A way to run production support: what it costs and how fast it restores."""

    name: str
    #: The price of one rota for a 30-day month, for all its roles together.
    rota_per_month: Money
    time_to_restore: timedelta
    #: Rotas it needs whatever the number of teams; None when it needs one per team or domain.
    fixed_rotas: int | None = None
    #: Months of that price in a year: twelve, as in the seeds, where somebody wrote it; 365 / 30
    #: where it follows from pay, so that a year of it is a year of the ledger.
    months_a_year: Fraction = Fraction(12)


@dataclass(frozen=True, slots=True)
class SreEntry:
    """What a service must show before a central SRE team would take it on.

    The target is Smith's (four nines and more); "stable" is turned into figures by Andon's choice.
    """

    least_target_ppm: int = 999_900
    most_incidents_per_year: Decimal = Decimal(6)
    least_years_seen: Decimal = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the model takes for granted. Each is printed under the figures it affects."""

    you_run_it: RunPolicy
    ops_run_it: RunPolicy
    #: Two totals that differ by at most this share of the smaller count as the same.
    equality_tolerance: Decimal = Decimal("0.10")
    #: Incidents of a service in a year when nothing is known: the mean of a Gamma prior.
    incidents_per_year: Decimal = Decimal(12)
    #: How many years of observation the prior is worth (its rate parameter).
    prior_years: Decimal = Decimal("0.5")
    #: Sigma of the lognormal time to restore.
    sigma: Decimal = Decimal(1)
    #: Paid for one callout, all responders together.
    callout: Money | None = None
    #: Share of the expected loss over its mean that the optimiser adds for risk.
    risk_weight: Decimal = Decimal(0)
    #: The most services one rota may answer for, and people needed for one rota.
    services_per_rota: int = 12
    people_per_rota: int = 6
    #: Offered in comparisons only where its entry rules hold; None when there is no SRE team.
    sre_run_it: RunPolicy | None = None
    sre_entry: SreEntry = SreEntry()
    #: Which of the above nobody has set, in the words of the files.
    defaults: tuple[str, ...] = ()

    def assumes(self, name: str) -> bool:
        """Return whether nobody has set one of them, by its name in the files."""
        return any(line.startswith(f"{name}:") for line in self.defaults)


class Guess(StrEnum):
    """What Andon assumes about a service when nobody declares it; expected losses rest on it."""

    HOW_OFTEN = "how often it fails"
    HOW_LONG = "how long it is down"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the week with its own exposure: minutes since Monday 00:00 local, half-open."""

    starts: int
    ends: int
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Season:
    """Days of the year, 1 to 365, in which exposure is a multiple of the ordinary; half-open."""

    starts: int
    ends: int
    factor: Decimal


@dataclass(frozen=True, slots=True)
class PeakDays:
    """Local days in which another target is declared, the last one not included."""

    first: date
    after: date
    target_ppm: int


#: Told how many of how many services are done.
Progress = Callable[[int, int], None]
#: Weekdays from Monday = 0 that are bank holidays in one week, and the number of such weeks a year.
Holidays = tuple[tuple[frozenset[int], Decimal], ...]


@dataclass(frozen=True, slots=True)
class Insured:
    """A service as the insurance model sees it."""

    slug: str
    title: str
    team: str
    domain: str | None
    domain_kind: DomainKind | None
    #: Average loss per hour of full unavailability.
    exposure_per_hour: Money
    target_ppm: int
    cover: Cover
    deployment_target: DeploymentTarget | None
    working_hours: WorkingHours
    incidents_per_year: Decimal
    time_to_restore: timedelta
    sigma: Decimal
    #: Share of users an incident affects, 0 to 1: the blast radius.
    fraction: Decimal = Decimal(1)
    #: The most one incident can lose.
    cap: Money | None = None
    #: Lost by each incident however short it is.
    fixed_cost: Money | None = None
    #: Share of the loss that remains while shuttered, 0 to 1; 1 means no shutter.
    shuttered_share: Decimal = Decimal(1)
    #: The week, by stretch; weights are normalised to mean 1. Empty means flat.
    week: tuple[Stretch, ...] = ()
    seasons: tuple[Season, ...] = ()
    #: Hard dependencies: each one's incidents take this service down too.
    depends_on: tuple[str, ...] = ()
    #: Measured: incidents seen and the years they were seen in; none before there are any.
    incidents_seen: int = 0
    years_seen: Decimal = Decimal(0)
    #: Logs of measured times to restore, in minutes.
    log_minutes_seen: tuple[float, ...] = ()
    #: Measured: by how much counts of 30 days scatter more than chance, as the variance of the rate
    #: over its mean squared. 0 is Poisson; more is negative binomial.
    dispersion: Decimal = Decimal(0)
    #: Siblings of the domain whose times to restore the service's own were shrunk towards.
    siblings_seen: int = 0
    #: Lost by the incidents seen, in the portfolio's currency; None before there are any.
    loss_seen: Money | None = None
    #: The bank holidays its team has; empty means none.
    holidays: Holidays = ()
    #: Peak windows declared already. Not part of what the model counts with.
    windows: tuple[PeakDays, ...] = field(default=(), compare=False)
    #: What neither its files nor the organisation say, and too little was seen to tell.
    guessed: frozenset[Guess] = field(default=frozenset(), compare=False)
    #: Where it is declared, `file:line`. Not part of what the service is.
    declared_at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All services the model is asked about, under one organisation's rules, in one currency."""

    organisation: str
    currency: str
    preset: str
    period: timedelta
    levels: tuple[Level, ...]
    team_requires_demand: bool
    exposure_bands: tuple[ExposureBand, ...]
    minimum_losses: tuple[MinimumLoss, ...]
    assumptions: Assumptions
    services: tuple[Insured, ...]
    #: People who can be on call, by team.
    people: dict[str, int]
    #: Services that could not be modelled and why; everything else is still computed.
    problems: tuple[DocumentProblem, ...] = ()


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
class LossPoint:
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
    curve: tuple[LossPoint, ...]
    #: Incidents expected over all years: each once, and counted with everything each takes down.
    incidents: int
    applied: int
    assumptions: tuple[str, ...]
    working: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairedChange:
    """The change of one figure, with its standard error and what it would be without pairing."""

    value: Money
    error: Money
    #: The standard error if the two had met incidents of their own.
    unpaired: Money


@dataclass(frozen=True, slots=True)
class Paired:
    """Two simulations side by side."""

    before: Simulation
    after: Simulation
    mean: PairedChange
    tvar95: PairedChange
    #: Change of the probability that a month misses a target, and its standard error.
    miss: float
    miss_error: float
