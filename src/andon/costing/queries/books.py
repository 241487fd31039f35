"""The months of the books."""

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
