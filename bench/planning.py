"""The insurance model: ten thousand services for ten thousand years, and the best cover for 1,000.

A cell is one service in one year. The peer of the simulation is what one would write first: a loop
over services, each drawn with NumPy, on one core. The limit is the drawing of the random numbers
alone (a Poisson count for each cell, a lognormal duration for each incident), on as many cores.
On one core both are measured on a sample, in turns and in seconds of CPU, so that other work on the
machine does not decide; on all cores in seconds of the clock, one after the other.
"""

import multiprocessing
import os
import random
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from andon.catalogue.types import Cover, DeploymentTarget, DomainKind, Level, WorkingHours
from andon.core.money import Money
from andon.planning.queries.build import holidays_a_year
from andon.planning.rules.optimise import expected_losses, optimise
from andon.planning.simulation import simulate
from andon.planning.types import Assumptions, Insured, Portfolio, RunPolicy, Season, Stretch
from bench.table import Row
from tests.support.plans import check

SERVICES, YEARS = 10_000, 10_000
RATE = 4.04
SAMPLE = 200
TURNS = 5
MOST_SECONDS = 60.0
GBP = "GBP"
TARGETS = {Cover.NONE: 990_000, Cover.DOMAIN: 995_000, Cover.TEAM: 999_000}
BUSY = tuple(
    Stretch(day * 1440 + start, day * 1440 + end, Decimal(weight))
    for day in range(7)
    for start, end, weight in ((0, 480, 1), (480, 1200, 10), (1200, 1440, 1))
)


def main() -> list[Row]:
    """Return what simulation and optimiser reach."""
    return [*_simulation(), *_optimiser()]


def _simulation() -> list[Row]:
    cores = len(os.sched_getaffinity(0))
    flat, full = _estate(SAMPLE), _estate(SAMPLE, profiles=True)
    ours, richer, loop, draws = ([] for _ in range(4))
    for _ in range(TURNS):
        ours.append(_cpu(lambda: simulate(portfolio=flat, years=YEARS, workers=1)))
        draws.append(_cpu(lambda: _draw(SAMPLE)))
        loop.append(_cpu(lambda: _loop(flat)))
        richer.append(_cpu(lambda: simulate(portfolio=full, years=YEARS, workers=1)))
    cells = SAMPLE * YEARS
    of_draws, of_rich, of_loop = (min(one) / min(draws) for one in (ours, richer, loop))
    rows = [
        Row(
            "simulate, flat exposure, one core: CPU over drawing alone",
            of_draws,
            "x",
            None,
            None,
            "below 2",
            of_draws < 2,
        ),
        Row(
            "simulate, profiles, seasons, caps, waiting: over drawing alone",
            of_rich,
            "x",
            None,
            None,
            "below 2",
            of_rich < 2,
        ),
        Row("NumPy loop over services: over drawing alone", of_loop, "x", None, None, "", ok=True),
        Row(
            "simulate, one core, against the loop",
            cells / min(ours),
            "cells/s",
            cells / min(loop),
            min(loop) / min(ours),
            "faster",
            min(ours) < min(loop),
        ),
    ]
    return [*rows, *_whole(cores)]


