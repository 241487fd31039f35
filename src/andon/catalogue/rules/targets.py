"""Availability targets: parts per million in, percentages and allowances out."""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta

from andon.catalogue.types import Level, Service, TargetWindow
from andon.catalogue.types.forms import WHOLE
from andon.core.periods import Period
from andon.core.words import say_target


def format_target(ppm: int) -> str:
    """Return a target as people say it, with at least one decimal: `99.0%`, `99.95%`."""
    return say_target(ppm)


def allowed_downtime(ppm: int, period: timedelta) -> timedelta:
    """Return how long a service may be down in a period: `(1 - A) x P`, to the microsecond."""
    return period * (WHOLE - ppm) // WHOLE


def target_at(*, service: Service, at: datetime) -> int | None:
    """Return the target in force at an instant: the highest where windows overlap, or None."""
    return highest(service.targets, at)


def highest(windows: Iterable[TargetWindow], at: datetime) -> int | None:
    """Return the highest target among the windows that hold an instant."""
    return max((window.target_ppm for window in windows if _holds(window, at)), default=None)


def allowance(*, windows: Iterable[TargetWindow], period: Period) -> timedelta:
    """Return the downtime a period allows when the target changes inside it, part by part.

    Parts without any target allow nothing: nothing was promised, so nothing can be used up.
    """
    known = tuple(windows)
    edges = {period.starts_at, period.ends_at}
    for window in known:
        edges.update(at for at in (window.starts_at, window.ends_at) if at and at in period)
    total, ordered = timedelta(), sorted(edges)
    for start, end in itertools.pairwise(ordered):
        ppm = highest(known, start)
        total += allowed_downtime(ppm, end - start) if ppm is not None else timedelta()
    return total


def level_for(*, levels: Iterable[Level], ppm: int) -> Level:
    """Return the level a target falls in: the highest that does not exceed it, else the lowest."""
    ordered = sorted(levels, key=lambda level: level.target_ppm)
    reached = [level for level in ordered if level.target_ppm <= ppm]
    return reached[-1] if reached else ordered[0]


def _holds(window: TargetWindow, at: datetime) -> bool:
    return window.starts_at <= at and (window.ends_at is None or at < window.ends_at)
