"""Paging's decisions: where an alert goes, who is paged next, what a message says. Pure."""

from andon.paging.rules.crews import candidates, crew_of
from andon.paging.rules.escalation import (
    adopt,
    ask_again,
    escalate,
    last_resort,
    round_wait,
    ticket_policy,
)
from andon.paging.rules.messages import (
    fallback_text,
    page_text,
    resolved_text,
    text_of_test,
)
from andon.paging.rules.notices import override_text
from andon.paging.rules.routes import SILENT_SEVERITIES, quiet_reason, route, say_held_until
from andon.paging.rules.senders import claim, say_claim, say_key, say_sender, say_taken_at_once
from andon.paging.rules.subjects import subject_of, unknown

__all__ = [
    "SILENT_SEVERITIES",
    "adopt",
    "ask_again",
    "candidates",
    "claim",
    "crew_of",
    "escalate",
    "fallback_text",
    "last_resort",
    "override_text",
    "page_text",
    "quiet_reason",
    "resolved_text",
    "round_wait",
    "route",
    "say_claim",
    "say_held_until",
    "say_key",
    "say_sender",
    "say_taken_at_once",
    "subject_of",
    "text_of_test",
    "ticket_policy",
    "unknown",
]
