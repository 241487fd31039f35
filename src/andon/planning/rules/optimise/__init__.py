"""The portfolio optimiser: which target, cover and rota each service should have. Needs NumPy."""

from andon.planning.rules.optimise.losses import Losses, callouts, expected_losses
from andon.planning.rules.optimise.optimiser import optimise
from andon.planning.rules.optimise.plan import Change, Choice, Cost, Plan, Rota, UnableToOptimise

__all__ = [
    "Change",
    "Choice",
    "Cost",
    "Losses",
    "Plan",
    "Rota",
    "UnableToOptimise",
    "callouts",
    "expected_losses",
    "optimise",
]
