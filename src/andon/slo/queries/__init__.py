"""Reads: rows in, values out. The number of queries never grows with the number of objectives."""

from andon.slo.queries.declared import (
    alerts,
    count_declared,
    count_kinds,
    declarations,
    estate,
    live_objectives,
    measured,
    measured_services,
    objectives,
    state_of_declarations,
    unmeasured,
    without_runbook,
)
from andon.slo.queries.deployments import changes_of, deployments_of, list_changes

__all__ = [
    "alerts",
    "changes_of",
    "count_declared",
    "count_kinds",
    "declarations",
    "deployments_of",
    "estate",
    "list_changes",
    "live_objectives",
    "measured",
    "measured_services",
    "objectives",
    "state_of_declarations",
    "unmeasured",
    "without_runbook",
]
