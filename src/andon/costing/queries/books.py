"""The months of the books."""

from datetime import datetime
from zoneinfo import ZoneInfo

from andon.catalogue import queries as catalogue
from andon.costing import models
from andon.costing.types import Books


def ledger_zone() -> ZoneInfo:
    """Return the zone whose midnights divide the months: the organisation's."""
    return ZoneInfo(catalogue.organisation().working_hours.timezone)


def is_closed(*, books: Books) -> bool:
    """Return whether all months of some books are closed."""
    firsts = [month.first for month in books.months()]
    rows = models.LedgerMonth.objects.filter(first__in=firsts, closed_at__isnull=False)
    return rows.count() == len(firsts)


def list_months() -> list[tuple[Books, datetime | None, datetime | None]]:
    """Return every month with when it was last posted and when it was closed, newest first."""
    rows = models.LedgerMonth.objects.order_by("-first")
    return [
        (Books.month_of(first), posted_at, closed_at)
        for first, posted_at, closed_at in rows.values_list("first", "posted_at", "closed_at")
    ]
