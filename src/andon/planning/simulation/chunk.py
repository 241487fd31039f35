"""Some services over all years: the part of the work one worker takes at a time."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from andon.catalogue.rules.targets import allowed_downtime
from andon.core.money import exponent
from andon.planning.rules.reach import reach
from andon.planning.simulation import summary
from andon.planning.simulation.exposure import Floats, Ints, UnableToSimulate
from andon.planning.simulation.incidents import OutageSource, add_downtime, blocks
from andon.planning.simulation.losses import Stake
from andon.planning.types import MONTH, Insured, Portfolio, Risk


@dataclass(frozen=True, slots=True)
class ChunkOutcome:
    """What became of some services. Sums are of integers, so that their order does not matter."""

    risks: tuple[Risk, ...]
    #: Loss of each year in minor units, and services that missed their target in each month.
    minor: Ints
    missed: Ints


@dataclass(frozen=True, slots=True)
class Histories:
    """Every simulated year and month of some services: rows are services."""

    losses: Floats
    downtime: Floats


class World:
    """A portfolio by slug, with who takes whom down. Built once in each worker."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.currency = portfolio.currency
        self.services: dict[str, Insured] = {one.slug: one for one in portfolio.services}
        self._reach = reach(portfolio.services)
        self._rates: dict[int, float] = {}

    def sources(self, slug: str) -> tuple[str, ...]:
        """Return the services whose incidents take a service down: itself, and what it needs."""
        return self._reach.of(slug)

    def rate(self, slug: str) -> float:
        """Return the incidents a year that take a service down."""
        circle = self._reach.circle(slug)
        if circle not in self._rates:
            self._rates[circle] = math.fsum(
                float(self.services[one].incidents_per_year) for one in self.sources(slug)
            )
        return self._rates[circle]


def histories(*, world: World, slugs: Sequence[str], years: int, seed: int) -> Histories:
    """Return the loss of each year and the downtime of each month of some services.

    Each source is drawn once and applied to every service it takes down. For one service sources
    come in the order of their slugs, whichever others are in the chunk: sums come out alike.
    """
    stakes = [_stake(world.services[slug]) for slug in slugs]
    hit = _hit(world, slugs)
    found = Histories(np.zeros((len(slugs), years)), np.zeros((len(slugs), years)))
    for slug in sorted(hit):
        source, down = _source(world.services[slug]), np.zeros(years)
        for block in blocks(source=source, years=years, seed=seed):
            add_downtime(down, block)
            for row in hit[slug]:
                lost = stakes[row].losses(block)
                found.losses[row] += np.bincount(block.year, lost, years)
        for row in hit[slug]:
            found.downtime[row] += down
    return found


def simulate_chunk(*, world: World, slugs: Sequence[str], years: int, seed: int) -> ChunkOutcome:
    """Return the figures of some services, and what they add to the portfolio's."""
    found = histories(world=world, slugs=slugs, years=years, seed=seed)
    allowed = [
        allowed_downtime(world.services[slug].target_ppm, MONTH) / timedelta(minutes=1)
        for slug in slugs
    ]
    missed = found.downtime > np.array(allowed)[:, None]
    minor = np.rint(found.losses * 10 ** exponent(world.currency)).astype(np.int64)
    risks = (
        summary.risk(
            slug=slug,
            rate=world.rate(slug),
            losses=found.losses[row],
            missed=int(missed[row].sum()),
            months=years,
            currency=world.currency,
        )
        for row, slug in enumerate(slugs)
    )
    return ChunkOutcome(tuple(risks), minor.sum(axis=0), missed.sum(axis=0, dtype=np.int64))


def clustered(services: Iterable[Insured]) -> list[str]:
    """Return slugs with services near what they need, so that a chunk shares its draws."""
    known = {one.slug: one for one in services}
    order: dict[str, None] = {}
    for slug in sorted(known):
        waiting = [slug]
        while waiting:
            one = waiting.pop()
            if one in known and one not in order:
                order[one] = None
                waiting += sorted(known[one].depends_on, reverse=True)
    return list(order)


def _hit(world: World, slugs: Sequence[str]) -> dict[str, list[int]]:
    hit: dict[str, list[int]] = {}
    for row, slug in enumerate(slugs):
        for source in world.sources(slug):
            hit.setdefault(source, []).append(row)
    return hit


def _source(service: Insured) -> OutageSource:
    try:
        return OutageSource.of(service)
    except UnableToSimulate as error:
        raise UnableToSimulate(f"{service.slug}: {error}") from error


def _stake(service: Insured) -> Stake:
    try:
        return Stake.of(service)
    except ValueError as error:
        raise UnableToSimulate(f"{service.slug}: {error}") from error
