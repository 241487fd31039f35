"""Messages that wait by a fault of ours: said on their pages, let go when it works again."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from andon.core import bulk
from andon.paging.actions.delivery.values import Claimed
from andon.paging.models import Decision, Notification
from andon.paging.rules import trouble as rules
from andon.paging.types import Fault, NotificationState, TransportError

_OURS = (Fault.INSTALLATION, Fault.MESSAGE)


def say_it_waits(failed: Sequence[tuple[Claimed, TransportError]], *, now: datetime) -> None:
    """Write down on the pages that messages wait for something of ours, when they begin to."""
    waiting: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for one, error in failed:
        if one.page_id is not None and error.fault in _OURS and not error.unknown:
            waiting[one.page_id, one.kind, str(error)].append(one.whom)
    bulk.insert(
        Decision,
        [
            _decision(page_id, now, "undelivered", rules.say_waiting(kind=kind, to=to, error=error))
            for (page_id, kind, error), to in waiting.items()
        ],
    )


def say_it_left(sent: Sequence[Claimed], *, now: datetime) -> None:
    """Write down on the pages that messages left which could not be sent at first."""
    left: dict[tuple[int, str, datetime], list[str]] = defaultdict(list)
    for one in sent:
        if one.page_id is not None and one.failing_since is not None:
            left[one.page_id, one.kind, one.failing_since].append(one.whom)
    bulk.insert(
        Decision,
        [
            _decision(page_id, now, "delivered", rules.say_left(kind=kind, to=to, since=since))
            for (page_id, kind, since), to in left.items()
        ],
    )


def release(*, servers: Collection[tuple[str, str]], now: datetime) -> int:
    """Make due at once what waited for a server that works again; return how many there were."""
    theirs = reduce(or_, (Q(kind=kind, server=server) for kind, server in sorted(servers)))
    rows = Notification.objects.filter(
        theirs,
        failing_since__isnull=False,
        fault=Fault.INSTALLATION,
        state=NotificationState.PENDING,
        next_at__gt=now,
    )
    return rows.update(next_at=now)


def remember(failed: Sequence[Claimed], *, now: datetime) -> None:
    """Remember that messages were given up by a defect of ours: whoever looks must see it."""
    given_up = Notification.objects.filter(state=NotificationState.FAILED, failing_since=None)
    given_up.filter(id__in=[one.id for one in failed]).update(failing_since=now)


def _decision(page_id: int, now: datetime, kind: str, reason: str) -> dict[str, object]:
    return {"page_id": page_id, "at": now, "kind": kind, "reason": reason, "facts": {}}
