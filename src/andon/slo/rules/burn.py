"""Burn rates: how fast an error budget goes, and when a pair of windows notices.

Symbols as in the SRE workbook, chapter 5: P period, o target, b = 1 - o budget, e ratio of bad
events during a fault, f factor, X share of the budget, L and S long and short window,
theta = f * b. All in decimals: nobody can read or compare 0.014400000000000013.
"""

from datetime import timedelta
from decimal import Decimal

from andon.catalogue.types import BurnTier

#: Parts per million of a whole.
_WHOLE = 1_000_000
_ONE = Decimal(1)
_TICK = timedelta(microseconds=1)


def budget(*, target_ppm: int) -> Decimal:
    """Return the share that may fail: b = 1 - o."""
    return Decimal(_WHOLE - target_ppm) / _WHOLE


def budget_time(*, target_ppm: int, period: timedelta) -> timedelta:
    """Return how long a full outage may last in a period: P * b."""
    return _span(_ticks(period) * budget(target_ppm=target_ppm))


def factor(*, share: Decimal, period: timedelta, long: timedelta) -> Decimal:
    """Return the burn rate that uses up a share of the budget within a window: f = X * P / L."""
    return share * _ticks(period) / _ticks(long)


def share(*, factor: Decimal, period: timedelta, long: timedelta) -> Decimal:
    """Return the share of the budget that a burn rate uses up within a window: X = f * L / P."""
    return factor * _ticks(long) / _ticks(period)


def threshold(*, factor: Decimal, target_ppm: int) -> Decimal:
    """Return the error ratio above which a window burns faster than a factor: theta = f * b."""
    return factor * budget(target_ppm=target_ppm)


def burn_rate(*, ratio: Decimal, target_ppm: int) -> Decimal:
    """Return how many times faster than even the budget goes at an error ratio: e / b."""
    return ratio / budget(target_ppm=target_ppm)


def detection(*, window: timedelta, threshold: Decimal, ratio: Decimal) -> timedelta | None:
    """Return how long a fault lasts until a window notices: W * theta / e; None for never.

    For a constant ratio, nothing bad before, and a window full of measurements. Faults repeated
    within the window, and windows that have not filled yet, are noticed sooner.
    It is also the shortest fault that is noticed at all.
    """
    if ratio <= threshold:
        return None
    return _span(_ticks(window) * threshold / ratio)


def pair_detection(
    *, long: timedelta, short: timedelta, threshold: Decimal, ratio: Decimal
) -> timedelta | None:
    """Return when both windows of a pair have noticed: that of the longer one."""
    return detection(window=max(long, short), threshold=threshold, ratio=ratio)


def reset(*, window: timedelta, threshold: Decimal, ratio: Decimal) -> timedelta | None:
    """Return how long after a fault a window that noticed it still alerts: W * (1 - theta / e).

    A fault shorter than the window gives the same. None when it would never have noticed.
    """
    if ratio <= threshold:
        return None
    return _span(_ticks(window) * (_ONE - threshold / ratio))


def pair_reset(
    *, long: timedelta, short: timedelta, threshold: Decimal, ratio: Decimal
) -> timedelta | None:
    """Return when a pair falls silent after the fault: with its shorter window."""
    return reset(window=min(long, short), threshold=threshold, ratio=ratio)


def exhaustion(*, period: timedelta, burn_rate: Decimal) -> timedelta:
    """Return how long a full budget lasts at a burn rate: P / f."""
    return _span(_ticks(period) / burn_rate)


def is_reachable(*, threshold: Decimal) -> bool:
    """Return whether anything can burn that fast: no more than all events can fail."""
    return threshold < _ONE


def tier_factor(*, tier: BurnTier, period: timedelta) -> Decimal:
    """Return the factor of a tier in a period."""
    return factor(share=tier.share, period=period, long=tier.long)


def _ticks(span: timedelta) -> int:
    return span // _TICK


def _span(ticks: Decimal) -> timedelta:
    return timedelta(microseconds=round(ticks))
