"""Reads: rows in, values out. The number of queries never grows with the number of objectives."""

from andon.slo.queries.budgets import (
    BudgetCard,
    BurnDown,
    StoredLoss,
    advice,
    budget_cards,
    burn_down,
    find_card,
    followed_until,
    list_cards,
    losses,
)
from andon.slo.queries.declared import (
    alerts,
    count_declared,
    declarations,
    estate,
    measured_services,
    objectives,
)
from andon.slo.queries.deployments import changes_of, deployments_of, list_changes
from andon.slo.queries.rollouts import last_rollout, state_of_files

__all__ = [
    "BudgetCard",
    "BurnDown",
    "StoredLoss",
    "advice",
    "alerts",
    "budget_cards",
    "burn_down",
    "changes_of",
    "count_declared",
    "declarations",
    "deployments_of",
    "estate",
    "find_card",
    "followed_until",
    "last_rollout",
    "list_cards",
    "list_changes",
    "losses",
    "measured_services",
    "objectives",
    "state_of_files",
]
