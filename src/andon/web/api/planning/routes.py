"""The insurance model: what cover costs, what it protects, what would change if.

Money is exact. What a simulation says comes with the interval its own chance leaves it in.
"""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from decimal import Decimal
from importlib.util import find_spec
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from andon.core import clock, money
from andon.core.errors import Refusal
from andon.planning import rules
from andon.planning.queries import moves, remembered
from andon.planning.rules.forecast import Growth, forecast
from andon.planning.rules.premium import rota_of
from andon.planning.rules.reach import reach
from andon.planning.rules.review import review
from andon.planning.rules.whatif import what_if
from andon.planning.types import Portfolio
from andon.web.api.planning.outward import (
    comparison_out,
    cost_out,
    difference_out,
    insured_out,
    left_out_out,
    lever_out,
    proposal_out,
    quarter_out,
    risk_out,
    rota_out,
    signal_out,
    target_out,
    verdict_out,
)
from andon.web.api.planning.schemas import (
    BetterOut,
    ChangeOut,
    ForecastOut,
    MovedOut,
    OptimiseIn,
    PlanOut,
    PortfolioOut,
    ReviewOut,
    ServicePlanOut,
    SimulateIn,
    SimulationOut,
    WhatIfIn,
    WhatIfOut,
)
from andon.web.api.schemas import Cursor, Limit, Slug, answers
from andon.web.api.schemas import MoneyOut as Money

router = Router(tags=["Planning"])

Growing = Annotated[float, Field(ge=-1, le=5, description="Growth in a year, as a share.")]
#: What one request may ask for; the command line has no such bounds.
MOST_SERVICES = 300
MOST_OUTAGES = 5_000_000


class UnableToAnswer(Refusal):
    """The question is too large for one request, or this installation lacks NumPy."""

    code = "unable_to_answer"


class UnableToPlan(Refusal):
    """No plan keeps the constraints, or the simulation has no end."""

    code = "unable_to_plan"


@router.get("/planning/portfolio", response=answers(PortfolioOut), summary="Read the portfolio")
def get_portfolio(request: HttpRequest, limit: Limit = 50, after: Cursor = "") -> PortfolioOut:
    """The catalogue in force, calibrated by its incidents. Services come a page at a time."""
    known = _portfolio()
    cost, shares = rules.premium_of(portfolio=known), rules.shares(portfolio=known)
    behind = [one for one in known.services if one.slug > after]
    shown = behind[:limit]
    return PortfolioOut(
        organisation=known.organisation,
        currency=known.currency,
        teams=cost.teams,
        standby_per_month=Money.exactly(cost.per_month),
        naive_per_month=Money.exactly(cost.naive_per_month),
        saving=float(cost.saving),
        working=list(cost.working),
        assumptions=list(known.assumptions.defaults),
        rotas=[rota_out(one) for one in cost.rotas],
        signals=[signal_out(one) for one in rules.find_signals(portfolio=known)],
        left_out=[left_out_out(one) for one in known.problems],
        services=[insured_out(one, shares[one.slug]) for one in shown],
        next=shown[-1].slug if len(behind) > limit else None,
    )


@router.get(
    "/planning/services/{slug}",
    response=answers(ServicePlanOut, 404),
    summary="Read one service's premium and verdict",
)
def get_service_plan(request: HttpRequest, slug: Slug) -> ServicePlanOut:
    """Does it need cover out of hours? 404 also where it has no exposure to work with."""
    known = _portfolio()
    service = next((one for one in known.services if one.slug == slug), None)
    if service is None:
        raise Http404(f"There is no service {slug!r} that can be planned for.")
    need = rota_of(needed=rules.premium_of(portfolio=known).rotas, slug=slug)
    return ServicePlanOut(
        service=insured_out(service, rules.shares(portfolio=known)[slug]),
        rota=rota_out(need) if need else None,
        verdict=verdict_out(rules.needs_cover(service=service, portfolio=known)),
        levers=[lever_out(one) for one in rules.levers_of(service=service, portfolio=known)],
        comparison=[
            comparison_out(one) for one in rules.compare_service(service=service, portfolio=known)
        ],
    )


@router.post("/planning/what-if", response=answers(WhatIfOut, 409), summary="Move services")
def post_what_if(request: HttpRequest, body: WhatIfIn) -> WhatIfOut:
    """What other targets, covers or trading weeks would change. Nothing is saved."""
    before = _portfolio()
    plan = [
        moves.Move(one.service, one.target_ppm, one.cover, one.trading_week) for one in body.moves
    ]
    after = moves.moved(portfolio=before, moves=plan)
    found = what_if(before=before, after=after)
    slugs = {one.slug for one in plan}
    pairs = zip(before.services, after.services, strict=True)
    return WhatIfOut(
        sentence=found.sentence,
        changes=[
            ChangeOut(service=one.slug, field=one.field, was=one.was, becomes=one.becomes)
            for one in found.changes
        ],
        money=[difference_out(one) for one in found.money],
        losses=[difference_out(one) for one in found.losses],
        rotas_before=found.rotas[0],
        rotas_after=found.rotas[1],
        verdicts=[
            MovedOut(
                service=new.slug,
                before=verdict_out(rules.needs_cover(service=old, portfolio=before)),
                after=verdict_out(rules.needs_cover(service=new, portfolio=after)),
            )
            for old, new in pairs
            if new.slug in slugs
        ],
        working=list(found.working),
    )


