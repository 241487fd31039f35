"""Decisions about incidents: what may be done, how bad it is, what it costs, where it stands."""

from andon.incidents.rules.conditions import condition, headline, service_condition
from andon.incidents.rules.lifecycle import allowed, follow, refusal, reopened
from andon.incidents.rules.losses import figures, loss_over
from andon.incidents.rules.severities import severity

__all__ = [
    "allowed",
    "condition",
    "figures",
    "follow",
    "headline",
    "loss_over",
    "refusal",
    "reopened",
    "service_condition",
    "severity",
]
