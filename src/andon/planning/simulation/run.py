"""A whole portfolio, in chunks over the cores of this machine."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal

import numpy as np

from andon.catalogue.types import Cover
from andon.core.money import exponent
from andon.core.words import say_count
from andon.planning.rules.week import days_off
from andon.planning.simulation import summary
from andon.planning.simulation.chunk import ChunkOutcome, World, clustered, simulate_chunk
from andon.planning.simulation.exposure import UnableToSimulate
from andon.planning.types import Portfolio, Progress, Risk, Simulation

CHUNK = 20
#: Below this many incidents a second process costs more than it saves.
ALONE = 20_000_000
#: Incidents times the services each takes down; more is a tangle of dependencies, not an estate.
MOST = 200_000_000_000


def simulate(
    *,
    portfolio: Portfolio,
    years: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    chunk: int = CHUNK,
) -> Simulation:
    """Return the risk of every service and of the portfolio, over so many simulated years.

    The result depends on the portfolio, `years` and `seed` alone. `workers` is a number of
    processes; None takes one per core, and none extra for small work. Memory is bounded by the
    chunk. Raises UnableToSimulate when waiting has no end, or dependencies are a tangle.
    """
    total = total_of(
        portfolio=portfolio,
        years=years,
        seed=seed,
        workers=workers,
        progress=progress,
        chunk=chunk,
    )
    return summed_up(portfolio=portfolio, total=total, seed=seed)


def total_of(
    *,
    portfolio: Portfolio,
    years: int,
    seed: int,
    workers: int | None = None,
    progress: Progress | None = None,
    chunk: int = CHUNK,
) -> "Total":
    """Return the loss of every simulated year and what came in with it, as `simulate` does."""
    if years < 1 or seed < 0 or chunk < 1:
        raise UnableToSimulate("years must be at least 1, and the seed not negative")
    world = World(portfolio)
    rates = _rates(world, years)
    order = clustered(portfolio.services)
    chunks = [order[start : start + chunk] for start in range(0, len(order), chunk)]
    count = _workers(workers, sum(rates.values()) * years, len(chunks))
    total = Total(years, rates)
    for outcome in _outcomes(
        portfolio=portfolio, chunks=chunks, years=years, seed=seed, workers=count
    ):
        total.add(outcome)
        if progress is not None:
            progress(len(total.risks), len(order))
    return total


class Total:
    """What has come in so far: a few arrays, however many services."""

    def __init__(self, years: int, rates: dict[str, float]) -> None:
        self.rates = rates
        #: Loss of each year in minor units, and services that missed their target in each month.
        self.minor = np.zeros(years, dtype=np.int64)
        self.missed = np.zeros(years, dtype=np.int64)
        self.risks: dict[str, Risk] = {}

    def add(self, outcome: ChunkOutcome) -> None:
        """Add what a chunk came to."""
        self.minor += outcome.minor
        self.missed += outcome.missed
        self.risks.update((one.slug, one) for one in outcome.risks)


def _outcomes(
    *, portfolio: Portfolio, chunks: Sequence[list[str]], years: int, seed: int, workers: int
) -> Iterator[ChunkOutcome]:
    if workers <= 1:
        world = World(portfolio)
        for slugs in chunks:
            yield simulate_chunk(world=world, slugs=slugs, years=years, seed=seed)
        return
    # Started anew rather than forked: a fork of a process with threads can hang.
    pool = ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(portfolio, years, seed),
    )
    try:
        yield from pool.map(_work, chunks)
    finally:
        pool.shutdown(cancel_futures=True)


_worker: tuple[World, int, int] | None = None


def _start(portfolio: Portfolio, years: int, seed: int) -> None:
    """Keep what all chunks share, once in each worker."""
    global _worker  # noqa: PLW0603 - how a pool hands its workers what they share
    _worker = World(portfolio), years, seed


def _work(slugs: list[str]) -> ChunkOutcome:
    if _worker is None:
        raise RuntimeError("this worker was not started by a simulation")
    world, years, seed = _worker
    return simulate_chunk(world=world, slugs=slugs, years=years, seed=seed)


def _rates(world: World, years: int) -> dict[str, float]:
    """Return incidents a year by service, with those of dependencies; refuse a tangle at once."""
    rates: dict[str, float] = {}
    left = MOST / years
    for slug in world.services:
        rates[slug] = world.rate(slug)
        left -= rates[slug]
        if left < 0:
            raise UnableToSimulate(
                f"more than {MOST:,} outages to compute: hard dependencies take almost every "
                f"service down with every other one; soften some, or simulate fewer years"
            )
    return rates


def _workers(wanted: int | None, applied: float, chunks: int) -> int:
    if wanted is not None:
        return min(wanted, chunks)
    # Only Linux says which cores this process may use.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 1 if applied < ALONE else min(cores or 1, chunks)


def summed_up(*, portfolio: Portfolio, total: Total, seed: int) -> Simulation:
    """Return the figures of all years together."""
    years, rates = len(total.minor), total.rates
    losses = total.minor / 10 ** exponent(portfolio.currency)
    own = sum(float(one.incidents_per_year) for one in portfolio.services)
    whole = summary.risk(
        slug="",
        rate=own,
        losses=losses,
        missed=int((total.missed > 0).sum()),
        months=years,
        currency=portfolio.currency,
    )
    once, applied = round(own * years), round(sum(rates.values()) * years)
    return Simulation(
        organisation=portfolio.organisation,
        currency=portfolio.currency,
        years=years,
        seed=seed,
        services=tuple(total.risks[one.slug] for one in portfolio.services),
        portfolio=whole,
        curve=summary.curve(losses=losses, currency=portfolio.currency),
        incidents=once,
        applied=applied,
        assumptions=_assumptions(portfolio),
        working=_working(portfolio, years, seed, once, applied),
    )


def _assumptions(portfolio: Portfolio) -> tuple[str, ...]:
    known = {one.slug for one in portfolio.services}
    strangers = sorted({slug for one in portfolio.services for slug in one.depends_on} - known)
    lines = [
        "incidents are independent, apart from those of hard dependencies",
        "an incident starts at any minute of the year with the same probability",
        "times to restore are lognormal, with each service's own mean and sigma",
        "a service that goes down with another one waits for that one's team",
        "it loses by its own exposure, blast radius, cap and fixed cost then",
        "without cover an incident waits for the next working hours, weekends included",
        _bank_holidays(portfolio),
        "an outage counts in the year and month it starts; waiting counts as downtime",
        "a year has 365 days; a season's factor multiplies ordinary exposure",
    ]
    clumped = [one.slug for one in portfolio.services if one.dispersion]
    if clumped:
        named = ", ".join(clumped[:5]) + (", ..." if len(clumped) > 5 else "")
        lines.append(
            f"incidents come in clumps, by what was seen: negative binomial by 30 days: {named}"
        )
    shrunk = sum(1 for one in portfolio.services if one.siblings_seen)
    if shrunk:
        lines.append(
            f"times to restore of {say_count(shrunk, 'service')} lean towards those of siblings"
        )
    if strangers:
        named = ", ".join(strangers[:5]) + (", ..." if len(strangers) > 5 else "")
        lines.append(f"needed, but not in the portfolio, and taken never to fail: {named}")
    return tuple(lines)


def _bank_holidays(portfolio: Portfolio) -> str:
    counted = {days_off(one.working_hours, one.holidays) for one in portfolio.services}
    ends = min(counted, default=Decimal(0)), max(counted, default=Decimal(0))
    few, many = (f"{count.normalize():f}" for count in ends)
    said = many if few == many else f"{few} to {many}"
    return (
        f"bank holidays are out of hours: {said} a year on working days, by calendar; those "
        "of neighbouring weeks, such as Easter's, do not meet"
    )


def _working(
    portfolio: Portfolio, years: int, seed: int, once: int, applied: int
) -> tuple[str, ...]:
    uncovered = sum(1 for one in portfolio.services if one.cover is Cover.NONE)
    return (
        f"{say_count(len(portfolio.services), 'service')}, {uncovered:,} not covered out of hours",
        f"{say_count(years, 'simulated year')} and as many 30-day months, seed {seed}",
        f"about {once:,} incidents, {applied:,} outages with those of dependencies",
        "95% intervals: normal for means, binomial ranks for percentiles, Wilson for probabilities",
    )
