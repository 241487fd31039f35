"""Reads: what keeps messages from people, and whether they could leave at all."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from andon.catalogue import queries as catalogue
from andon.core.trouble import Trouble
from andon.paging import models
from andon.paging.models import Notification, Page
from andon.paging.rules import trouble
from andon.paging.rules import ways as rules
from andon.paging.rules.delivery import server
from andon.paging.types import UNTAKEN_STATES, Fault, NotificationState, PageState, Undelivered, Way
from andon.people import queries as people

#: What has been due for longer waits behind what fails; what is younger is on its way.
_UNTRIED = timedelta(seconds=2)
#: A page that is unanswered for less may have a message to the fallback contact on its way.
_UNREACHED = timedelta(seconds=10)


def failing(*, now: datetime) -> list[Undelivered]:
    """Return which messages that somebody needs cannot be handed over, by kind and fault.

    At most three queries, and one when all is well.
    """
    needed = Q(purpose="resolved") | Q(page__state__in=UNTAKEN_STATES)
    rows = Notification.objects.filter(needed, failing_since__isnull=False).order_by()
    groups = list(
        rows.values("kind", "fault").annotate(
            since=Min("failing_since"), count=Count("pk"), last=Max("pk")
        )
    )
    if not groups:
        return []
    said = dict(
        Notification.objects.filter(pk__in=[one["last"] for one in groups]).values_list(
            "pk", "error"
        )
    )
    untried = Notification.objects.filter(
        kind__in=[one["kind"] for one in groups],
        state=NotificationState.PENDING,
        next_at__lte=now - _UNTRIED,
        failing_since__isnull=True,
    )
    behind = dict(untried.order_by().values_list("kind").annotate(count=Count("pk")))
    found = [
        Undelivered(
            kind=one["kind"],
            fault=Fault(one["fault"]),
            since=one["since"],
            waiting=one["count"]
            + (behind.get(one["kind"], 0) if one["fault"] == Fault.INSTALLATION else 0),
            said=said[one["last"]],
        )
        for one in groups
    ]
    return sorted(found, key=lambda one: (one.since, one.kind, one.fault))


def lateness(*, now: datetime, ours_alone: bool = False) -> timedelta:
    """Return how long the oldest due message has waited beyond its time.

    With `ours_alone` the kinds that cannot be sent do not count: that is a trouble of its own.
    """
    rows = Notification.objects.filter(next_at__isnull=False, next_at__lt=now)
    if ours_alone:
        broken = {one.kind for one in failing(now=now) if one.fault is Fault.INSTALLATION}
        rows = rows.exclude(kind__in=broken)
    oldest = rows.order_by("next_at").values_list("next_at", flat=True).first()
    return now - oldest if oldest is not None else timedelta()


def troubles(*, now: datetime) -> list[Trouble]:
    """Return what keeps messages from people and has lasted long enough to tell somebody."""
    failing_now = failing(now=now)
    found = [
        Trouble(
            name=f"messages:{one.kind}:{one.fault}",
            what=trouble.say_failing(failing=one),
            since=one.since,
            said=one.said,
        )
        for one in failing_now
        if trouble.is_alarming(fault=one.fault, since=one.since, now=now)
    ]
    ours = {one.kind for one in failing_now if one.fault is Fault.INSTALLATION}
    return [*found, *_broken(now=now, but=ours), *_unreached(now=now)]


def ways() -> list[Way]:
    """Return what messages leave by, and whether it worked when it was looked at. One query."""
    rows = models.Way.objects.order_by("kind", "server")
    return [
        Way(
            kind=row.kind,
            server=row.server,
            checked_at=row.checked_at,
            worked_at=row.worked_at,
            fails_since=row.fails_since,
            failures=row.failures,
            said=row.said,
        )
        for row in rows
    ]


def troubles_of_ways(*, found: Sequence[Way], now: datetime) -> list[Trouble]:
    """Return what is to be said of ways that do not work, as somebody found them."""
    broken = [way for way in found if rules.is_broken(way=way)]
    everybody = people.reachable(usable=True)
    counted = Counter(
        (one.kind, server(destination=one.address)) for one in catalogue.organisation().fallback
    )
    return rules.troubles(
        broken=broken,
        reach=rules.reach(people=everybody, broken=broken),
        fallback=counted,
        now=now,
    )


def addresses() -> list[tuple[str, str]]:
    """Return every address that something may be sent to, as kind and address. Three queries.

    Masked: what is left of a URL leads to its server, and not further.
    """
    found = [one for person in people.reachable(usable=False) for one in person]
    fallback = catalogue.organisation().fallback
    return [*found, *((one.kind, one.address) for one in fallback)]


def _broken(*, now: datetime, but: Collection[str]) -> list[Trouble]:
    """Return the troubles of ways, but for kinds of which messages that wait tell already.

    One query when all is well: whom they reach is asked only when one is broken.
    """
    found = [way for way in ways() if way.kind not in but]
    if not any(rules.is_broken(way=way) for way in found) and people.has_reachable():
        return []
    return troubles_of_ways(found=found, now=now)


def _unreached(*, now: datetime) -> list[Trouble]:
    """Return the trouble of pages that nobody is known to have been told of. One query."""
    sent = Notification.objects.filter(page_id=OuterRef("pk"), state=NotificationState.SENT)
    rows = Page.objects.filter(
        ~Exists(sent), state=PageState.UNANSWERED, unanswered_at__lte=now - _UNREACHED
    )
    found = rows.aggregate(pages=Count("pk"), since=Min("unanswered_at"))
    if not found["pages"]:
        return []
    return [
        Trouble(
            name="pages:unreached",
            what=trouble.say_unreached(pages=found["pages"], since=found["since"]),
            since=found["since"],
            meanwhile="Andon asks everybody again for as long as a page is open",
            over="no page waits any more that reached nobody",
        )
    ]
