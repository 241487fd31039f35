"""Financial loss protection effectiveness, beside what it cost."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from andon.core.money import Money
from andon.core.words import say_count, say_exactly
from andon.costing.types import Protection
from andon.incidents.rules import loss_over

_SHARE = Decimal("0.00001")


#: Books that hold less give no percentage: a share of next to nothing is anything at all.
ENOUGH = timedelta(days=7)


def protection(
    *,
    name: str,
    exposure_per_hour: Money,
    allowance: timedelta,
    lost: Money,
    cost: Money,
    length: timedelta,
) -> Protection:
    """Return how much of the tolerated loss was avoided (Equal Experts, measurement).

    `tolerated` is what losing the whole allowance of the period would cost. Comparable between
    services only over the same period. More lost than tolerated is shown as negative, not clamped.
    `length` is how much of the period is over and known.
    """
    tolerated = loss_over(exposure_per_hour=exposure_per_hour, length=allowance)
    words = (
        f"{exposure_per_hour} an hour over the {say_exactly(allowance)} the target allows: "
        f"{tolerated} tolerated, {lost} lost"
    )
    return _of_length(_protection(name, tolerated, lost, cost, words), length)


def altogether(
    *, name: str, parts: Iterable[Protection], currency: str, length: timedelta
) -> Protection:
    """Return the protection of many services as one: sums of money, never a mean of shares."""
    held = list(parts)
    nothing = Money.zero(currency)
    tolerated = sum((one.tolerated for one in held), nothing)
    lost = sum((one.lost for one in held), nothing)
    cost = sum((one.cost for one in held), nothing)
    count = f"{say_count(len(held), 'service')} with an exposure and a target"
    words = f"{count}: {tolerated} tolerated, {lost} lost"
    return _of_length(_protection(name, tolerated, lost, cost, words), length)


def _of_length(found: Protection, length: timedelta) -> Protection:
    if length >= ENOUGH:
        return found
    words = f"{found.working}; less than a week is known so far, too little for a percentage"
    return replace(found, effectiveness=None, working=words)


def _protection(name: str, tolerated: Money, lost: Money, cost: Money, words: str) -> Protection:
    kept = tolerated - lost
    share = None
    if tolerated.minor:
        exact = Fraction(kept.minor, tolerated.minor)
        share = (Decimal(exact.numerator) / exact.denominator).quantize(_SHARE, ROUND_HALF_EVEN)
    return Protection(name, tolerated, lost, kept, share, cost, words)
