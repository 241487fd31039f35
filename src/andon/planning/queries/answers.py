"""What planning answers, each question composed once: portal, API and command line render it.

All of it follows from a portfolio, of a folder or of the applied catalogue; no rows are read here.
What needs NumPy says so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING

from andon.core.errors import Refusal
from andon.core.money import Money
from andon.planning import rules
from andon.planning.queries import moves
from andon.planning.rules.comparison import Comparison, Scale
from andon.planning.rules.cover import LeverOutcome, Levers, Verdict
from andon.planning.rules.exact import times
from andon.planning.rules.premium import Premium, RotaNeed, rota_of
from andon.planning.rules.reach import reach
from andon.planning.rules.selector import Selected, select_service
from andon.planning.rules.signals import PortfolioSignal
from andon.planning.rules.whatif import WhatIf
from andon.planning.rules.whatif import what_if as difference_of
from andon.planning.types import Insured, Paired, Portfolio, Progress, Simulation

if TYPE_CHECKING:
    from andon.planning.rules.optimise import BestPlan, Losses


#: What one request may ask for.
MOST_SERVICES = 300
MOST_OUTAGES = 5_000_000


class UnableToAnswer(Refusal):
    """The question is too large for one request, or this installation lacks NumPy."""

    code = "unable_to_answer"


@dataclass(frozen=True, slots=True)
class Assessed:
    """A service in its portfolio: how it should be run, and what it pays for its rota."""

    service: Insured
    selected: Selected
    #: Of the rota that answers for it out of hours; equal within a rota.
    share_per_month: Money
    cost_per_year: Money


@dataclass(frozen=True, slots=True)
class Today:
    """The portfolio as it is: its services, the rotas they need, and the pitfalls that show."""

    portfolio: Portfolio
    premium: Premium
    services: tuple[Assessed, ...]
    signals: tuple[PortfolioSignal, ...]


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A service as the insurance model sees it, with everything that led there."""

    service: Assessed
    rota: RotaNeed | None
    verdict: Verdict
    levers: tuple[LeverOutcome, ...]
    comparison: tuple[Comparison, ...]
    #: What nobody has set.
    defaults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies side by side: at each target, and for the whole portfolio."""

    targets: tuple[Comparison, ...]
    at_scale: tuple[Scale, ...]
    premium: Premium
    #: Why a central SRE team would not take a service on, by slug; empty where it would.
    sre_run_it_refused: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Covers:
    """Whether services need cover out of hours; for one alone, what each lever would do."""

    services: tuple[Verdict, ...]
    levers: tuple[LeverOutcome, ...]


@dataclass(frozen=True, slots=True)
class MovedVerdict:
    """What becomes of the question of cover for a service that is otherwise."""

    service: Insured
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class Moved:
    """What changes between two portfolios, and what becomes of the services that are otherwise."""

    difference: WhatIf
    verdicts: tuple[MovedVerdict, ...]
    #: Both simulated with the same incidents; None where no years were asked for.
    risk: Paired | None


def today(*, portfolio: Portfolio, light: bool = False) -> Today:
    """Return the portfolio as it is; `light` selects operating models by the traffic light."""
    shares = rules.shares(portfolio=portfolio)
    months = portfolio.assumptions.you_run_it.months_a_year
    return Today(
        portfolio=portfolio,
        premium=rules.premium_of(portfolio=portfolio),
        services=tuple(
            Assessed(
                service=one,
                selected=select_service(service=one, portfolio=portfolio, light=light),
                share_per_month=shares[one.slug],
                cost_per_year=times(shares[one.slug], months),
            )
            for one in portfolio.services
        ),
        signals=rules.find_signals(portfolio=portfolio),
    )


def find(*, portfolio: Portfolio, slug: str) -> Insured | None:
    """Return a service of a portfolio; None where it cannot be planned for."""
    return next((one for one in portfolio.services if one.slug == slug), None)


def service_plan(*, found: Today, slug: str) -> ServicePlan | None:
    """Return a service's premium, verdict and working; None where it cannot be planned for."""
    assessed = next((one for one in found.services if one.service.slug == slug), None)
    if assessed is None:
        return None
    service, portfolio = assessed.service, found.portfolio
    return ServicePlan(
        service=assessed,
        rota=rota_of(needed=found.premium.rotas, slug=slug),
        verdict=rules.needs_cover(service=service, portfolio=portfolio),
        levers=rules.levers_of(service=service, portfolio=portfolio),
        comparison=rules.compare_service(service=service, portfolio=portfolio),
        defaults=portfolio.assumptions.defaults,
    )


def policies(*, portfolio: Portfolio, service: Insured | None = None) -> Policies:
    """Return the policies at the organisation's targets, by its losses or by one service's."""
    return Policies(
        targets=rules.compare_service(service=service, portfolio=portfolio)
        if service
        else rules.compare_targets(portfolio=portfolio),
        at_scale=rules.compare_at_scale(portfolio=portfolio),
        premium=rules.premium_of(portfolio=portfolio),
        sre_run_it_refused={
            one.slug: rules.sre_refusals(
                service=one, target_ppm=one.target_ppm, assumptions=portfolio.assumptions
            )
            for one in portfolio.services
        },
    )


