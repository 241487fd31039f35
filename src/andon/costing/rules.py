"""Callout pay: from the acknowledgement until availability is restored, out of hours only.

The first unit paid is the minimum callout, whatever was worked; then every block that was started.
A unit that touches a bank holiday is paid at the holiday rate as a whole: the person has the doubt.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction

from andon.catalogue.types import Pay
from andon.core.money import Money
from andon.core.periods import Period, subtract
from andon.costing.types import Callout, CalloutLine

_HOUR = timedelta(hours=1)
_NOTHING = timedelta(0)
#: A block of no length would never end a bill.
_SHORTEST_BLOCK = timedelta(minutes=1)
#: The shortest time there is.
INSTANT = timedelta(microseconds=1)


def callout_pay(
    *,
    pay: Pay,
    whom: str,
    worked: Period,
    in_hours: Sequence[Period],
    holidays: Sequence[Period] = (),
    final: bool = True,
) -> Callout:
    """Return what one responder is paid for being called out, and the working.

    `in_hours` are the working periods and `holidays` the bank holidays that touch `worked`. Who
    acknowledges out of hours is paid the minimum even when it was restored at once.
    """
    parts = list(subtract([_at_least_an_instant(worked)], in_hours))
    length = sum((part.length for part in parts), _NOTHING)
    if not parts:
        return _nothing(pay, whom, f"{_say(worked.length)} in working hours: no callout", final)
    ordinary, holiday = _NOTHING, _NOTHING
    for unit, pieces in _units(parts, pay):
        if any(piece.overlaps(day) for piece in pieces for day in holidays):
            holiday += unit
        else:
            ordinary += unit
    say = f"worked {_say(length)} out of hours; a callout is at least {_say(pay.minimum_callout)}, "
    say += f"then {_say(pay.callout_block)} for every block started"
    lines = [
        CalloutLine(whom, f"{say}: {_say(paid)} at {_rate(pay, percent)}", _pay(pay, paid, percent))
        for paid, percent in ((ordinary, 100), (holiday, pay.holiday_percent))
        if paid
    ]
    total = sum((line.pay for line in lines), Money.zero(pay.callout_per_hour.currency))
    return Callout(total, tuple(lines), final)


def no_callout(*, currency: str, reason: str, whom: str = "", final: bool = True) -> Callout:
    """Return a bill of nothing, with the reason."""
    nothing = Money.zero(currency)
    return Callout(nothing, (CalloutLine(whom, reason, nothing),), final)


def _nothing(pay: Pay, whom: str, reason: str, final: bool) -> Callout:
    currency = pay.callout_per_hour.currency
    return no_callout(currency=currency, reason=reason, whom=whom, final=final)


def _units(parts: Sequence[Period], pay: Pay) -> Iterator[tuple[timedelta, list[Period]]]:
    """Yield each paid unit with the worked pieces that fill it: the minimum first, then blocks."""
    left = list(parts)
    block = max(pay.callout_block, _SHORTEST_BLOCK)
    unit = pay.minimum_callout or block
    while left:
        pieces, left = _take(left, unit)
        yield unit, pieces
        unit = block


def _take(parts: Sequence[Period], length: timedelta) -> tuple[list[Period], list[Period]]:
    """Split worked periods after an elapsed length."""
    taken: list[Period] = []
    for place, part in enumerate(parts):
        if part.length > length:
            cut = part.starts_at + length
            taken.append(Period(part.starts_at, cut))
            return taken, [Period(cut, part.ends_at), *parts[place + 1 :]]
        taken.append(part)
        length -= part.length
        if not length:
            return taken, list(parts[place + 1 :])
    return taken, []


def _pay(pay: Pay, paid: timedelta, percent: int) -> Money:
    hours = Fraction(paid // INSTANT, _HOUR // INSTANT)
    # Fractions round half to even, once, at the minor unit.
    minor = round(pay.callout_per_hour.minor * hours * percent / 100)
    return Money(minor, pay.callout_per_hour.currency)


def _at_least_an_instant(worked: Period) -> Period:
    return Period(worked.starts_at, max(worked.ends_at, worked.starts_at + INSTANT))


def _rate(pay: Pay, percent: int) -> str:
    rate = f"{pay.callout_per_hour} an hour"
    return rate if percent == 100 else f"{percent}% of {rate} (bank holiday)"


def _say(length: timedelta) -> str:
    minutes = -(-length // timedelta(minutes=1)) if length > timedelta(seconds=1) else 0
    hours, minutes = divmod(minutes, 60)
    if hours and minutes:
        return f"{hours} h {minutes} min"
    return f"{hours} h" if hours else f"{minutes} min"
