"""What paging does: pages from alerts, escalation, acknowledgements, endings, delivery."""

from andon.paging.actions import delivery
from andon.paging.actions.acknowledging import (
    AckLinkExpired,
    AckLinkUsed,
    NothingToAcknowledge,
    UnableToReadAckLink,
    UnableToUseAckLink,
    acknowledge,
    use_ack_link,
)
from andon.paging.actions.desk import Memory
from andon.paging.actions.escalation import escalate_due
from andon.paging.actions.notices import tell_overrides
from andon.paging.actions.pages import route_alerts
from andon.paging.actions.proving import UnableToTest, send_test
from andon.paging.actions.repairing import repair
from andon.paging.actions.rescue import rescue_alert, rescue_alert_by_fallback, rescue_page
from andon.paging.actions.settling import mark_seen, resolve

__all__ = [
    "AckLinkExpired",
    "AckLinkUsed",
    "Memory",
    "NothingToAcknowledge",
    "UnableToReadAckLink",
    "UnableToTest",
    "UnableToUseAckLink",
    "acknowledge",
    "delivery",
    "escalate_due",
    "mark_seen",
    "repair",
    "rescue_alert",
    "rescue_alert_by_fallback",
    "rescue_page",
    "resolve",
    "route_alerts",
    "send_test",
    "tell_overrides",
    "use_ack_link",
]
