"""The ledger's turn: what happened is posted, after every page that is due has left."""

from datetime import datetime

import structlog

from andon.core.errors import Refusal
from andon.costing import actions as costing

log = structlog.get_logger(__name__)


def run(*, now: datetime, limit: int) -> int:  # noqa: ARG001 - a month is posted as a whole
    """Post what happened this month and the last; return 0, for nothing is left to do at once."""
    try:
        outcome = costing.post_due(now=now)
    except Refusal as refusal:
        log.warning("ledger_refused", code=refusal.code, reason=refusal.message)
        return 0
    for reason in outcome.refused:
        log.warning("ledger_left_out", reason=reason)
    if outcome.posted or outcome.reversed:
        log.info("ledger_posted", posted=outcome.posted, reversed=outcome.reversed)
    return 0
