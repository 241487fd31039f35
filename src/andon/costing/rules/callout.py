"""Callout pay: from the acknowledgement until availability is restored, out of hours only.

The first unit paid is the minimum callout, whatever was worked; then every block that was started.
A unit that touches a bank holiday is paid at the holiday rate as a whole: the person has the doubt.
"""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from andon.alerts.types import AlertKind
from andon.catalogue.types import Pay
from andon.core.money import Money
from andon.core.periods import Period, subtract
from andon.costing.rules.units import say, take, total, touches, units
from andon.costing.types import Callout, CalloutLine

_HOUR = timedelta(hours=1)
_NOTHING = timedelta(0)
#: The shortest time there is.
INSTANT = timedelta(microseconds=1)


def callout_pay(
    *,
    pay: Pay,
    whom: str,
    worked: Period,
    in_hours: Sequence[Period],
    holidays: Sequence[Period] = (),
    elsewhere: Sequence[Period] = (),
    final: bool = True,
) -> Callout:
    """Return what one responder is paid for being called out, and the working.

    `in_hours` are the working periods and `holidays` the bank holidays that touch `worked`;
    `elsewhere` is time already paid for another incident. Who acknowledges out of hours is paid the
    minimum even when it was restored at once.
    """
    nothing = Money.zero(pay.callout_per_hour.currency)
    parts = out_of_hours(worked, in_hours)
    if not parts:
        reason = f"{say(worked.length)} in working hours: no callout"
        return no_callout(currency=nothing.currency, reason=reason, whom=whom, final=final)
    once = list(subtract(parts, elsewhere))
    _, paid = take(once, pay.included_in_standby)
    if not paid:
        reason = _why_nothing(pay, parts, once)
        return no_callout(currency=nothing.currency, reason=reason, whom=whom, final=final)
    lines = _lines(pay, whom, paid, holidays)
    return Callout(sum((line.pay for line in lines), nothing), tuple(lines), final)


def why_unpaid(*, kind: AlertKind, pay: Pay | None) -> str:
    """Return why work on incidents of a kind is paid to nobody, or an empty text."""
    if kind is AlertKind.TEST:
        return "a test: nobody is paid for it"
    if kind is AlertKind.EXERCISE and not (pay and pay.exercises_paid):
        return "an exercise, and the organisation does not pay exercises"
    return ""


def paid_kinds(*, pay: Pay | None) -> tuple[AlertKind, ...]:
    """Return the kinds of incidents whose work counts: for pay, and so for rest and load."""
    return tuple(kind for kind in AlertKind if not why_unpaid(kind=kind, pay=pay))


def no_callout(*, currency: str, reason: str, whom: str = "", final: bool = True) -> Callout:
    """Return a bill of nothing, with the reason."""
    nothing = Money.zero(currency)
    return Callout(nothing, (CalloutLine(whom, reason, nothing),), final)


def out_of_hours(worked: Period, in_hours: Sequence[Period]) -> list[Period]:
    """Return the parts of a worked period that lie out of hours; an empty one is an instant."""
    ends_at = max(worked.ends_at, worked.starts_at + INSTANT)
    return list(subtract([Period(worked.starts_at, ends_at)], in_hours))


def response_cost(*, pay: Pay, worked: Period, in_hours: Sequence[Period]) -> Money | None:
    """Return what work on an incident in working hours costs at the internal rate, if any is set.

    Equal Experts, service reliability: incident cost is callout plus in-hours response.
    """
    if pay.response_per_hour is None:
        return None
    inside = [part for one in in_hours if (part := one.clip(worked))]
    return hourly(pay.response_per_hour, total(inside))


def hourly(rate: Money, length: timedelta, percent: int = 100) -> Money:
    """Return a rate by the hour for an elapsed length, rounded half-even once."""
    hours = Fraction(length // INSTANT, _HOUR // INSTANT)
    return Money(round(rate.minor * hours * percent / 100), rate.currency)


def _lines(
    pay: Pay, whom: str, parts: Sequence[Period], holidays: Sequence[Period]
) -> list[CalloutLine]:
    ordinary, holiday = _NOTHING, _NOTHING
    for unit, pieces in units(parts, first=pay.minimum_callout, block=pay.callout_block):
        if touches(pieces, holidays):
            holiday += unit
        else:
            ordinary += unit
    words = f"worked {say(total(parts))} out of hours; "
    if pay.included_in_standby:
        words = f"worked {say(total(parts))} out of hours beyond the "
        words += f"{say(pay.included_in_standby)} within standby; "
    words += f"a callout is at least {say(pay.minimum_callout)}, "
    words += f"then {say(pay.callout_block)} for every block started"
    return [
        CalloutLine(
            whom,
            f"{words}: {say(paid)} at {_rate(pay, percent)}",
            hourly(pay.callout_per_hour, paid, percent),
        )
        for paid, percent in ((ordinary, 100), (holiday, pay.holiday_percent))
        if paid
    ]


def _why_nothing(pay: Pay, parts: Sequence[Period], once: Sequence[Period]) -> str:
    if not once:
        return f"{say(total(parts))} out of hours, already paid for another incident"
    return (
        f"{say(total(once))} out of hours, within the {say(pay.included_in_standby)} that standby "
        "pays for"
    )


def _rate(pay: Pay, percent: int) -> str:
    rate = f"{pay.callout_per_hour.exact} an hour"
    return rate if percent == 100 else f"{percent}% of {rate} (bank holiday)"
