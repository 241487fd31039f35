"""The ledger's turn: once an hour, on one engine, after every page that is due has left."""

from datetime import datetime, timedelta

import structlog

from andon.core.errors import Refusal
from andon.core.models import Counter
from andon.costing import actions as costing
from andon.engine.housekeeping import claim_turn

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
_NAME = "ledger"


def run(*, now: datetime, limit: int) -> int:  # noqa: ARG001 - a month is posted as a whole
    """Post what happened this month and the last; return 0, for nothing is left to do at once."""
    # Looking first keeps the turn from being a write in every round of the engine.
    since = int((now - EVERY).timestamp())
    if Counter.objects.filter(name=f"turn:{_NAME}", value__gt=since).exists():
        return 0
    if not claim_turn(name=_NAME, every=EVERY, now=now):
        return 0
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
