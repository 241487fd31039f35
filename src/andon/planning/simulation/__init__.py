"""Risk simulation: thousands of years of a portfolio, reproducible by seed. Needs NumPy."""

from andon.planning.simulation.bad_years import tails
from andon.planning.simulation.exposure import UnableToSimulate
from andon.planning.simulation.pairs import Paired, Shift, paired
from andon.planning.simulation.run import Progress, simulate
from andon.planning.simulation.types import Chance, Estimate, Point, Risk, Simulation

__all__ = [
    "Chance",
    "Estimate",
    "Paired",
    "Point",
    "Progress",
    "Risk",
    "Shift",
    "Simulation",
    "UnableToSimulate",
    "paired",
    "simulate",
    "tails",
]
