"""The insurance model: what cover costs, what it protects, what would change if.

Money is exact. What a simulation says comes with the interval its own chance leaves it in.
"""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from decimal import Decimal
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from andon.core import clock, money
from andon.planning.queries import answers as planning
from andon.planning.queries import moves, remembered
from andon.planning.rules.forecast import Growth, forecast
from andon.planning.types import Insured, Portfolio
from andon.web.api.planning.outlook import (
    ForecastOut,
    OptimiseIn,
    PlanOut,
    ReviewOut,
    SimulateIn,
    SimulationOut,
    WhatIfIn,
    WhatIfOut,
)
from andon.web.api.planning.schemas import CoversOut, PoliciesOut, PortfolioOut, ServicePlanOut
from andon.web.api.schemas import Cursor, Limit, Slug, answers

router = Router(tags=["Planning"])

Growing = Annotated[float, Field(ge=-1, le=5, description="Growth in a year, as a share.")]


@router.get("/planning/portfolio", response=answers(PortfolioOut), summary="Read the portfolio")
def get_portfolio(request: HttpRequest, limit: Limit = 50, after: Cursor = "") -> PortfolioOut:
    """The catalogue in force, calibrated by its incidents. Services come a page at a time."""
    found = remembered.today(now=clock.now())
    behind = [one for one in found.services if one.service.slug > after]
    following = behind[limit - 1].service.slug if len(behind) > limit else None
    return PortfolioOut.of({"services": behind[:limit], "next": following}, found)


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
    return ServicePlanOut.of(found)


@router.get(
    "/planning/comparison", response=answers(PoliciesOut, 404), summary="Compare the policies"
)
def get_comparison(request: HttpRequest, service: Slug | Literal[""] = "") -> PoliciesOut:
    """At the organisation's targets, by the losses it ties to them or by one service's exposure."""
    known = remembered.portfolio(now=clock.now())
    return PoliciesOut.of(planning.policies(portfolio=known, service=_one(known, service)))


@router.get(
    "/planning/cover", response=answers(CoversOut, 404, 409), summary="Read who needs cover"
)
def get_cover(request: HttpRequest, service: Slug | Literal[""] = "") -> CoversOut:
    """Of every service, or of one with what each lever would do. At most 300 services."""
    known = _bounded("cover")
    return CoversOut.of(planning.covers(portfolio=known, service=_one(known, service)))


@router.post("/planning/what-if", response=answers(WhatIfOut, 409), summary="Move services")
def post_what_if(request: HttpRequest, body: WhatIfIn) -> WhatIfOut:
    """What other targets, covers or trading weeks would change. Nothing is saved."""
    plan = [
        moves.ServiceMove(one.service, one.target_ppm, one.cover, one.trading_week)
        for one in body.moves
    ]
    moved = planning.moved(portfolio=remembered.portfolio(now=clock.now()), plan=plan)
    return WhatIfOut.of(moved)


@router.get("/planning/review", response=answers(ReviewOut), summary="Read the quarterly review")
def get_review(request: HttpRequest) -> ReviewOut:
    """Every proposal, by service."""
    return ReviewOut.of({"items": remembered.proposals(now=clock.now())})


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
    return ForecastOut.of(found)


@router.post("/planning/optimise", response=answers(PlanOut, 409), summary="Find the best plan")
def post_optimise(request: HttpRequest, body: OptimiseIn) -> PlanOut:
    """The least premium and expected loss. At most 300 services; `andon plan optimise` has all."""
    known = _bounded("optimise")
    minor = body.budget_minor
    budget = None if minor is None else money.Money(minor, known.currency)
    found = planning.optimise(portfolio=known, budget_per_year=budget)
    return PlanOut.of(found)


@router.post("/planning/simulate", response=answers(SimulationOut, 409), summary="Simulate years")
def post_simulate(request: HttpRequest, body: SimulateIn) -> SimulationOut:
    """Mean, bad years, missed targets: at most 300 services and 5 million outages at a time."""
    known = _bounded("simulate", years=body.years)
    found = planning.simulate(portfolio=known, years=body.years, seed=body.seed, workers=1)
    return SimulationOut.of(found)


def _one(known: Portfolio, slug: str) -> Insured | None:
    found = planning.find(portfolio=known, slug=slug) if slug else None
    if slug and found is None:
        raise Http404(f"There is no service {slug!r} that can be planned for.")
    return found


def _bounded(what: str, *, years: int = 0) -> Portfolio:
    """Return the portfolio if one request may do so much with it."""
    known = remembered.portfolio(now=clock.now())
    planning.check_request(portfolio=known, what=what, years=years)
    return known
