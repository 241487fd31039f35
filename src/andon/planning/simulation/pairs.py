"""Two portfolios that meet the same incidents, and how sure the difference is.

Both have a year's loss for every simulated year. Chance that both share falls out of the difference
of a year, so its standard error is that of the differences and not of two simulations apart.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from andon.core.money import Money, exponent
from andon.planning.simulation.exposure import Floats
from andon.planning.simulation.run import summed_up, total_of
from andon.planning.types import Paired, PairedChange, Portfolio, Progress

_TAIL = 0.95


def paired(
    *,
    before: Portfolio,
    after: Portfolio,
    years: int = 2_000,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Paired:
    """Return two simulations with the same incidents, and the standard errors of the difference.

    Raises UnableToSimulate, and ValueError on two currencies.
    """
    if before.currency != after.currency:
        raise ValueError(f"one is kept in {before.currency}, the other in {after.currency}")
    all_services, done = len(before.services) + len(after.services), 0

    def told(so_far: int, _all: int) -> None:
        if progress is not None:
            progress(done + so_far, all_services)

    run = partial(total_of, years=years, seed=seed, workers=workers, progress=told)
    first = run(portfolio=before)
    done = len(before.services)
    second = run(portfolio=after)
    scale = 10 ** exponent(before.currency)
    losses = first.minor / scale, second.minor / scale
    missed = [(one.missed > 0).astype(np.float64) for one in (first, second)]
    return Paired(
        before=summed_up(portfolio=before, total=first, seed=seed),
        after=summed_up(portfolio=after, total=second, seed=seed),
        mean=_shift(*losses, before.currency, lambda one: one),
        tvar95=_shift(*losses, before.currency, _influence),
        miss=float(missed[1].mean() - missed[0].mean()),
        miss_error=_error(missed[1] - missed[0]),
    )


def _shift(
    before: Floats, after: Floats, currency: str, part: Callable[[Floats], Floats]
) -> PairedChange:
    """Return the change of a figure that is the mean of a part each year has in it."""
    old, new = part(before), part(after)
    apart = math.hypot(_error(old), _error(new))
    figures = float(new.mean() - old.mean()), _error(new - old), apart
    return PairedChange(
        *(Money(round(one * 10 ** exponent(currency)), currency) for one in figures)
    )


def _influence(losses: Floats) -> Floats:
    """Return what each year adds to TVaR95; their mean is TVaR95 (Rockafellar and Uryasev)."""
    start = float(np.quantile(losses, _TAIL, method="inverted_cdf"))
    found: Floats = start + np.maximum(losses - start, 0.0) / (1 - _TAIL)
    return found


def _error(figures: Floats) -> float:
    return float(figures.std(ddof=1)) / math.sqrt(len(figures)) if len(figures) > 1 else 0.0
