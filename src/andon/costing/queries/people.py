"""What people are paid. Everything here asks who is reading."""

from collections import defaultdict

from django.db.models import Count, Q, QuerySet, Sum

from andon.catalogue import queries as catalogue
from andon.core.errors import Refusal
from andon.core.money import Money
from andon.costing import models
from andon.costing.queries.postings import booked_in, posting_value
from andon.costing.types import PAY_KINDS, Books, Kind, PayrollRow, PersonStatement, Viewer
from andon.people import queries as people


class UnableToShowPay(Refusal):
    """Pay is for the person, for staff, and for the holder of the budget it comes from."""

    code = "pay_is_private"
    status = 403


class UnableToFindPerson(Refusal):
    """Nobody has that slug; said only to those who may see everybody's pay."""

    code = "person_not_found"
    status = 404


def person_statement(
    *, person: str, books: Books, viewer: Viewer, currency: str = ""
) -> PersonStatement:
    """Return what a person is paid for a month or longer, with every posting. Four queries.

    The person and staff see all of it; a budget holder the part charged to their budget. Raises
    UnableToShowPay for everybody else, whether or not there is anything to see, and
    UnableToFindPerson.
    """
    who = people.find_profile(slug=person.lower())
    own = who is not None and viewer.person_id == who.id
    rows = _pay_rows(books, viewer, currency)
    mine = list(rows.filter(person_id=who.id)) if who else []
    if not (viewer.is_staff or own) and not mine:
        raise UnableToShowPay("what somebody is paid, only they, staff and the budget holder see")
    if who is None:
        raise UnableToFindPerson(f'there is no person "{person}"')
    whole = viewer.is_staff or own
    note = "" if whole else "only what is charged to your budget"
    unit = currency or catalogue.organisation().currency
    sums = {kind: Money.zero(unit) for kind in PAY_KINDS}
    for row in mine:
        sums[Kind(row.kind)] += Money(row.minor, row.currency)
    return PersonStatement(
        person=who.slug,
        name=who.name,
        books=books,
        standby=sums[Kind.STANDBY],
        callout=sums[Kind.CALLOUT],
        total=sums[Kind.STANDBY] + sums[Kind.CALLOUT],
        postings=tuple(posting_value(row) for row in mine),
        note=note,
    )


def payroll(*, books: Books, viewer: Viewer, currency: str = "") -> tuple[PayrollRow, ...]:
    """Return what everybody is paid, by slug, as far as the reader may see. Two queries."""
    unit = currency or catalogue.organisation().currency
    sums: dict[tuple[str, str], dict[Kind, int]] = defaultdict(dict)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    rows = _pay_rows(books, viewer, unit).order_by().values("person__slug", "person__name", "kind")
    for row in rows.annotate(sum=Sum("minor"), count=Count("pk")):
        who = (row["person__slug"], row["person__name"])
        sums[who][Kind(row["kind"])] = row["sum"]
        counts[who] += row["count"]
    return tuple(
        PayrollRow(
            person=slug,
            name=name,
            standby=Money(kinds.get(Kind.STANDBY, 0), unit),
            callout=Money(kinds.get(Kind.CALLOUT, 0), unit),
            total=Money(sum(kinds.values()), unit),
            postings=counts[slug, name],
        )
        for (slug, name), kinds in sorted(sums.items())
    )


def _pay_rows(books: Books, viewer: Viewer, currency: str) -> "QuerySet[models.Posting]":
    """Return the postings of people's pay that a reader may see: `rules.may_see_pay`, in SQL."""
    unit = currency or catalogue.organisation().currency
    rows = booked_in(books=books).filter(kind__in=PAY_KINDS, person__isnull=False, currency=unit)
    if not viewer.is_staff:
        rows = rows.filter(Q(person=viewer.person_id) | Q(budget_holder=viewer.person_id))
        if viewer.person_id is None:
            rows = rows.none()
    return rows.select_related(
        "service", "team", "domain", "rota", "budget_holder", "person", "incident", "reversal_of"
    ).order_by("pk")
