"""Error budgets as pages show them: the cards of `budgets.queries` with what stands beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from andon.alerts.types import AlertKind
from andon.budgets import queries as budgets
from andon.budgets.queries import BudgetCard, StoredLoss
from andon.budgets.rules.policy import Advice
from andon.catalogue.types import Organisation
from andon.core.periods import Period
from andon.incidents import queries as incidents
from andon.incidents.types import Incident
from andon.slo.queries import deployments_of
from andon.web.portal.burndown import BurnDown, Mark, burn_down

#: Objectives of one service whose burn-down is drawn.
_CHARTS = 5
#: Incidents that are marked on them.
_MARKS = 200


@dataclass(frozen=True, slots=True)
class Budgets:
    """The objectives of a service with their budgets, and what the policy says when it is on."""

    cards: Sequence[BudgetCard]
    advice: Advice | None

    @property
    def is_read(self) -> bool:
        """Return whether any of them has ever been read."""
        return any(one.budget is not None for one in self.cards)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An objective with its budget and its burn-down; None before there are two readings."""

    card: BudgetCard
    chart: BurnDown | None


def of_service(*, service_id: int, organisation: Organisation, now: datetime) -> Budgets:
    """Return how the budgets of a service stand."""
    cards = budgets.budget_cards(service_id=service_id, now=now)
    asked = organisation.telemetry.budget_policy and cards
    return Budgets(cards, budgets.advice(service_id=service_id, now=now) if asked else None)


def drawn(*, service: str, cards: Sequence[BudgetCard], zone: tzinfo, now: datetime) -> list[Drawn]:
    """Return the burn-down of each objective over its window, incidents and deployments marked."""
    happened = incidents.list_incidents(kind=AlertKind.INCIDENT, service=service, limit=_MARKS)
    marks = [_mark(one, now) for one in happened]
    marks += _deployments(service, cards, zone)
    return [
        Drawn(one, _chart(one, marks, zone) if number < _CHARTS else None)
        for number, one in enumerate(cards)
    ]


def losses_of(*, incident: Incident, now: datetime) -> list[StoredLoss]:
    """Return when targets of the incident's service were lost while it lasted, longest first.

    What was regained before the incident's first alert is not its loss.
    """
    if incident.service_id is None or not incident.kind.is_real:
        return []
    ends = max(incident.restored_at or now, incident.started_at) + timedelta(seconds=1)
    found = budgets.losses(
        service_ids=[incident.service_id], period=Period(incident.started_at, ends)
    )
    lasting = timedelta.max
    return sorted(found, key=lambda one: (one.took or lasting, one.objective), reverse=True)


def _mark(one: Incident, now: datetime) -> Mark:
    ends = max(one.restored_at or now, one.started_at)
    return Mark(Period(one.started_at, ends), f"{one.name}: {one.title}"[:160])


def _deployments(service: str, cards: Sequence[BudgetCard], zone: tzinfo) -> list[Mark]:
    windows = [one.budget.window for one in cards if one.budget]
    if not windows:
        return []
    period = Period(min(one.starts_at for one in windows), max(one.ends_at for one in windows))
    found = deployments_of(service=service, period=period, limit=_MARKS)
    return [_deployment(at, zone) for at in found]


def _deployment(at: datetime, zone: tzinfo) -> Mark:
    local = at.astimezone(zone)
    return Mark(
        Period(at, at), f"Deployed at {local:%H:%M} on {local.day} {local:%b}", "deployment"
    )


def _chart(card: BudgetCard, marks: Sequence[Mark], zone: tzinfo) -> BurnDown | None:
    if card.budget is None:
        return None
    found = budgets.burn_down(objective=card.slug, period=card.budget.window)
    points = [(one.at, one.left) for one in found.points]
    return burn_down(points, window=found.period, zone=zone, marks=marks, gap=found.gap)