def covers(
    *,
    portfolio: Portfolio,
    service: Insured | None = None,
    levers: Levers | None = None,
    progress: Progress | None = None,
) -> Covers:
    """Return whether every service, or one, needs cover out of hours while levers are pulled."""
    chosen = (service,) if service else portfolio.services
    verdicts = []
    for one in chosen:
        verdicts.append(rules.needs_cover(service=one, portfolio=portfolio, levers=levers))
        if progress is not None:
            progress(len(verdicts), len(chosen))
    return Covers(
        services=tuple(verdicts),
        levers=rules.levers_of(service=service, portfolio=portfolio) if service else (),
    )


def moved(*, portfolio: Portfolio, plan: Sequence[moves.ServiceMove]) -> Moved:
    """Return what moves would change. Raises `moves.UnableToMove`."""
    after = moves.moved(portfolio=portfolio, moves=plan)
    return what_if(before=portfolio, after=after, of={one.slug for one in plan})


def what_if(
    *,
    before: Portfolio,
    after: Portfolio,
    of: Collection[str] | None = None,
    years: int = 0,
    seed: int = 1,
    progress: Progress | None = None,
) -> Moved:
    """Return what changes between two portfolios, with so many years of both simulated.

    Verdicts are of the services named, else of those that are otherwise. Nothing is simulated
    without NumPy, or where one of the two is empty. Raises UnableToCompare and UnableToSimulate.
    """
    difference = difference_of(before=before, after=after)
    named = {one.slug for one in difference.changes} if of is None else of
    new = {one.slug: one for one in after.services}
    risk = None
    if years and has_numpy() and before.services and after.services:
        from andon.planning import simulation  # noqa: PLC0415 - only where NumPy is installed

        risk = simulation.paired(
            before=before, after=after, years=years, seed=seed, progress=progress
        )
    return Moved(
        difference=difference,
        verdicts=tuple(
            MovedVerdict(
                service=new[one.slug],
                before=rules.needs_cover(service=one, portfolio=before),
                after=rules.needs_cover(service=new[one.slug], portfolio=after),
            )
            for one in before.services
            if one.slug in named and one.slug in new
        ),
        risk=risk,
    )


def optimise(
    *,
    portfolio: Portfolio,
    budget_per_year: Money | None = None,
    risk_weight: Decimal | None = None,
    progress: Progress | None = None,
) -> "BestPlan":
    """Return the plan of least premium and expected loss, and of bad years where they weigh.

    `risk_weight` stands for the one that is declared. Raises UnableToAnswer, UnableToOptimise and
    UnableToSimulate.
    """
    need_numpy()
    from andon.planning.rules import optimise as optimiser  # noqa: PLC0415 - NumPy is installed

    weighed = _weighed(portfolio, risk_weight)
    tails = _tails(weighed, progress)
    return optimiser.optimise(portfolio=weighed, tails=tails, budget_per_year=budget_per_year)


def _weighed(portfolio: Portfolio, weight: Decimal | None) -> Portfolio:
    if weight is None:
        return portfolio
    known = portfolio.assumptions
    left = tuple(one for one in known.defaults if not one.startswith("riskWeight"))
    return replace(portfolio, assumptions=replace(known, risk_weight=weight, defaults=left))


def _tails(portfolio: Portfolio, progress: Progress | None) -> "Losses | None":
    """Return what bad years lose, where somebody weighs them; simulated twice, per cover."""
    if not portfolio.assumptions.risk_weight:
        return None
    from andon.planning import simulation  # noqa: PLC0415 - NumPy is installed

    return simulation.tails(portfolio=portfolio, progress=progress)


def simulate(
    *,
    portfolio: Portfolio,
    years: int,
    seed: int,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Return the risk of every service and of all. Raises UnableToAnswer and UnableToSimulate."""
    need_numpy()
    from andon.planning import simulation  # noqa: PLC0415 - NumPy is installed

    return simulation.simulate(
        portfolio=portfolio, years=years, seed=seed, workers=workers, progress=progress
    )


def check_request(*, portfolio: Portfolio, what: str, years: int = 0) -> None:
    """Raise UnableToAnswer where one request may not do so much; the command line has no bounds."""
    if len(portfolio.services) > MOST_SERVICES:
        raise UnableToAnswer(
            f"{len(portfolio.services)} services are more than the {MOST_SERVICES} one request may "
            f"{what}; use `andon plan {what}`",
            most=MOST_SERVICES,
        )
    need_numpy()
    outages = years * _outages(portfolio) if years else 0
    if outages > MOST_OUTAGES:
        raise UnableToAnswer(
            f"about {outages:,.0f} outages are more than the {MOST_OUTAGES:,} one request may "
            "simulate; ask for fewer years, or use `andon plan simulate`",
            most=MOST_OUTAGES,
        )


def _outages(portfolio: Portfolio) -> float:
    """Return the outages of a year, those by hard dependencies included."""
    whole = reach(portfolio.services)
    rates = {one.slug: float(one.incidents_per_year) for one in portfolio.services}
    return sum(rates[cause] for slug in rates for cause in whole.of(slug))


def has_numpy() -> bool:
    """Say whether NumPy is installed."""
    return find_spec("numpy") is not None


def need_numpy() -> None:
    """Raise UnableToAnswer where NumPy is missing."""
    if not has_numpy():
        raise UnableToAnswer("this needs NumPy: install andon[planning]")
