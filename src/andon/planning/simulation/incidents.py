"""The incidents of one service, drawn from its own stream, in blocks that fit the cache.

A service's stream depends on the seed and on its slug alone: not on the other services, the order,
the chunks or the workers. So a copy of a portfolio with one thing changed meets the same incidents,
and the difference between the two is the change, not the luck.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from andon.catalogue.types import Cover
from andon.planning.rules.week import WEEK
from andon.planning.simulation.exposure import YEAR, Floats, Ints, Opening, opening
from andon.planning.types import Insured

MONTH = 30 * 24 * 60
#: Incidents worked on at once: eight arrays of it lie in a second-level cache.
BLOCK = 32_768


@dataclass(frozen=True, slots=True)
class OutageSource:
    """A service as the origin of incidents."""

    slug: str
    rate: float
    mu: float
    sigma: float
    #: None when somebody answers at once.
    waits: Opening | None
    #: 0 for Poisson counts, more for a negative binomial by 30-day month.
    dispersion: float = 0.0

    @classmethod
    def of(cls, service: Insured) -> "OutageSource":
        """Return the incidents a service has of its own."""
        minutes, sigma = service.time_to_restore / timedelta(minutes=1), float(service.sigma)
        return cls(
            slug=service.slug,
            rate=float(service.incidents_per_year),
            mu=(math.log(minutes) if minutes > 0 else -math.inf) - sigma * sigma / 2,
            sigma=sigma,
            waits=opening(service.working_hours, service.holidays)
            if service.cover is Cover.NONE
            else None,
            dispersion=float(service.dispersion),
        )


@dataclass(slots=True)
class OutageBlock:
    """Some incidents of one source. All arrays have one entry for each."""

    #: The year it starts in; a loss is counted there even if the outage runs over its end.
    year: Ints
    #: Minutes since the start of all years, which is a Monday and a 1 January.
    clock: Floats
    #: Minute of the week it starts, work on it begins, and it is over.
    starts: Floats
    begins: Floats
    ends: Floats
    #: Whether it lies in the first months of the span, as many months as years.
    by_month: bool


def blocks(*, source: OutageSource, years: int, seed: int) -> Iterator[OutageBlock]:
    """Yield all incidents of a source over so many years.

    Their number is Poisson over the whole span and their starts are uniform in it. That is the same
    as a Poisson number in every year, month and week on its own, for one draw instead of many.
    Where counts scatter more, each month has a rate of its own, Gamma around the mean.
    """
    stream = np.random.Generator(np.random.SFC64(np.random.SeedSequence(_entropy(seed, source))))
    # The part that is looked at by the month comes first, so that nothing has to be picked out.
    for starts, ends in ((0, years * MONTH), (years * MONTH, years * YEAR)):
        for clock in _clocks(stream, source, starts, ends):
            count = len(clock)
            lasts = stream.standard_normal(count)
            year = np.minimum((clock * (1 / YEAR)).astype(np.int64), years - 1)
            yield _block(source, year, clock, lasts, by_month=not starts)


def _clocks(
    stream: np.random.Generator, source: OutageSource, starts: int, ends: int
) -> Iterator[Floats]:
    """Yield when incidents start in a span of minutes, in blocks."""
    if source.dispersion:
        yield from _clumps(stream, source, starts, ends)
        return
    left = int(stream.poisson(source.rate * (ends - starts) / YEAR))
    while left:
        count = min(left, BLOCK)
        left -= count
        clock = stream.random(count)
        clock *= ends - starts
        clock += starts
        yield clock


def _clumps(
    stream: np.random.Generator, source: OutageSource, starts: int, ends: int
) -> Iterator[Floats]:
    """Yield when incidents start if every 30-day month has a rate of its own: good and bad ones.

    A Poisson count with a Gamma rate is a negative binomial one. The last month may be cut short.
    """
    months = -(-(ends - starts) // MONTH)
    for first in range(0, months, BLOCK):
        begins = starts + MONTH * np.arange(first, min(first + BLOCK, months), dtype=np.float64)
        lengths = np.minimum(ends - begins, MONTH)
        rates = stream.gamma(1 / source.dispersion, source.dispersion, len(begins))
        counts = stream.poisson(source.rate / YEAR * lengths * rates)
        clock = np.repeat(begins, counts)
        clock += stream.random(len(clock)) * np.repeat(lengths, counts)
        for place in range(0, len(clock), BLOCK):
            yield clock[place : place + BLOCK]


def add_downtime(months: Floats, block: OutageBlock) -> None:
    """Add a block's outages, waiting included, to the months they start in."""
    if block.by_month:
        month = np.minimum((block.clock * (1 / MONTH)).astype(np.int64), len(months) - 1)
        months += np.bincount(month, block.ends - block.starts, len(months))


def _block(
    source: OutageSource, year: Ints, clock: Floats, lasts: Floats, *, by_month: bool
) -> OutageBlock:
    lasts *= source.sigma
    lasts += source.mu
    np.exp(lasts, out=lasts)
    week = clock * (1 / WEEK)
    np.floor(week, out=week)
    starts = week * -WEEK
    starts += clock
    begins = starts if source.waits is None else source.waits.begins(starts, week)
    lasts += begins
    return OutageBlock(year, clock, starts, begins, lasts, by_month)


def _entropy(seed: int, source: OutageSource) -> list[int]:
    digest = hashlib.blake2b(source.slug.encode(), digest_size=16).digest()
    words = np.frombuffer(digest, dtype="<u4")
    return [seed, *(int(word) for word in words)]
