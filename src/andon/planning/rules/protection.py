"""Financial loss protection effectiveness, and what one more nine is worth."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from andon.catalogue.rules.targets import allowed_downtime, format_target
from andon.core.money import Money
from andon.planning.rules.exact import HOUR, decimal, minutes, per, ratio, times


@dataclass(frozen=True, slots=True)
class Protection:
    """How much of the loss a target tolerates was avoided. Negative when more was lost."""

    tolerated: Money
    lost: Money
    protected: Money
    #: `protected / tolerated`; None when nothing could be lost. Never clamped.
    effectiveness: Decimal | None
    working: tuple[str, ...]


def loss_protection(
    *, exposure_per_hour: Money, target_ppm: int, period: timedelta, lost: Money
) -> Protection:
    """Return the loss protection of a period (Equal Experts, measurement).

    Comparable across services only over the same period.
    """
    allowance = allowed_downtime(target_ppm, period)
    tolerated = times(exposure_per_hour, per(allowance, HOUR))
    kept = tolerated - lost
    share = decimal(ratio(kept, tolerated), 5) if tolerated.minor else None
    working = (
        f"{format_target(target_ppm)} of {period.days} days tolerates {minutes(allowance)}",
        f"{exposure_per_hour} an hour over that: {tolerated} tolerated; {lost} lost",
    )
    return Protection(tolerated, lost, kept, share, working)


def linear_protection(
    *, exposure_per_hour: Money, target_ppm: int, period: timedelta, time_to_restore: timedelta
) -> Protection:
    """Return the loss protection of one outage whose loss grows linearly."""
    lost = times(exposure_per_hour, per(time_to_restore, HOUR))
    return loss_protection(
        exposure_per_hour=exposure_per_hour, target_ppm=target_ppm, period=period, lost=lost
    )


def value_of_target(*, revenue: Money, old_ppm: int, new_ppm: int) -> Money:
    """Return what moving to another target is worth: `revenue x (new - old)`.

    Worth having only if it costs less (Google, Site Reliability Engineering, Embracing Risk).
    """
    return times(revenue, Fraction(new_ppm - old_ppm, 1_000_000))
