"""The auditor's repairs: what should never have to be done."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from andon.core import claims
from andon.paging.models import Decision, Notification, Page
from andon.paging.types import UNTAKEN_STATES, NotificationState, PageState

log = structlog.get_logger(__name__)


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