@router.get("/planning/review", response=answers(ReviewOut), summary="Read the quarterly review")
def get_review(request: HttpRequest) -> ReviewOut:
    """Every proposal, by service."""
    found = review(portfolio=_portfolio(), today=clock.now().date())
    return ReviewOut(items=[proposal_out(one) for one in found])


@router.get(
    "/planning/forecast", response=answers(ForecastOut, 409), summary="Forecast the coming quarters"
)
def get_forecast(
    request: HttpRequest,
    teams: Growing = 0.0,
    services: Growing = 0.0,
    exposure: Growing = 0.0,
    quarters: Annotated[int, Field(ge=1, le=12)] = 4,
) -> ForecastOut:
    """The rotas, people and money that growth needs; shares a year, 0.2 is a fifth more."""
    growth = Growth(*(Decimal(str(share)) for share in (teams, services, exposure)))
    found = forecast(portfolio=_bounded("forecast"), growth=growth, quarters=quarters)
    return ForecastOut(
        quarters=[quarter_out(one) for one in found.quarters], working=list(found.working)
    )


@router.post("/planning/optimise", response=answers(PlanOut, 409), summary="Find the best plan")
def post_optimise(request: HttpRequest, body: OptimiseIn) -> PlanOut:
    """The least premium and expected loss. At most 300 services; `andon plan optimise` has all."""
    known = _bounded("optimise")
    from andon.planning.rules import optimise  # noqa: PLC0415 - only where NumPy is installed

    minor = body.budget_minor
    budget = None if minor is None else money.Money(minor, known.currency)
    try:
        found = optimise.optimise(portfolio=known, budget_per_year=budget)
    except optimise.UnableToOptimise as error:
        raise UnableToPlan(str(error)) from error
    return PlanOut(
        sentence=found.sentence,
        today=cost_out(found.today),
        plan=cost_out(found.cost),
        today_breaks=list(found.today_breaks),
        changes=[
            BetterOut(
                service=one.slug,
                target=target_out(one.after.target_ppm),
                cover=one.after.cover,
                saves=Money.exactly(one.saves),
                words=one.words,
            )
            for one in found.changes
        ],
        lower_bound=Money.exactly(found.lower_bound),
        gap=float(found.gap),
        working=list(found.working),
        assumptions=list(found.assumptions),
    )


@router.post("/planning/simulate", response=answers(SimulationOut, 409), summary="Simulate years")
def post_simulate(request: HttpRequest, body: SimulateIn) -> SimulationOut:
    """Mean, bad years, missed targets: at most 300 services and 5 million outages at a time."""
    known = _bounded("simulate")
    outages = _outages(known) * body.years
    if outages > MOST_OUTAGES:
        raise UnableToAnswer(
            f"about {outages:,.0f} outages are more than the {MOST_OUTAGES:,} one request may "
            "simulate; ask for fewer years, or use `andon plan simulate`",
            most=MOST_OUTAGES,
        )
    from andon.planning import simulation  # noqa: PLC0415 - only where NumPy is installed

    try:
        found = simulation.simulate(portfolio=known, years=body.years, seed=body.seed, workers=1)
    except simulation.UnableToSimulate as error:
        raise UnableToPlan(str(error)) from error
    return SimulationOut(
        years=found.years,
        seed=found.seed,
        portfolio=risk_out(found.portfolio),
        services=[risk_out(one) for one in found.services],
        working=list(found.working),
        assumptions=list(found.assumptions),
    )


def _portfolio() -> Portfolio:
    return remembered.today(now=clock.now())


def _bounded(what: str) -> Portfolio:
    """Return the portfolio if one request may do so much with it."""
    known = _portfolio()
    if len(known.services) > MOST_SERVICES:
        raise UnableToAnswer(
            f"{len(known.services)} services are more than the {MOST_SERVICES} one request may "
            f"{what}; use `andon plan {what}`",
            most=MOST_SERVICES,
        )
    if find_spec("numpy") is None:
        raise UnableToAnswer("this needs NumPy: install andon[planning]")
    return known


def _outages(known: Portfolio) -> float:
    """Return the outages of a year, those by hard dependencies included."""
    whole = reach(known.services)
    rates = {one.slug: float(one.incidents_per_year) for one in known.services}
    return sum(rates[cause] for slug in rates for cause in whole.of(slug))
