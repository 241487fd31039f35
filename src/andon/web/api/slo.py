"""Objectives with their error budgets, losses of targets, and what the budget policy advises."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime, timedelta
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from andon.budgets import queries as budgets
from andon.budgets.queries import BudgetCard
from andon.budgets.rules.policy import BudgetLevel
from andon.catalogue import queries as catalogue
from andon.catalogue.types import Service
from andon.core import clock, periods
from andon.slo import queries as slo
from andon.web.api.schemas import (
    At,
    Cursor,
    Limit,
    Listed,
    MoneyOut,
    OrNull,
    Out,
    PeriodOut,
    Search,
    ShareOut,
    Slug,
    Span,
    Target,
    answers,
    listed,
)

router = Router(tags=["Error budgets"])

#: Without `since`, points and losses of so long are returned.
_RECENT = timedelta(days=30)
#: Nobody draws more, and the rows of a year are a lot.
_LONGEST = timedelta(days=400)


class BudgetOut(Out):
    """An error budget as it was read last."""

    at: datetime = Field(description="The instant the figures are of.")
    window: PeriodOut = Field(description="The whole period; a calendar one ends in the future.")
    target: Target | None = Field(
        validation_alias="target_ppm", description="The target in force then, peaks included."
    )
    left: ShareOut = Field(description="What is left; negative when overspent.")
    time_left: Span = Field(description="The same as full outage.")
    money_left: MoneyOut | None = Field(description="The same at the exposure of the service.")
    allowed: Span = Field(description="The full outage that the period allows.")
    availability: ShareOut | None = Field(description="Good of all events; null without any.")
    bad: float = Field(description="Bad events so far; seconds where time is counted.")
    total: float
    expected_total: float | None = Field(
        description="All events of a calendar period, as estimated: as many a second as until now."
    )
    covered: ShareOut = Field(description="Part of the time until then that was measured.")
    burn: dict[str, float] = Field(
        description="Times faster than even, by window.", examples=[{"1h": 14.4, "6h": 2.5}]
    )
    exhausts_at: datetime | None = Field(
        description="When nothing is left at the pace of the last hour, if within the period."
    )
    notes: list[str] = Field(description="What must be said beside the figures.")


class ObjectiveOut(Out):
    """An objective, and its budget if it was ever read."""

    slug: str
    title: str
    service: str
    target: Target = Field(validation_alias="target_ppm")
    window: Span = Field(description="What its budget is of.")
    calendar: bool = Field(
        validation_alias="is_calendar", description="Whether the window starts anew, or rolls."
    )
    budgeting: str = Field(examples=["occurrences"])
    level: BudgetLevel
    budget: BudgetOut | None
    tried_at: datetime | None
    error: str = Field(description="Why the last attempt to read it failed; empty when it did not.")
    stale: bool = Field(
        validation_alias="is_stale", description="Whether the budget is older than ten minutes."
    )


class PointOut(Out):
    """The budget at an instant."""

    at: datetime
    left: ShareOut
    availability: ShareOut


class BurnDownOut(Out):
    """Points in order. Where two are further apart than the gap, nothing was measured."""

    objective: str
    period: PeriodOut
    gap: Span
    points: list[PointOut]
    deployments: list[datetime] = Field(
        description="When the service was deployed, to the minute; the newest 2,000. Empty as well "
        "where the organisation names no query for it."
    )


class LossOut(Out):
    """A time to restore to target: from the loss of the target until it was met again."""

    objective: str
    service: str
    lost_at: datetime = Field(validation_alias="loss.lost_at")
    regained_at: datetime | None = Field(
        validation_alias="loss.regained_at", description="Null while it lasts."
    )
    took: Span | None
    method: str = Field(examples=["sliding-window"])
    parameters: dict[str, float]


class LossesOut(Out):
    """The losses of a service during a period."""

    period: PeriodOut
    items: list[LossOut]


class AdviceOut(Out):
    """What the error budget policy says. Advice: nothing in Andon enforces it."""

    service: str
    may_deploy: bool = Field(description="False only where the policy is on and a budget is low.")
    policy: bool = Field(description="Whether the organisation has chosen the policy.")
    level: BudgetLevel = Field(description="The level of the service's worst objective.")
    reason: str
    asks: list[str] = Field(description="What the policy asks for at this level.")
    objective: Annotated[str | None, OrNull] = Field(description="The objective that decides.")


@router.get("/objectives", response=answers(Listed[ObjectiveOut]), summary="List objectives")
def list_objectives(
    request: HttpRequest, *, service: Search = "", limit: Limit = 50, after: Cursor = ""
) -> Listed[ObjectiveOut]:
    """With their error budgets as they were read last, sorted by slug."""
    found = budgets.list_cards(now=clock.now(), service=service, after=after, limit=limit + 1)
    return listed(ObjectiveOut, found, limit=limit)


@router.get("/objectives/{slug}", response=answers(ObjectiveOut, 404), summary="Read one objective")
def get_objective(request: HttpRequest, slug: Slug) -> ObjectiveOut:
    """With its error budget as it was read last."""
    return ObjectiveOut.of(_card(slug))


@router.get(
    "/objectives/{slug}/points", response=answers(BurnDownOut, 404), summary="Read a burn-down"
)
def get_points(
    request: HttpRequest, slug: Slug, since: At | None = None, until: At | None = None
) -> BurnDownOut:
    """The last thirty days unless asked otherwise; 400 days at most."""
    card, period = _card(slug), _period(since, until)
    line = budgets.burn_down(objective=slug, period=period)
    deployments = slo.deployments_of(service=card.service, period=period)
    return BurnDownOut.of({"objective": slug, "deployments": deployments}, line)


@router.get(
    "/services/{slug}/losses", response=answers(LossesOut, 404), summary="List losses of a target"
)
def list_losses(
    request: HttpRequest, slug: Slug, since: At | None = None, until: At | None = None
) -> LossesOut:
    """Times to restore to target, as they were measured, oldest first; thirty days if not asked."""
    service, period = _service(slug), _period(since, until)
    found = budgets.losses(service_ids=[service.id], period=period)
    return LossesOut.of({"period": period, "items": found})


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
    found = budgets.advice(service_id=service.id, now=clock.now())
    return AdviceOut.of({"service": service.slug, "policy": found.enabled}, found)


def _card(slug: str) -> BudgetCard:
    found = budgets.find_card(slug=slug, now=clock.now())
    if found is None:
        raise Http404(f"There is no objective {slug!r}.")
    return found


def _service(slug: str) -> Service:
    service = catalogue.find_service(slug=slug)
    if service is None:
        raise Http404(f"The catalogue knows no service {slug!r}.")
    return service


def _period(since: datetime | None, until: datetime | None) -> periods.Period:
    """Return what was asked for: never upside down, never longer than is kept."""
    end = until or clock.now()
    start = since or end - _RECENT
    return periods.Period(min(max(start, end - _LONGEST), end), end)
