"""Distribution functions that the standard library lacks, to about 12 digits.

Series and continued fractions as in Numerical Recipes, sections 6.2 and 6.4; quantiles by halving.
"""

import math
from collections.abc import Callable

_TINY = 1e-300
_ENOUGH = 1e-15
_MOST_TERMS = 10_000


def gamma_cdf(x: float, shape: float) -> float:
    """Return P(X <= x) of a Gamma with this shape and rate 1."""
    if x <= 0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        n = shape
        for _ in range(_MOST_TERMS):
            n += 1
            term *= x / n
            total += term
            if term < total * _ENOUGH:
                break
        return total * front
    return 1 - front * _gamma_fraction(x, shape)


def gamma_quantile(p: float, shape: float) -> float:
    """Return the x below which a share p of a Gamma with this shape and rate 1 lies."""
    return _inverse(lambda x: gamma_cdf(x, shape), p)


def _inverse(cdf: Callable[[float], float], p: float) -> float:
    high = 1.0
    while cdf(high) < p:
        high *= 2
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if cdf(middle) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gamma_fraction(x: float, shape: float) -> float:
    b = x + 1 - shape
    c, d = 1 / _TINY, 1 / b
    h = d
    for i in range(1, _MOST_TERMS):
        a = -i * (i - shape)
        b += 2
        d = 1 / _away_from_zero(a * d + b)
        c = _away_from_zero(b + a / c)
        h *= d * c
        if abs(d * c - 1) < _ENOUGH:
            break
    return h


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
