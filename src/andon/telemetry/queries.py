"""What the estate in force was made from, what was rolled out of it, and how its rules behave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from andon.catalogue import queries as catalogue
from andon.core.lists import Some, some
from andon.slo import queries as slo
from andon.telemetry.models import Rollout, RuleState
from andon.telemetry.types import RolloutRow, RolloutStep, RuleRow

#: A rule that has been live this long and never fired may be unable to.
NEVER_AFTER = timedelta(days=90)
#: A rule that fires this long has stopped telling anybody anything.
ALWAYS_AFTER = timedelta(days=3)
#: What an engine has not shown for so long before it was last asked is not live.
_LIVE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """How the alerting rules behave that their engines showed last, and when they did."""

    #: None: nobody has looked yet.
    at: datetime | None
    rules: int
    never: Some[RuleRow]
    always: Some[RuleRow]
    broken: Some[RuleRow]


def state_of_files() -> str:
    """Return a text that changes whenever what telemetry is generated from does. Two queries."""
    return f"{catalogue.newest_revision()} {slo.state_of_declarations()}"


def last_rollout() -> RolloutRow | None:
    """Return the last attempt to bring files into force. One query."""
    return next(iter(list_rollouts(limit=1)), None)


def list_rollouts(*, limit: int) -> list[RolloutRow]:
    """Return the last attempts to bring files into force, the newest first. One query."""
    return [_rollout(row) for row in Rollout.objects.order_by("-at", "-pk")[:limit]]


def watched(*, now: datetime, most: int) -> Watched:
    """Return how live rules behave: those that never fire, always fire or cannot be evaluated.

    Eight queries at most, however many rules there are.
    """
    states = RuleState.objects.order_by("service", "name", "engine")
    at = RuleState.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    rules = states.filter(seen_at__gte=at - _LIVE) if at else states.none()
    never = rules.filter(last_fired_at__isnull=True, firing_since__isnull=True)
    never = never.filter(seen_since__lte=now - NEVER_AFTER).exclude(state="firing")
    always = rules.filter(state="firing", firing_since__lte=now - ALWAYS_AFTER)
    return Watched(
        at=at,
        rules=rules.count(),
        never=some(never, most=most, load=_rule),
        always=some(always, most=most, load=_rule),
        broken=some(rules.exclude(error=""), most=most, load=_rule),
    )


def _rollout(row: Rollout) -> RolloutRow:
    return RolloutRow(
        at=row.at,
        by=row.by,
        digest=row.digest,
        outcome=row.outcome,
        steps=tuple(_step(one) for one in row.steps),
        took_ms=row.took_ms,
    )


def _step(step: dict[str, Any]) -> RolloutStep:
    return RolloutStep(
        tool=str(step.get("tool", "")),
        words=str(step.get("words", "")),
        ok=bool(step.get("ok", True)),
    )


def _rule(row: RuleState) -> RuleRow:
    return RuleRow(
        engine=row.engine,
        name=row.name,
        service=row.service,
        error=row.error,
        seen_since=row.seen_since,
        firing_since=row.firing_since,
    )
