"""What is thrown away and repaired, a little at a time, each by the package that owns it."""

from datetime import datetime, timedelta

from andon.alerts import actions as alerts
from andon.core import beats, nodes
from andon.paging import actions as paging
from andon.people import actions as people
from andon.slo.actions import changes

#: The raw requests of intake are kept so long, to be replayed.
KEEP_RAW = timedelta(days=14)
FORGET_NODES = timedelta(days=7)


def run(*, now: datetime, limit: int) -> int:
    """Do one round; return how much was done."""
    done = paging.repair(now=now, limit=limit)
    done += alerts.purge_raw(now=now, keep=KEEP_RAW)
    done += changes.forget(now=now)
    done += people.forget(now=now, limit=limit)
    nodes.forget(before=now - FORGET_NODES)
    beats.forget(before=now - FORGET_NODES)
    return done
