"""Budgets, burn-downs and losses as they were read last: no question to the source of metrics."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from andon.budgets.models import BudgetPoint, BudgetReading, TargetLoss
from andon.budgets.rules import budget as rules
from andon.budgets.rules import policy
from andon.budgets.rules.budget import Budget, BurnDownPoint
from andon.budgets.rules.policy import Advice, BudgetLevel, BudgetStanding
from andon.budgets.rules.restoration import Loss
from andon.catalogue import queries as catalogue
from andon.catalogue.types.forms import parse_target
from andon.core.documents.forms import parse_duration
from andon.core.money import Money
from andon.core.periods import Period
from andon.slo import queries as slo
from andon.slo.types import MeasuredObjective

#: A reading older than this is shown with its age, and why: several turns have been missed.
STALE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class BudgetCard:
    """An objective with its budget, how old that is, and why it is not newer."""

    slug: str
    title: str
    service: str
    service_title: str
    #: What the objective asks for, over how long, and by which indicator.
    target_ppm: int
    window: timedelta
    budgeting: str
    is_calendar: bool
    level: BudgetLevel
    #: None until it was read for the first time.
    budget: Budget | None
    tried_at: datetime | None
    error: str
    is_stale: bool
    source: str

    @property
    def read_at(self) -> datetime | None:
        """Return the instant the budget is of."""
        return self.budget.at if self.budget else None


@dataclass(frozen=True, slots=True)
class BurnDownLine:
    """The points of a burn-down; where two are further apart than `gap`, nothing was measured."""

    objective: str
    period: Period
    gap: timedelta
    points: tuple[BurnDownPoint, ...]


@dataclass(frozen=True, slots=True)
class OwnedCard:
    """A budget with the team that owns its service, and the service's domain."""

    card: BudgetCard
    team: str
    team_title: str
    domain: str


@dataclass(frozen=True, slots=True)
class CardPage:
    """Some of the budgets a search found; rows are counted from 1."""

    cards: tuple[OwnedCard, ...]
    total: int
    first: int

    @property
    def last(self) -> int:
        """Return the number of the last row."""
        return self.first + len(self.cards) - 1

    @property
    def next(self) -> int:
        """Return how many rows to skip for the next page; 0 when this is the last."""
        return self.last if self.last < self.total else 0


@dataclass(frozen=True, slots=True)
class StoredLoss:
    """A target that was lost, with how that was found out."""

    objective: str
    title: str
    service_id: int
    service: str
    loss: Loss
    method: str
    parameters: Mapping[str, float] = field(default_factory=dict)

    @property
    def took(self) -> timedelta | None:
        """Return the time to restore to target; None while it lasts."""
        ended = self.loss.regained_at
        return None if ended is None else ended - self.loss.lost_at


def budget_cards(*, service_id: int, now: datetime) -> tuple[BudgetCard, ...]:
    """Return the objectives of a service with their budgets, by slug. Two queries."""
    return _cards(slo.live_objectives().filter(service_id=service_id).order_by("slug"), now)


def list_cards(
    *, now: datetime, service: str = "", after: str = "", limit: int = 50
) -> tuple[BudgetCard, ...]:
    """Return objectives with their budgets by slug, a screen at a time. Two queries."""
    rows = slo.live_objectives().filter(slug__gt=after).order_by("slug")
    if service:
        rows = rows.filter(service__slug=service)
    return _cards(rows[:limit], now)


def search_cards(
    *,
    now: datetime,
    search: str = "",
    team: str = "",
    domain: str = "",
    level: BudgetLevel | None = None,
    skip: int = 0,
    limit: int = 50,
) -> CardPage:
    """Return the budgets whose objective or service holds every word, the least left first.

    Those that were never read come last. Three queries.
    """
    reading = BudgetReading.objects.filter(objective=OuterRef("pk")).values("left")[:1]
    rows = slo.live_objectives().annotate(left=Subquery(reading))
    for word in search.split()[:6]:
        named = Q(slug__icontains=word) | Q(service__slug__icontains=word)
        rows = rows.filter(named | Q(service__title__icontains=word))
    if team:
        rows = rows.filter(service__owner__slug=team.lower())
    if domain:
        rows = rows.filter(service__domain__slug=domain.lower())
    if level is not None:
        rows = rows.filter(_at_level(level))
    total = rows.count()
    first = skip if skip < total else 0
    ordered = rows.order_by(F("left").asc(nulls_last=True), "slug")[first : first + limit]
    found = [slo.measured(row) for row in ordered]
    readings = BudgetReading.objects.in_bulk([one.id for one in found], field_name="objective_id")
    return CardPage(
        tuple(
            OwnedCard(
                card=_card(one, readings.get(one.id), now),
                team=one.team,
                team_title=one.team_title,
                domain=one.domain,
            )
            for one in found
        ),
        total,
        first + 1,
    )


def find_card(*, slug: str, now: datetime) -> BudgetCard | None:
    """Return an objective with its budget. Two queries."""
    return next(iter(_cards(slo.live_objectives().filter(slug=slug), now)), None)


