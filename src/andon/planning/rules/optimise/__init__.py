"""The portfolio optimiser: which target, cover and rota each service should have. Needs NumPy."""

from andon.planning.rules.optimise.losses import Losses, callouts, expected_losses
from andon.planning.rules.optimise.optimiser import optimise
from andon.planning.rules.optimise.plan import (
    BestPlan,
    Choice,
    Cost,
    PlanChange,
    PlanRota,
    UnableToOptimise,
)

__all__ = [
    "BestPlan",
    "Choice",
    "Cost",
    "Losses",
    "PlanChange",
    "PlanRota",
    "UnableToOptimise",
    "callouts",
    "expected_losses",
    "optimise",
]
