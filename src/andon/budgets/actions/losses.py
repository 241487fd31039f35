"""Losses of availability targets: followed measurement by measurement, and stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from andon.budgets.models import TargetLoss
from andon.budgets.ports import Measurements
from andon.budgets.rules import restoration
from andon.budgets.rules.budget import target_at
from andon.budgets.rules.restoration import Loss, Parameters, State
from andon.slo.rules.indicators import counts_events
from andon.slo.rules.tiers import RECORDED
from andon.slo.types import Objective

#: How far back the first look goes, and how much one look takes after a standstill.
FIRST_LOOK = timedelta(hours=6)
#: What is longer ago than this is given up.
GIVEN_UP = timedelta(days=7)
LEAST_EVENTS = 10.0


@dataclass(frozen=True, slots=True)
class FollowedLosses:
    """The losses that began or ended, how they were found, and what the next look must know."""

    losses: Sequence[Loss]
    parameters: Parameters
    memory: dict[str, Any]


def follow(
    *,
    measurements: Measurements,
    of: Sequence[tuple[Objective, Mapping[str, Any]]],
    at: datetime,
    every: timedelta,
    scale: int,
) -> Mapping[str, FollowedLosses]:
    """Return what happened to the targets of some objectives until an instant, by slug.

    They are asked for together, from where the one that is furthest behind was left.
    Raises UnableToMeasure.
    """
    behind = min(_looked(memory, at) for _, memory in of)
    until = min(at, behind + FIRST_LOOK)
    found = measurements.samples(
        objectives=[objective.slug for objective, _ in of],
        until=until,
        span=max(until - behind, every),
    )
    result = {}
    for objective, memory in of:
        parameters = _parameters(objective, every, scale)
        state, losses = restoration.follow(
            state=_state(memory),
            samples=found.get(objective.slug, ()),
            target_at=lambda at, objective=objective: target_at(objective=objective, at=at),  # type: ignore[misc]
            parameters=parameters,
        )
        looked = max(until, _looked(memory, at))
        result[objective.slug] = FollowedLosses(losses, parameters, _memory(state, looked))
    return result


def store(followed: Mapping[int, FollowedLosses]) -> None:
    """Store losses by the key of their objective; the same twice is one."""
    rows = [
        TargetLoss(
            objective_id=pk,
            lost_at=loss.lost_at,
            regained_at=loss.regained_at,
            method=one.parameters.method,
            parameters=one.parameters.document(),
        )
        for pk, one in followed.items()
        for loss in one.losses
    ]
    TargetLoss.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["objective", "lost_at"],
        update_fields=["regained_at", "method", "parameters"],
    )


def _parameters(objective: Objective, every: timedelta, scale: int) -> Parameters:
    least = LEAST_EVENTS if counts_events(objective) else 0.0
    return Parameters(window=RECORDED / scale, every=every, least_events=least)


def _looked(memory: Mapping[str, Any], at: datetime) -> datetime:
    """Return up to when an objective was followed."""
    looked = _instant(memory.get("looked"))
    if looked is None or looked < at - GIVEN_UP:
        return at - FIRST_LOOK
    return min(looked, at)


def _state(memory: Mapping[str, Any]) -> State:
    return State(
        until=_instant(memory.get("until")),
        lost_at=_instant(memory.get("lost_at")),
        streak=int(memory.get("streak", 0)),
        since=_instant(memory.get("since")),
    )


def _memory(state: State, looked: datetime) -> dict[str, Any]:
    return {
        "looked": looked.isoformat(),
        "until": _text(state.until),
        "lost_at": _text(state.lost_at),
        "streak": state.streak,
        "since": _text(state.since),
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