def _whole(cores: int) -> list[Row]:
    """Run ten thousand services for ten thousand years on all cores, and draw as much on them."""
    estate = _estate(SERVICES)
    used = _children()
    seconds = _timed(lambda: simulate(portfolio=estate, years=YEARS, workers=cores))
    used = _children() - used
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        drawing = _timed(lambda: list(pool.map(_draw, [20] * (SERVICES // 20))))
    memory = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cells = SERVICES * YEARS
    return [
        Row(
            f"10,000 services x 10,000 years, {cores} cores",
            cells / seconds,
            "cells/s",
            cells / drawing,
            drawing / seconds,
            "over half of drawing alone",
            drawing / seconds > 0.5,
        ),
        Row("the same, seconds", seconds, "s", drawing, drawing / seconds, "", ok=True),
        Row("the same, CPU of its workers", used, "s", None, None, "", ok=True),
        Row("the same, incidents", RATE * cells / seconds, "1/s", None, None, "", ok=True),
        Row(
            "the same, largest process",
            memory / 1024,
            "MiB",
            None,
            None,
            "below 400",
            memory / 1024 < 400,
        ),
    ]


def _children() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _optimiser() -> list[Row]:
    estate = _estate(1_000, profiles=True, domains=50)
    known = estate.assumptions
    estate = replace(
        estate,
        people={one.team: 4 + len(one.team) % 9 for one in estate.services},
        assumptions=replace(known, callout=Money(150_00, GBP)),
    )
    started = time.perf_counter()
    losses = expected_losses(portfolio=estate)
    expecting = time.perf_counter() - started
    started = time.perf_counter()
    plan = optimise(portfolio=estate, losses=losses)
    solving = time.perf_counter() - started
    budget = plan.cost.premium.scaled(Decimal("0.6"))
    started = time.perf_counter()
    tight = optimise(portfolio=estate, losses=losses, budget_per_year=budget)
    squeezing = time.perf_counter() - started
    wrong = [
        *check(plan=plan, portfolio=estate, losses=losses),
        *check(plan=tight, portfolio=estate, losses=losses),
    ]
    if wrong:
        raise AssertionError(wrong)
    total = expecting + solving
    return [
        Row(
            "optimise 1,000 services in 50 domains, expectations included",
            total,
            "s",
            None,
            None,
            f"below {MOST_SECONDS:.0f} s, gap {float(plan.gap):.4%}",
            total < MOST_SECONDS,
        ),
        Row(
            "the same within 60% of that premium",
            squeezing,
            "s",
            None,
            None,
            f"below {MOST_SECONDS:.0f} s, gap {float(tight.gap):.4%}",
            squeezing < MOST_SECONDS,
        ),
    ]


def _draw(services: int) -> int:
    """Draw the random numbers of some services, and do nothing with them."""
    stream = np.random.default_rng(services)
    drawn = 0
    for _ in range(services // 20):
        incidents = int(stream.poisson(RATE, (20, YEARS)).sum())
        drawn += len(stream.lognormal(3.0, 0.8, incidents))
    return drawn


def _loop(estate: Portfolio) -> list[tuple[float, ...]]:
    """Simulate as one would write it first: flat exposure, service by service."""
    stream = np.random.default_rng(1)
    found = []
    for one in estate.services:
        counts = stream.poisson(float(one.incidents_per_year), YEARS)
        minutes = one.time_to_restore / timedelta(minutes=1)
        sigma = float(one.sigma)
        lasts = stream.lognormal(np.log(minutes) - sigma**2 / 2, sigma, counts.sum())
        losses = lasts * float(one.exposure_per_hour.amount) / 60
        years = np.bincount(np.repeat(np.arange(YEARS), counts), losses, YEARS)
        tail = years[years >= np.percentile(years, 95)].mean()
        found.append((years.mean(), *np.percentile(years, [50, 95, 99]), tail))
    return found


def _timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _cpu(work) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _estate(services: int, *, profiles: bool = False, domains: int = 500) -> Portfolio:
    dice = random.Random(services)
    you = RunPolicy("You Build It You Run It", Money(3_000_00, GBP), timedelta(minutes=20))
    ops = RunPolicy("Ops Run It", Money(1_500_00, GBP), timedelta(minutes=60), 2)
    return Portfolio(
        organisation="large",
        currency=GBP,
        preset="fruits-r-us",
        period=timedelta(days=30),
        levels=tuple(Level(ppm, cover) for cover, ppm in TARGETS.items()),
        team_requires_demand=True,
        exposure_bands=(),
        minimum_losses=(),
        assumptions=Assumptions(you, ops),
        services=tuple(_service(dice, number, domains, profiles) for number in range(services)),
        people={},
    )


def _service(dice: random.Random, number: int, domains: int, profiles: bool) -> Insured:
    domain = number % domains
    cover = dice.choice(list(Cover)) if profiles else Cover.TEAM
    rich = profiles and number % 2
    return Insured(
        slug=f"service-{number}",
        title=f"Service {number}",
        team=f"team-{domain}-{dice.randrange(5)}",
        domain=f"domain-{domain}",
        domain_kind=DomainKind.PRODUCT,
        exposure_per_hour=Money(int(10 ** dice.uniform(2, 7)), GBP),
        target_ppm=TARGETS[cover],
        cover=cover,
        deployment_target=dice.choice(list(DeploymentTarget)),
        working_hours=WorkingHours(),
        holidays=holidays_a_year("GB-ENG") if profiles else (),
        incidents_per_year=Decimal(str(RATE)),
        time_to_restore=timedelta(minutes=dice.randint(10, 90)),
        sigma=Decimal("0.8"),
        cap=Money(2_000_000, GBP) if rich else None,
        week=BUSY if rich else (),
        seasons=(Season(330, 360, Decimal(3)),) if rich else (),
    )


if __name__ == "__main__":
    for row in main():
        print(row)
