"""The error budget policy: what is asked for at which level. Advice with its reason, never a gate.

An option of the organisation. Its levels are Andon's own choice, after the error budget policies of
the SRE workbook (appendix B): it is written down before it is needed, and the worst objective of a
service decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from andon.core.words import say_share, say_span


class BudgetLevel(StrEnum):
    """How an error budget stands, the worst last."""

    #: Nothing is known: not measured, or not for a long while.
    UNKNOWN = "unknown"
    #: More than half is left.
    HEALTHY = "healthy"
    #: At most half is left.
    WATCHFUL = "watchful"
    #: Less than a fifth is left.
    LOW = "low"
    EXHAUSTED = "exhausted"


#: At most this share is left, for a level to apply; the first that applies counts.
_LIMITS = (
    (Decimal(0), BudgetLevel.EXHAUSTED),
    (Decimal("0.2"), BudgetLevel.LOW),
    (Decimal("0.5"), BudgetLevel.WATCHFUL),
)
#: A reading older than this says nothing about now.
FRESH = timedelta(hours=1)

ASKS: dict[BudgetLevel, tuple[str, ...]] = {
    BudgetLevel.UNKNOWN: ("Find out why the budget is not measured.",),
    BudgetLevel.HEALTHY: ("Carry on: release as usual, and use the budget to learn.",),
    BudgetLevel.WATCHFUL: (
        "Release in smaller steps, with somebody watching.",
        "Put off chaos days and risky migrations until more is left.",
    ),
    BudgetLevel.LOW: (
        "Reliability work comes first in the backlog.",
        "Release what makes the service more reliable, and only what cannot wait beside it.",
    ),
    BudgetLevel.EXHAUSTED: (
        "Release only fixes: for reliability, for security, for the fault itself.",
        "Hold a post-incident review of what used the budget up, and do its actions first.",
        "Product manager and team agree when ordinary releases begin again.",
    ),
}


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """An objective's budget as the policy looks at it."""

    slug: str
    title: str
    left: Decimal | None
    read_at: datetime | None
    exhausts_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What the policy says about a deployment now."""

    #: Whether the organisation has chosen the policy.
    enabled: bool
    level: BudgetLevel
    #: False only where the policy is on and asks to hold ordinary releases back.
    may_deploy: bool
    reason: str
    asks: tuple[str, ...]
    #: The objective that decides, by slug; empty when there is none.
    objective: str = ""


def level(*, left: Decimal | None) -> BudgetLevel:
    """Return the level of a budget; exactly a fifth is watchful, nothing left exhausted."""
    if left is None:
        return BudgetLevel.UNKNOWN
    for limit, found in _LIMITS:
        if left < limit or (left == limit and found is not BudgetLevel.LOW):
            return found
    return BudgetLevel.HEALTHY


def advise(*, standings: Iterable[BudgetStanding], enabled: bool, now: datetime) -> Advice:
    """Return what the policy asks of a service, by its worst objective.

    What is not known never forbids: it is said, and what is known decides.
    """
    known = [one for one in standings if _is_known(one, now)]
    if not known:
        reason = "No error budget of this service has been measured within the last hour."
        return Advice(enabled, BudgetLevel.UNKNOWN, True, _off(reason, enabled), _asks(enabled))
    worst = min(known, key=lambda one: (one.left, one.slug))
    found = level(left=worst.left)
    held = found in (BudgetLevel.LOW, BudgetLevel.EXHAUSTED)
    return Advice(
        enabled=enabled,
        level=found,
        may_deploy=not (enabled and held),
        reason=_off(_reason(worst), enabled),
        asks=_asks(enabled, found),
        objective=worst.slug,
    )


def _is_known(one: BudgetStanding, now: datetime) -> bool:
    return one.left is not None and one.read_at is not None and now - one.read_at <= FRESH


def _asks(enabled: bool, found: BudgetLevel = BudgetLevel.UNKNOWN) -> tuple[str, ...]:
    return ASKS[found] if enabled else ()


def _reason(worst: BudgetStanding) -> str:
    assert worst.left is not None  # noqa: S101 - only known ones are compared
    if worst.left <= 0:
        over = f", overspent by {say_share(-worst.left)}" if worst.left < 0 else ""
        return f"The error budget of {worst.title} is exhausted{over}."
    said = f"{say_share(worst.left)} of the error budget of {worst.title} is left"
    if worst.exhausts_in is None:
        return f"{said}."
    return f"{said}; at the pace of the last hour it is gone in {say_span(worst.exhausts_in)}."


def _off(reason: str, enabled: bool) -> str:
    return reason if enabled else f"{reason} The organisation has no error budget policy."
