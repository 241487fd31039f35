"""The insurance model's decisions: selection, comparison, premium, cover, statistics. Pure."""

from andon.planning.rules.comparison import (
    compare,
    compare_at_scale,
    compare_service,
    compare_targets,
    sre_refusals,
)
from andon.planning.rules.cover import Levers, levers_of, needs_cover
from andon.planning.rules.premium import premium_of, shares
from andon.planning.rules.selector import outcome, select
from andon.planning.rules.signals import find_signals

__all__ = [
    "Levers",
    "compare",
    "compare_at_scale",
    "compare_service",
    "compare_targets",
    "find_signals",
    "levers_of",
    "needs_cover",
    "outcome",
    "premium_of",
    "select",
    "shares",
    "sre_refusals",
]
