"""Outages and simulated losses for the tests of the simulation."""

import numpy as np

from andon.core.money import Money
from andon.planning.simulation.chunk import World, histories
from andon.planning.simulation.exposure import (
    DAY,
)
from andon.planning.simulation.incidents import OutageBlock
from andon.planning.simulation.losses import Stake
from tests.rules.planning.estates import GBP, portfolio

WEEK = 7 * DAY
#: Standard errors an honest figure stays within, nearly always: one in 3,000 does not.
FAR = 3.6


def pounds(amount):
    return Money(round(amount * 100), GBP)


def losses_of(*services, years=20_000, seed=1):
    """Return one row of yearly losses for each service."""
    world = World(portfolio(*services))
    slugs = [one.slug for one in services]
    return histories(world=world, slugs=slugs, years=years, seed=seed).losses


def block(starts, lasts, *, begins=None, at=None):
    """Return one hand-made outage."""
    starts = np.array([float(starts)])
    begins = starts if begins is None else np.array([float(begins)])
    clock = starts if at is None else np.array([float(at)])
    return OutageBlock(np.array([0]), clock, starts, begins, begins + lasts, by_month=False)


def lost(service, outage):
    return float(Stake.of(service).losses(outage)[0])


# Vectors
