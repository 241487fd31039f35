"""Rows of the ledger, made from drafts. Call inside a transaction that holds the month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from andon.costing import models, queries
from andon.costing.types import Books, Draft

_BATCH = 500


@dataclass(frozen=True, slots=True)
class BookWriting:
    """What all rows of one writing share: when it happened, whose books, when and by whom."""

    month: date
    booked: date
    now: datetime
    by: str


def hold_month(*, books: Books) -> models.LedgerMonth:
    """Lock a month of the books until the transaction ends, so that one writer posts at a time."""
    models.LedgerMonth.objects.get_or_create(first=books.first)
    return models.LedgerMonth.objects.select_for_update().get(first=books.first)


def books_for(*, month: models.LedgerMonth, now: datetime) -> date:
    """Return the month whose books take what happened in a month: itself, unless it is closed."""
    if month.closed_at is None:
        return month.first
    present = Books.month_of(now.astimezone(queries.ledger_zone()).date()).first
    return max(present, month.first)


def add(*, drafts: Sequence[Draft], entry: BookWriting) -> None:
    """Post drafts, each with the next number of its source."""
    last = queries.last_sequences(sources=[draft.source for draft in drafts])
    rows = [_row(draft, last.get(draft.source, 0) + 1, entry) for draft in drafts]
    models.Posting.objects.bulk_create(rows, batch_size=_BATCH)


def take_back(*, ids: Iterable[int], entry: BookWriting, reason: str = "") -> None:
    """Reverse postings: the same again with the opposite sign, tied to what it takes back."""
    wanted = list(ids)
    rows = []
    for start in range(0, len(wanted), _BATCH):
        rows += list(models.Posting.objects.filter(pk__in=wanted[start : start + _BATCH]))
    made = [_mirror(row, entry, reason) for row in rows]
    models.Posting.objects.bulk_create(made, batch_size=_BATCH)


def _row(draft: Draft, sequence: int, entry: BookWriting) -> models.Posting:
    charge = draft.charge
    return models.Posting(
        key=f"{draft.source}#{sequence}",
        source=draft.source,
        sequence=sequence,
        kind=draft.kind,
        tag=charge.tag,
        minor=draft.amount.minor,
        currency=draft.amount.currency,
        month=entry.month,
        booked=entry.booked,
        starts_at=draft.period.starts_at,
        ends_at=draft.period.ends_at,
        service_id=charge.service_id,
        team_id=charge.team_id,
        domain_id=charge.domain_id,
        budget_holder_id=charge.budget_holder_id,
        rota_id=draft.rota_id,
        incident_id=draft.incident_id,
        person_id=draft.person_id,
        evidence=draft.evidence,
        reason=draft.reason,
        posted_at=entry.now,
        posted_by=entry.by,
    )


def _mirror(row: models.Posting, entry: BookWriting, reason: str) -> models.Posting:
    why = reason or "the facts are others now"
    draft = queries.standing_value(row).draft
    opposite = replace(draft, amount=-draft.amount)
    mirror = _row(opposite, row.sequence, entry)
    mirror.key, mirror.reversal_of_id = f"reversal:{row.uid}", row.pk
    mirror.month = row.month
    mirror.reason = f"takes back the posting of {row.posted_at:%Y-%m-%d %H:%M} UTC: {why}"
    return mirror
