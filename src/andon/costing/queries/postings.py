"""Lines of the ledger: what every figure is made of."""

from dataclasses import dataclass

from django.db.models import QuerySet

from andon.core.money import Money
from andon.core.periods import Period
from andon.costing import models, rules
from andon.costing.types import Books, Kind, Posting, Tag, Viewer


@dataclass(frozen=True, slots=True)
class Only:
    """Which part of the ledger; empty means all of it. Slugs, as people write them."""

    service: str = ""
    team: str = ""
    domain: str = ""
    rota: str = ""
    budget_holder: str = ""
    person: str = ""
    kind: str = ""
    tag: str = ""
    incident: int | None = None

    def of(self, rows: "QuerySet[models.Posting]") -> "QuerySet[models.Posting]":
        """Return those of the rows; `-` asks for those without a service, team, ..."""
        for field in ("service", "team", "domain", "rota", "budget_holder", "person"):
            slug = getattr(self, field)
            if slug == "-":
                rows = rows.filter(**{f"{field}__isnull": True})
            elif slug:
                rows = rows.filter(**{f"{field}__slug": slug})
        for field in ("kind", "tag"):
            if getattr(self, field):
                rows = rows.filter(**{field: getattr(self, field)})
        return rows if self.incident is None else rows.filter(incident__number=self.incident)


EVERYTHING = Only()


def booked_in(*, books: Books, only: Only = EVERYTHING) -> "QuerySet[models.Posting]":
    """Return the rows in the books of a period. Reversals are rows like any other."""
    return only.of(models.Posting.objects.filter(booked__gte=books.first, booked__lt=books.until))


def list_postings(
    *, books: Books, viewer: Viewer, only: Only = EVERYTHING, limit: int = 200, skip: int = 0
) -> list[Posting]:
    """Return the postings behind a figure, oldest first. One query.

    They add up to the figure whoever reads them; whose pay a line is, only that person, staff and
    the budget holder see. Asking for one person's or incident's lines gives none of them to anybody
    else. `skip` is how many were read before: lines are only ever added at the end.
    """
    rows = booked_in(books=books, only=only).select_related(
        "service", "team", "domain", "rota", "budget_holder", "person", "incident", "reversal_of"
    )  # fmt: skip
    shown = [
        (posting_value(row), rules.may_see_pay(
            viewer=viewer, person_id=row.person_id, budget_holder_id=row.budget_holder_id
        ))
        for row in rows.order_by("pk")[skip : skip + limit]
    ]  # fmt: skip
    return [
        posting if seen else rules.veiled(posting=posting)
        for posting, seen in shown
        if seen or (not only.person and only.incident is None)
    ]


def posting_value(row: models.Posting) -> Posting:
    """Return the value of a row whose relations were selected with it."""
    return Posting(
        id=row.pk,
        uid=str(row.uid),
        kind=Kind(row.kind),
        tag=Tag(row.tag),
        amount=Money(row.minor, row.currency),
        month=row.month,
        booked=row.booked,
        period=Period(row.starts_at, row.ends_at),
        service=row.service.slug if row.service else None,
        team=row.team.slug if row.team else None,
        domain=row.domain.slug if row.domain else None,
        rota=row.rota.slug if row.rota else None,
        budget_holder=row.budget_holder.slug if row.budget_holder else None,
        person=row.person.slug if row.person else None,
        incident=row.incident.number if row.incident else None,
        evidence=row.evidence,
        reason=row.reason,
        posted_at=row.posted_at,
        posted_by=row.posted_by,
        reversal_of=str(row.reversal_of.uid) if row.reversal_of else None,
    )
