"""Time and money of one incident."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from andon.core.money import Money
from andon.incidents.types import Figures

_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)
_ZERO = timedelta(0)
_SHARE = Decimal("0.00001")


def loss_over(*, exposure_per_hour: Money, length: timedelta) -> Money:
    """Return what unavailability costs: exposure x time, exact, rounded half-even once."""
    micros = length // _MICROSECOND
    exact = Fraction(exposure_per_hour.minor * micros, _HOUR // _MICROSECOND)
    return Money(round(exact), exposure_per_hour.currency)


def figures(
    *,
    started_at: datetime,
    acknowledged_at: datetime | None,
    restored_at: datetime | None,
    exposure_per_hour: Money | None,
    allowance: timedelta | None,
    now: datetime,
) -> Figures:
    """Return the figures of an incident; while it is active they run until `now`.

    A sender's clock may run ahead of ours, so no length is ever negative. `protection` may be:
    losing more than the target tolerates is shown, not clamped.
    """
    duration = _since(started_at, restored_at or now)
    loss = per_minute = tolerated = None
    if exposure_per_hour is not None:
        loss = loss_over(exposure_per_hour=exposure_per_hour, length=duration)
        per_minute = loss_over(exposure_per_hour=exposure_per_hour, length=timedelta(minutes=1))
        if allowance is not None:
            tolerated = loss_over(exposure_per_hour=exposure_per_hour, length=allowance)
    return Figures(
        time_to_acknowledge=_since(started_at, acknowledged_at) if acknowledged_at else None,
        time_to_restore=duration if restored_at else None,
        duration=duration,
        loss=loss,
        loss_per_minute=per_minute,
        allowance=allowance,
        allowance_used=_ratio(duration, allowance) if allowance else None,
        tolerated_loss=tolerated,
        protection=_protection(loss, tolerated),
    )


def _since(start: datetime, end: datetime) -> timedelta:
    return max(end - start, _ZERO)


def _ratio(part: timedelta, whole: timedelta) -> Decimal:
    return _share(Fraction(part // _MICROSECOND, whole // _MICROSECOND))


def _protection(loss: Money | None, tolerated: Money | None) -> Decimal | None:
    if loss is None or tolerated is None or tolerated.minor == 0:
        return None
    return _share(1 - Fraction(loss.minor, tolerated.minor))


def _share(exact: Fraction) -> Decimal:
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return value.quantize(_SHARE, rounding=ROUND_HALF_EVEN)
