"""What is affected by open incidents, as metrics: marks and money on dashboards.

A series exists only while its service has an open incident, so there are never more than services
in trouble, and never more than the query returns. Every node that is scraped exports the same.
"""

import threading
from collections import Counter, defaultdict

from prometheus_client import Gauge

from andon.incidents import queries as incidents

#: How incidents of services that nobody declared are called; no slug has parentheses.
UNDECLARED = "(undeclared)"

_OPEN = Gauge("andon_incidents_open", "Incidents not restored, by service", ["service"])
_AT_RISK = Gauge(
    "andon_incidents_at_risk_per_hour",
    "What an hour of a service with an incident not restored costs, in the currency's major unit",
    ["service", "currency"],
)
_shown: dict[Gauge, set[tuple[str, ...]]] = {_OPEN: set(), _AT_RISK: set()}
_lock = threading.Lock()


def export() -> None:
    """Set the gauges from the database: one question."""
    found = incidents.list_affected()
    counts = Counter(slug or UNDECLARED for slug, _ in found)
    costs: dict[tuple[str, ...], float] = defaultdict(float)
    for slug, exposure in found:
        if exposure is not None:
            costs[slug or UNDECLARED, exposure.currency] += float(exposure.amount)
    with _lock:
        _show(_OPEN, {(slug,): float(count) for slug, count in counts.items()})
        _show(_AT_RISK, costs)


def _show(gauge: Gauge, values: dict[tuple[str, ...], float]) -> None:
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
    for labels in _shown[gauge] - values.keys():
        gauge.remove(*labels)
    _shown[gauge] = set(values)
