"""Splitting an amount so that the parts add up to it, to the minor unit."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from andon.core.money import Money

K = TypeVar("K", bound=Hashable)


def allocate(*, amount: Money, weights: Mapping[K, int | Decimal | Fraction]) -> dict[K, Money]:
    """Return an amount split by weights, by largest remainder; ties go to the smaller key.

    Without any weight the parts are equal. Negative weights mean nothing and raise ValueError.
    """
    exact = {key: Fraction(weight) for key, weight in weights.items()}
    if not exact:
        raise ValueError("an amount cannot be split among nobody")
    if min(exact.values()) < 0:
        raise ValueError("a weight is negative")
    whole = sum(exact.values())
    if not whole:
        exact, whole = dict.fromkeys(exact, Fraction(1)), Fraction(len(exact))
    # A reversal is the mirror image of what it takes back.
    sign = -1 if amount.minor < 0 else 1
    quotas = {key: abs(amount.minor) * weight / whole for key, weight in exact.items()}
    parts = {key: quota.numerator // quota.denominator for key, quota in quotas.items()}
    left = abs(amount.minor) - sum(parts.values())

    def by_remainder(key: K) -> tuple[Fraction, Any]:
        return parts[key] - quotas[key], key

    for key in sorted(quotas, key=by_remainder)[:left]:
        parts[key] += 1
    return {key: Money(sign * minor, amount.currency) for key, minor in parts.items()}
