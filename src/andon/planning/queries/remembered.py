"""The live portfolio, remembered while nothing it is read from has changed.

Reading a thousand services takes a fifth of a second, and longer when they need one another; the
portfolio is the same until something is applied, restored, or a person comes or goes.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Max

from andon.catalogue.models import Revision, Service
from andon.incidents import queries as incidents
from andon.people.models import Membership
from andon.planning.queries.live import read
from andon.planning.types import Portfolio


@dataclass(frozen=True, slots=True)
class Mark:
    """What a portfolio is read from. While it is the same, so is the portfolio."""

    revision: tuple[int, datetime, str]
    restored: tuple[int, datetime | None]
    people: int
    services: int
    #: Calibration counts the hours that were watched.
    hour: datetime
    now: datetime = field(compare=False)


def mark(*, now: datetime) -> Mark | None:
    """Return what the portfolio is read from now; None when nothing says that it changed."""
    last = Revision.objects.order_by("-pk").values_list("pk", "applied_at", "digest").first()
    if last is None:
        return None
    over = incidents.real().filter(restored_at__isnull=False)
    restored = over.aggregate(count=Count("pk"), last=Max("restored_at"))
    members = Membership.objects.filter(person__is_active=True, person__retired_at__isnull=True)
    hour = now.replace(minute=0, second=0, microsecond=0)
    services = Service.objects.filter(retired_at__isnull=True).count()
    return Mark(last, (restored["count"], restored["last"]), members.count(), services, hour, now)


def today(*, now: datetime) -> Portfolio:
    """Return the portfolio as it is, calibrated by the incidents that are over."""
    found = mark(now=now)
    # Without a revision nothing was applied, so nothing says when the rows change.
    return at(found) if found else read(now=now, measured=True)


@lru_cache(maxsize=2)
def at(found: Mark) -> Portfolio:
    """Return the portfolio of a mark."""
    return read(now=found.now, measured=True)