def burn_down(*, objective: str, period: Period) -> BurnDownLine:
    """Return the points of an objective's burn-down, in order, both ends included. Two queries."""
    window = (
        BudgetReading.objects.filter(objective__slug=objective, objective__kind="slo")
        .values_list("window_starts_at", "window_ends_at")
        .first()
    )
    length = period.length
    if window and window[0] and window[1]:
        length = window[1] - window[0]
    rows = BudgetPoint.objects.filter(
        objective__slug=objective,
        objective__kind="slo",
        at__gte=period.starts_at,
        at__lte=period.ends_at,
    )
    return BurnDownLine(
        objective=objective,
        period=period,
        gap=rules.step(window=length) * 5 / 2,
        points=tuple(BurnDownPoint(*row) for row in rows.order_by("at").values_list(*_POINT)),
    )


def losses(*, service_ids: Iterable[int], period: Period) -> list[StoredLoss]:
    """Return when the targets of services were lost during a period, in order. One query."""
    rows = TargetLoss.objects.filter(
        Q(regained_at__isnull=True) | Q(regained_at__gt=period.starts_at),
        objective__service_id__in=list(service_ids),
        lost_at__lt=period.ends_at,
    )
    return [_loss(row) for row in rows.select_related("objective__service").order_by("lost_at")]


def followed_until(*, objectives: Collection[int]) -> dict[int, datetime]:
    """Return up to when the targets of objectives were followed, by their keys. One query.

    An objective whose target never was is left out.
    """
    rows = BudgetReading.objects.filter(objective_id__in=objectives)
    kept = dict(rows.values_list("objective_id", "followed"))
    looked = {pk: memory["looked"] for pk, memory in kept.items() if memory.get("looked")}
    return {pk: datetime.fromisoformat(at) for pk, at in looked.items()}


def advice(*, service_id: int, now: datetime) -> Advice:
    """Return what the error budget policy says about deploying a service. Three queries."""
    cards = budget_cards(service_id=service_id, now=now)
    enabled = catalogue.organisation().telemetry.budget_policy
    return policy.advise(standings=map(_standing, cards), enabled=enabled, now=now)


_POINT = ("at", "left", "availability")


def _at_level(level: BudgetLevel) -> Q:
    """Return the condition of a level: as `policy.level` decides."""
    return {
        BudgetLevel.UNKNOWN: Q(left__isnull=True),
        BudgetLevel.EXHAUSTED: Q(left__lte=0),
        BudgetLevel.LOW: Q(left__gt=0, left__lt=0.2),
        BudgetLevel.WATCHFUL: Q(left__gte=0.2, left__lte=0.5),
        BudgetLevel.HEALTHY: Q(left__gt=0.5),
    }[level]


def _cards(rows: "QuerySet[Any]", now: datetime) -> tuple[BudgetCard, ...]:
    found = [slo.measured(row) for row in rows]
    readings = BudgetReading.objects.in_bulk([one.id for one in found], field_name="objective_id")
    return tuple(_card(one, readings.get(one.id), now) for one in found)


def _card(declared: MeasuredObjective, reading: BudgetReading | None, now: datetime) -> BudgetCard:
    document = declared.document
    budget = _budget(reading, declared.exposure) if reading else None
    return BudgetCard(
        slug=declared.slug,
        title=document["title"],
        service=declared.service,
        service_title=declared.service_title,
        target_ppm=parse_target(document["target"]),
        window=parse_duration(document["window"]),
        budgeting=document["budgeting"],
        is_calendar=document["calendar"] is not None,
        level=policy.level(left=budget.left if budget else None),
        budget=budget,
        tried_at=reading.tried_at if reading else None,
        error=reading.error if reading else "",
        is_stale=budget is not None and now - budget.at > STALE,
        source=reading.source if reading else "",
    )


def _budget(row: BudgetReading, exposure: Money | None) -> Budget | None:
    """Return a reading as a value; money at the exposure that is declared now."""
    if (
        row.read_at is None
        or row.left is None
        or row.window_starts_at is None
        or row.window_ends_at is None
    ):
        return None
    left, allowed = _decimal(row.left), timedelta(seconds=row.allowed_seconds or 0)
    return Budget(
        window=Period(row.window_starts_at, row.window_ends_at),
        at=row.read_at,
        target_ppm=row.target_ppm or 0,
        allowed=allowed,
        left=left,
        time_left=rules.share_of(span=allowed, share=left),
        money_left=rules.money_of(exposure_per_hour=exposure, span=allowed, share=left),
        availability=None if row.availability is None else _decimal(row.availability),
        bad=_decimal(row.bad or 0.0),
        total=_decimal(row.total or 0.0),
        expected_total=None if row.expected_total is None else _decimal(row.expected_total),
        covered=_decimal(row.covered),
        burn={name: _decimal(rate) for name, rate in row.burn.items()},
        exhausts_in=None if row.exhausts_at is None else row.exhausts_at - row.read_at,
        notes=tuple(row.notes),
    )


def _standing(card: BudgetCard) -> BudgetStanding:
    one = card.budget
    return BudgetStanding(
        slug=card.slug,
        title=card.title,
        left=one.left if one else None,
        read_at=card.read_at,
        exhausts_in=one.exhausts_in if one else None,
    )


def _loss(row: TargetLoss) -> StoredLoss:
    declared = row.objective
    return StoredLoss(
        objective=declared.slug,
        title=declared.document["title"],
        service_id=declared.service_id,
        service=declared.service.slug,
        loss=Loss(row.lost_at, row.regained_at),
        method=row.method,
        parameters=row.parameters,
    )


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))
