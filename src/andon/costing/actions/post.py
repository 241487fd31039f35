"""Posting what happened: a run over the same facts posts nothing twice."""

from datetime import datetime, timedelta

from django.db import transaction

from andon.catalogue import queries as catalogue
from andon.core import audit, claims
from andon.core.errors import Refusal
from andon.costing import queries, rules
from andon.costing.actions import write
from andon.costing.types import Books, Outcome, StandingPosting

ENGINE = "andon"


class UnableToPost(Refusal):
    """The month cannot be posted, or the posting makes no sense."""

    code = "unable_to_post"
    status = 422


def post_period(*, books: Books, now: datetime, by: str = ENGINE) -> Outcome:
    """Bring the ledger of a month, a quarter or a year up to what is known now, month by month.

    Differences are a reversal and a new posting; what happened in a month that is closed is booked
    in the present one. Raises UnableToPost when the organisation's currency is another than that of
    what is posted already.
    """
    # A month of thousands of services is read and compared as a whole.
    with claims.unhurried():
        outcomes = [_post_month(month, now, by) for month in books.months()]
    return Outcome(
        posted=sum(one.posted for one in outcomes),
        reversed=sum(one.reversed for one in outcomes),
        refused=tuple(words for one in outcomes for words in one.refused),
    )


def post_due(*, now: datetime) -> Outcome:
    """Bring the ledger of this month and the one before up to date."""
    today = now.astimezone(queries.ledger_zone()).date()
    present = Books.month_of(today)
    before = Books.month_of(present.first - timedelta(days=1))
    return post_period(books=Books(before.first, present.until), now=now)


def _post_month(books: Books, now: datetime, by: str) -> Outcome:
    # Worked out before the month is held: on SQLite nobody else could write meanwhile.
    drafts, refused = queries.drafts(books=books, now=now)
    with transaction.atomic():
        month = write.hold_month(books=books)
        standing = queries.standing(books=books)
        _refuse_other_currency(standing, books)
        found = rules.differences(
            drafts=drafts, standing=standing, taken_back=queries.taken_back(books=books)
        )
        entry = write.BookWriting(
            month=books.first,
            booked=write.books_for(month=month, now=now),
            now=now,
            by=audit.identity_of(by),
        )
        write.take_back(ids=[one.id for one in found.reverse], entry=entry)
        write.add(drafts=found.post, entry=entry)
        month.posted_at = now
        month.save(update_fields=["posted_at"])
    return Outcome(len(found.post), len(found.reverse), refused)


def _refuse_other_currency(standing: list[StandingPosting], books: Books) -> None:
    currency = catalogue.organisation().currency
    other = {one.draft.amount.currency for one in standing} - {currency}
    if other:
        raise UnableToPost(
            f"the books of {books} are in {', '.join(sorted(other))} and the organisation is in "
            f"{currency} now: currencies are never mixed",
            books=str(books),
        )
