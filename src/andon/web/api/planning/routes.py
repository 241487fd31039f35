"""The insurance model: what cover costs, what it protects, what would change if.

Money is exact. What a simulation says comes with the interval its own chance leaves it in.
"""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from decimal import Decimal
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from andon.core import clock, money
from andon.planning.queries import answers as planning
from andon.planning.queries import moves, remembered
from andon.planning.rules.forecast import Growth, forecast
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


@router.get("/planning/portfolio", response=answers(PortfolioOut), summary="Read the portfolio")
def get_portfolio(request: HttpRequest, limit: Limit = 50, after: Cursor = "") -> PortfolioOut:
    """The catalogue in force, calibrated by its incidents. Services come a page at a time."""
    found = remembered.today(now=clock.now())
    known, cost = found.portfolio, found.premium
    behind = [one for one in found.services if one.service.slug > after]
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
        signals=[signal_out(one) for one in found.signals],
        left_out=[left_out_out(one) for one in known.problems],
        services=[insured_out(one) for one in shown],
        next=shown[-1].service.slug if len(behind) > limit else None,
    )


@router.get(
    "/planning/services/{slug}",
    response=answers(ServicePlanOut, 404),
    summary="Read one service's premium and verdict",
)
def get_service_plan(request: HttpRequest, slug: Slug) -> ServicePlanOut:
    """Does it need cover out of hours? 404 also where it has no exposure to work with."""
    found = planning.service_plan(found=remembered.today(now=clock.now()), slug=slug)
    if found is None:
        raise Http404(f"There is no service {slug!r} that can be planned for.")
    return ServicePlanOut(
        service=insured_out(found.service),
        rota=rota_out(found.rota) if found.rota else None,
        verdict=verdict_out(found.verdict),
        levers=[lever_out(one) for one in found.levers],
        comparison=[comparison_out(one) for one in found.comparison],
    )


@router.post("/planning/what-if", response=answers(WhatIfOut, 409), summary="Move services")
def post_what_if(request: HttpRequest, body: WhatIfIn) -> WhatIfOut:
    """What other targets, covers or trading weeks would change. Nothing is saved."""
    plan = [
        moves.Move(one.service, one.target_ppm, one.cover, one.trading_week) for one in body.moves
    ]
    moved = planning.moved(portfolio=remembered.portfolio(now=clock.now()), plan=plan)
    found = moved.difference
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
                service=one.service.slug,
                before=verdict_out(one.before),
                after=verdict_out(one.after),
            )
            for one in moved.verdicts
        ],
        working=list(found.working),
    )


@router.get("/planning/review", response=answers(ReviewOut), summary="Read the quarterly review")
def get_review(request: HttpRequest) -> ReviewOut:
    """Every proposal, by service."""
    found = remembered.proposals(now=clock.now())
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
    minor = body.budget_minor
    budget = None if minor is None else money.Money(minor, known.currency)
    found = planning.optimise(portfolio=known, budget_per_year=budget)
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
    known = _bounded("simulate", years=body.years)
    found = planning.simulate(portfolio=known, years=body.years, seed=body.seed, workers=1)
    return SimulationOut(
        years=found.years,
        seed=found.seed,
        portfolio=risk_out(found.portfolio),
        services=[risk_out(one) for one in found.services],
        working=list(found.working),
        assumptions=list(found.assumptions),
    )


def _bounded(what: str, *, years: int = 0) -> Portfolio:
    """Return the portfolio if one request may do so much with it."""
    known = remembered.portfolio(now=clock.now())
    planning.check_request(portfolio=known, what=what, years=years)
    return known
