"""Risk simulation: thousands of years of a portfolio, reproducible by seed. Needs NumPy."""

from andon.planning.simulation.bad_years import tails
from andon.planning.simulation.exposure import UnableToSimulate
from andon.planning.simulation.pairs import paired
from andon.planning.simulation.run import simulate

__all__ = [
    "UnableToSimulate",
    "paired",
    "simulate",
    "tails",
]
