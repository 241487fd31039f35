"""Exact arithmetic: fractions inside, money rounded half to even once, at the end."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from andon.core.money import Money, exponent

_MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def times(amount: Money, factor: Fraction | int) -> Money:
    """Return an amount times a factor, rounded half to even to the minor unit."""
    return Money(round(amount.minor * Fraction(factor)), amount.currency)


def per(length: timedelta, other: timedelta) -> Fraction:
    """Return how many times one length of time holds another, exactly."""
    return Fraction(length // _MICROSECOND, other // _MICROSECOND)


def ratio(amount: Money, other: Money) -> Fraction:
    """Return the quotient of two amounts of one currency, exactly."""
    if amount.currency != other.currency:
        raise ValueError(f"cannot compare {amount.currency} with {other.currency}")
    return Fraction(amount.minor, other.minor)


def total(amounts: "list[Money] | tuple[Money, ...]", currency: str) -> Money:
    """Return the sum of amounts of one currency."""
    return sum(amounts, Money.zero(currency))


def from_float(major: float, currency: str) -> Money:
    """Return the money a model's floating-point figure stands for, in major units."""
    return Money(round(major * 10 ** exponent(currency)), currency)


def to_float(amount: Money) -> float:
    """Return an amount in major units for a model that computes in floating point."""
    return float(amount.minor / 10 ** exponent(amount.currency))


def decimal(value: Fraction, places: int = 6) -> Decimal:
    """Return a fraction as a decimal of so many places, half to even."""
    scaled = round(value * 10**places)
    return Decimal(scaled).scaleb(-places)


def times_a_year(often: Decimal) -> str:
    """Return `12 times a year`, `once a year`, `0.4 times a year`."""
    return "once a year" if often == 1 else f"{round(often, 1).normalize():f} times a year"


def incidents(count: Decimal) -> str:
    """Return `1 incident`, `0.5 incidents`."""
    return "1 incident" if count == 1 else f"{count.normalize():f} incidents"
