"""Objectives with their error budgets, losses of targets, and what the budget policy advises."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime, timedelta

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Service
from andon.core import clock
from andon.core.periods import Period
from andon.slo import queries as slo
from andon.slo.queries import BudgetCard, StoredLoss
from andon.slo.rules.budget import Budget
from andon.slo.rules.policy import BudgetLevel
from andon.web.api.schemas import (
    At,
    Cursor,
    Limit,
    Listed,
    Money,
    Search,
    Slug,
    Target,
    answers,
    seconds,
    share,
)

router = Router(tags=["Error budgets"])

#: Without `since`, points and losses of so long are returned.
_RECENT = timedelta(days=30)
#: Nobody draws more, and the rows of a year are a lot.
_LONGEST = timedelta(days=400)


class PeriodOut(Schema):
    """From an instant up to another, which is not part of it."""

    starts_at: datetime
    ends_at: datetime


class BudgetOut(Schema):
    """An error budget as it was read last. Shares are 1 for all, 0 for nothing, less overspent."""

    at: datetime = Field(description="The instant the figures are of.")
    window: PeriodOut = Field(description="The whole period; a calendar one ends in the future.")
    target: Target | None = Field(description="The target in force then, peaks included.")
    left: float = Field(description="Share that is left; negative when overspent.")
    left_seconds: float = Field(description="The same as seconds of full outage.")
    left_money: Money | None = Field(description="The same at the exposure of the service.")
    allowed_seconds: float = Field(description="The full outage that the period allows.")
    availability: float | None = Field(description="Good of all events; null without any.")
    bad: float = Field(description="Bad events so far; seconds where time is counted.")
    total: float
    expected_total: float | None = Field(
        description="All events of a calendar period, as estimated: as many a second as until now."
    )
    covered: float = Field(description="Share of the time until then that was measured.")
    burn: dict[str, float] = Field(
        description="Times faster than even, by window.", examples=[{"1h": 14.4, "6h": 2.5}]
    )
    exhausts_at: datetime | None = Field(
        description="When nothing is left at the pace of the last hour, if within the period."
    )
    notes: list[str] = Field(description="What must be said beside the figures.")


class ObjectiveOut(Schema):
    """An objective, and its budget if it was ever read."""

    slug: str
    title: str
    service: str
    target: str = Field(examples=["99.9%"])
    window: str = Field(examples=["P30D"])
    calendar: bool = Field(description="Whether the window starts anew, or rolls.")
    budgeting: str = Field(examples=["occurrences"])
    level: BudgetLevel
    budget: BudgetOut | None
    tried_at: datetime | None
    error: str = Field(description="Why the last attempt to read it failed; empty when it did not.")
    stale: bool = Field(description="Whether the budget is older than ten minutes.")


class PointOut(Schema):
    """The budget at an instant."""

    at: datetime
    left: float
    availability: float


class BurnDownOut(Schema):
    """Points in order. Where two are further apart than the gap, nothing was measured."""

    objective: str
    period: PeriodOut
    gap_seconds: float
    points: list[PointOut]
    deployments: list[datetime] = Field(
        description="When the service was deployed, to the minute; the newest 2,000. Empty as well "
        "where the organisation names no query for it."
    )


class LossOut(Schema):
    """A time to restore to target: from the loss of the target until it was met again."""

    objective: str
    service: str
    lost_at: datetime
    regained_at: datetime | None = Field(description="Null while it lasts.")
    seconds: float | None
    method: str = Field(examples=["sliding-window"])
    parameters: dict[str, float]


class LossesOut(Schema):
    """The losses of a service during a period."""

    period: PeriodOut
    items: list[LossOut]


class AdviceOut(Schema):
    """What the error budget policy says. Advice: nothing in Andon enforces it."""

    service: str
    may_deploy: bool = Field(description="False only where the policy is on and a budget is low.")
    policy: bool = Field(description="Whether the organisation has chosen the policy.")
    level: BudgetLevel = Field(description="The level of the service's worst objective.")
    reason: str
    asks: list[str] = Field(description="What the policy asks for at this level.")
    objective: str | None = Field(description="The objective that decides.")


@router.get("/objectives", response=answers(Listed[ObjectiveOut]), summary="List objectives")
def list_objectives(
    request: HttpRequest, *, service: Search = "", limit: Limit = 50, after: Cursor = ""
) -> Listed[ObjectiveOut]:
    """With their error budgets as they were read last, sorted by slug."""
    found = slo.list_cards(now=clock.now(), service=service, after=after, limit=limit + 1)
    shown = found[:limit]
    return Listed[ObjectiveOut](
        items=[_objective(one) for one in shown],
        next=shown[-1].slug if len(found) > limit else None,
    )


@router.get("/objectives/{slug}", response=answers(ObjectiveOut, 404), summary="Read one objective")
def get_objective(request: HttpRequest, slug: Slug) -> ObjectiveOut:
    """With its error budget as it was read last."""
    return _objective(_card(slug))


@router.get(
    "/objectives/{slug}/points", response=answers(BurnDownOut, 404), summary="Read a burn-down"
)
def get_points(
    request: HttpRequest, slug: Slug, since: At | None = None, until: At | None = None
) -> BurnDownOut:
    """The last thirty days unless asked otherwise; 400 days at most."""
    card, period = _card(slug), _period(since, until)
    line = slo.burn_down(objective=slug, period=period)
    return BurnDownOut(
        objective=slug,
        period=_period_out(line.period),
        gap_seconds=line.gap.total_seconds(),
        points=[
            PointOut(at=one.at, left=one.left, availability=one.availability) for one in line.points
        ],
        deployments=slo.deployments_of(service=card.service, period=period),
    )


@router.get(
    "/services/{slug}/losses", response=answers(LossesOut, 404), summary="List losses of a target"
)
def list_losses(
    request: HttpRequest, slug: Slug, since: At | None = None, until: At | None = None
) -> LossesOut:
    """Times to restore to target, as they were measured, oldest first; thirty days if not asked."""
    service, period = _service(slug), _period(since, until)
    found = slo.losses(service_ids=[service.id], period=period)
    return LossesOut(period=_period_out(period), items=[_loss(one) for one in found])


@router.get(
    "/services/{slug}/deployment-advice",
    response=answers(AdviceOut, 404),
    summary="Ask whether to deploy",
)
def get_advice(request: HttpRequest, slug: Slug) -> AdviceOut:
    """For a pipeline: what the error budget policy advises now, and why.

    Where the policy is off, or nothing is known, the answer is yes and says so.
    """
    service = _service(slug)
    found = slo.advice(service_id=service.id, now=clock.now())
    return AdviceOut(
        service=service.slug,
        may_deploy=found.may_deploy,
        policy=found.enabled,
        level=found.level,
        reason=found.reason,
        asks=list(found.asks),
        objective=found.objective or None,
    )


def _card(slug: str) -> BudgetCard:
    found = slo.find_card(slug=slug, now=clock.now())
    if found is None:
        raise Http404(f"There is no objective {slug!r}.")
    return found


def _service(slug: str) -> Service:
    service = catalogue.find_service(slug=slug)
    if service is None:
        raise Http404(f"The catalogue knows no service {slug!r}.")
    return service


def _period(since: datetime | None, until: datetime | None) -> Period:
    """Return what was asked for: never upside down, never longer than is kept."""
    end = until or clock.now()
    start = since or end - _RECENT
    return Period(min(max(start, end - _LONGEST), end), end)


def _period_out(period: Period) -> PeriodOut:
    return PeriodOut(starts_at=period.starts_at, ends_at=period.ends_at)


def _objective(card: BudgetCard) -> ObjectiveOut:
    return ObjectiveOut(
        slug=card.slug,
        title=card.title,
        service=card.service,
        target=card.target,
        window=card.window,
        calendar=card.is_calendar,
        budgeting=card.budgeting,
        level=card.level,
        budget=_budget(card.budget) if card.budget else None,
        tried_at=card.tried_at,
        error=card.error,
        stale=card.is_stale,
    )


def _budget(one: Budget) -> BudgetOut:
    return BudgetOut(
        at=one.at,
        window=_period_out(one.window),
        target=Target.of(one.target_ppm),
        left=float(one.left),
        left_seconds=one.time_left.total_seconds(),
        left_money=Money.of(one.money_left),
        allowed_seconds=one.allowed.total_seconds(),
        availability=share(one.availability),
        bad=float(one.bad),
        total=float(one.total),
        expected_total=share(one.expected_total),
        covered=float(one.covered),
        burn={name: float(rate) for name, rate in one.burn.items()},
        exhausts_at=one.exhausts_at,
        notes=list(one.notes),
    )


def _loss(one: StoredLoss) -> LossOut:
    return LossOut(
        objective=one.objective,
        service=one.service,
        lost_at=one.loss.lost_at,
        regained_at=one.loss.regained_at,
        seconds=seconds(one.took),
        method=one.method,
        parameters=dict(one.parameters),
    )
