"""Closing a month: its statements never change again."""

from datetime import datetime

from django.db import transaction

from andon.core import audit
from andon.core.errors import Refusal
from andon.costing import queries
from andon.costing.actions import write
from andon.costing.actions.post import post_period
from andon.costing.types import Books


class UnableToClose(Refusal):
    """The month is not over, is closed already, or is no month."""

    code = "unable_to_close_month"
    status = 409


def close_month(*, books: Books, by: str, now: datetime) -> None:
    """Post a month a last time and close its books. What is found out later goes into later ones.

    Raises UnableToClose.
    """
    if not books.is_month:
        raise UnableToClose(f"{books} is no month: months are closed one by one")
    if now < books.period(queries.ledger_zone().key).ends_at:
        raise UnableToClose(f"{books} is not over yet")
    if queries.is_closed(books=books):
        raise UnableToClose(f"{books} is closed already")
    post_period(books=books, now=now, by=by)
    with transaction.atomic():
        month = write.hold_month(books=books)
        if month.closed_at is not None:
            raise UnableToClose(f"{books} is closed already")
        month.closed_at, month.closed_by = now, audit.identity_of(by)
        month.save(update_fields=["closed_at", "closed_by"])
        audit.record(actor=by, verb="close", subject=f"books:{books}", now=now)
