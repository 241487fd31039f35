"""What is thrown away and repaired, a little at a time, each by the package that owns it."""

from datetime import datetime, timedelta

from andon.alerts import actions as alerts
from andon.core.models import Counter, Node, StageBeat
from andon.paging import actions as paging
from andon.people import actions as people
from andon.slo.actions import changes

EVERY = timedelta(minutes=1)
#: The raw requests of intake are kept so long, to be replayed.
KEEP_RAW = timedelta(days=14)
FORGET_NODES = timedelta(days=7)
_NAME = "housekeeping"


def run(*, now: datetime, limit: int) -> int:
    """Do the round once a minute, on one engine; return how much was done."""
    if not claim_turn(name=_NAME, every=EVERY, now=now):
        return 0
    done = paging.repair(now=now, limit=limit)
    done += alerts.purge_raw(now=now, keep=KEEP_RAW)
    done += changes.forget(now=now)
    done += people.forget(now=now, limit=limit)
    Node.objects.filter(seen_at__lt=now - FORGET_NODES).delete()
    StageBeat.objects.filter(started_at__lt=now - FORGET_NODES).delete()
    return done


def claim_turn(
    *, name: str, every: timedelta, now: datetime, unless_done: timedelta | None = None
) -> bool:
    """Return whether it is this process's turn to do what happens once per `every`.

    With `unless_done` the turn comes round again after that, unless `finish_turn` is called: for
    what must not be left undone by one who died, froze or failed over it.
    """
    Counter.objects.get_or_create(name=f"turn:{name}")
    present = int(now.timestamp())
    last = present - int(every.total_seconds())
    value = present if unless_done is None else last + int(unless_done.total_seconds())
    mine = Counter.objects.filter(name=f"turn:{name}", value__lte=last).update(value=value)
    return mine == 1


def finish_turn(*, name: str, now: datetime) -> None:
    """Say that what a turn was claimed for is done, until the next interval."""
    Counter.objects.filter(name=f"turn:{name}").update(value=int(now.timestamp()))
