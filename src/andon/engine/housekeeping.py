"""What is thrown away, and the auditor's repairs; a little at a time."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from andon.alerts import actions as alerts
from andon.core import claims
from andon.core.models import Counter, Node, StageBeat
from andon.paging.models import Decision, Notification, Page
from andon.paging.types import UNTAKEN_STATES, NotificationState, PageState
from andon.people import actions as people
from andon.slo.actions import changes

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=1)
#: The raw requests of intake are kept so long, to be replayed.
KEEP_RAW = timedelta(days=14)
FORGET_NODES = timedelta(days=7)
_NAME = "housekeeping"


def run(*, now: datetime, limit: int) -> int:
    """Do the round once a minute, on one engine; return how much was done."""
    if not claim_turn(name=_NAME, every=EVERY, now=now):
        return 0
    done = repair(now=now, limit=limit)
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


def repair(*, now: datetime, limit: int) -> int:
    """Make open pages due again that have lost their next action; return how many.

    It should never find any: a page that nobody has taken has a time, one that is out has messages
    besides. What it finds is a defect, so it says so loudly.
    """
    lost = Q(state__in=UNTAKEN_STATES, next_at__isnull=True)
    out = (PageState.PAGING, PageState.UNANSWERED)
    silent = Q(state__in=out, next_at__gt=now + timedelta(days=1)) & ~Exists(
        Notification.objects.filter(
            page=OuterRef("pk"),
            state__in=(
                NotificationState.PENDING,
                NotificationState.SENDING,
                NotificationState.SENT,
            ),
        )
    )
    # Said as the index of open pages is, so that the resolved ones of years are never read; and
    # asked before the transaction, which on SQLite takes the one writer's place.
    found = Page.objects.exclude(state=PageState.RESOLVED).filter(lost | silent)
    if not found.exists():
        return 0
    with transaction.atomic():
        pages = claims.lock(found.order_by("pk"), limit=limit)
        for page in pages:
            log.error("page_repaired", page=str(page.uid), state=page.state)
        Page.objects.filter(pk__in=[page.pk for page in pages]).update(
            next_at=now, unseen=True, revision=F("revision") + 1
        )
        Decision.objects.bulk_create(
            Decision(
                page=page,
                at=now,
                kind="repaired",
                reason="The page had no next action, which should not happen: made due again",
            )
            for page in pages
        )
    return len(pages)
