"""What the lanes tell Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

SENT = Counter("andon_notifications_sent", "Messages handed over to the outside.", ["kind"])
FAILED = Counter(
    "andon_notifications_failed",
    "Attempts that did not hand a message over, by whose fault it was, or unknown.",
    ["kind", "outcome"],
)
HANDED_OVER = Histogram(
    "andon_page_handed_over_seconds",
    "From the opening of a page to its first message handed over.",
    ["kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)
SENDING = Histogram(
    "andon_notification_send_seconds",
    "How long one attempt of a transport took.",
    ["kind"],
    buckets=(0.001, 0.005, 0.025, 0.1, 0.5, 1, 3, 8, 15),
)
WAITING = Gauge("andon_notifications_waiting", "Claimed messages that wait for a thread.", ["kind"])
TROUBLE = Counter("andon_lanes_trouble", "Turns of the lanes that the database or a defect broke.")
