"""The statement that both ends of delivery share."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Exists, OuterRef

from andon.paging.actions.delivery.values import UNSENT
from andon.paging.models import Notification, Page
from andon.paging.types import NotificationState, PageState


def hasten(failed: list[tuple[int, int]], *, now: datetime) -> None:
    """Let a page's next step run at once when nothing of its latest step can arrive any more."""
    steps: dict[int, set[int]] = defaultdict(set)
    for page_id, step in failed:
        steps[step].add(page_id)
    for step, page_ids in steps.items():
        alive = Notification.objects.filter(
            page_id=OuterRef("pk"),
            step__gte=step,
            purpose="page",
            state__in=(*UNSENT, NotificationState.SENT),
        )
        Page.objects.filter(
            ~Exists(alive), id__in=sorted(page_ids), state=PageState.PAGING, next_at__gt=now
        ).update(next_at=now)
