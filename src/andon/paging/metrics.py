"""What paging counts about itself."""

from prometheus_client import Counter

ROUTED = Counter("andon_pages_opened", "Pages opened, by verdict", ["verdict"])
UNROUTED = Counter("andon_unrouted", "Pages opened for alerts whose service nobody has declared")
UNANSWERED = Counter("andon_pages_unanswered", "Pages that nobody answered")
ACKNOWLEDGED = Counter("andon_pages_acknowledged", "Pages acknowledged, by way", ["via"])
RESOLVED = Counter("andon_pages_resolved", "Pages resolved")
COLLIDED = Counter("andon_notifications_collided", "Messages not made: there was one like it")
RESCUED = Counter("andon_rescued", "Alerts and pages that went round a broken stage", ["what"])
