"""Prometheus metrics of intake, counted once per batch rather than once per event."""

from prometheus_client import Counter, Gauge, Histogram

from andon.alerts.types import KEY_KINDS
from andon.slo.rules.own import OWN_FAULTS

REQUESTS = Counter("andon_intake_requests", "Requests stored and answered with success", ["kind"])
ALERTS = Counter("andon_intake_alerts", "Alerts stored, by what they came to", ["outcome"])
REJECTED = Counter("andon_intake_rejected", "Requests refused, by reason", ["reason"])
COMMIT_SECONDS = Histogram(
    "andon_intake_commit_seconds",
    "Time from the start of a batch's transaction to its commit",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
BATCH_ALERTS = Histogram(
    "andon_intake_batch_alerts",
    "Alerts in one commit",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000),
)
# A series that begins with its first failure shows no increase, and is seen late.
for _kind in KEY_KINDS.names():
    REQUESTS.labels(_kind)
for _reason in OWN_FAULTS:
    REJECTED.labels(_reason)
WAITING = Gauge("andon_intake_waiting_requests", "Requests received and not yet on disk")
