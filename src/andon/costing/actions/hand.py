"""What people post or correct by hand, with a reason."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from andon.catalogue import queries as catalogue
from andon.core import audit
from andon.core.errors import Refusal
from andon.core.ids import uuid7
from andon.core.money import Money
from andon.core.periods import first_instant
from andon.costing import models, queries, rules
from andon.costing.actions import write
from andon.costing.actions.post import UnableToPost
from andon.costing.types import Books, Draft, Kind
from andon.incidents import queries as incidents
from andon.people import queries as people

if TYPE_CHECKING:
    from andon.costing.types import Charge

#: What no rule works out: it is known when somebody says so.
BY_HAND = (Kind.SETUP, Kind.TRANSITION)
_LONGEST_WORK = timedelta(days=14)


class UnableToReverse(Refusal):
    """The posting is not there or is reversed already, or there is no reason."""

    code = "unable_to_reverse"
    status = 409


class UnableToCorrect(Refusal):
    """The corrected hours make no sense."""

    code = "unable_to_correct_hours"
    status = 422


def post_entry(
    *,
    kind: Kind,
    service: str,
    amount: Money,
    day: date,
    reason: str,
    by: str,
    now: datetime,
    reference: str = "",
) -> str:
    """Post what setting up or handing over cover for a service cost; return the posting's uid.

    `reference`, such as an invoice's number, keeps the same thing from being posted twice: the
    posting there is returned. Raises UnableToPost.
    """
    at = first_instant(day, time(12), queries.ledger_zone())
    charge = _charge(kind, service, amount, reason, at)
    books = Books.month_of(day)
    source = f"hand:{kind}:{reference or uuid7()}/{charge.name}"
    draft = Draft(
        source=source,
        kind=kind,
        amount=amount,
        charge=charge,
        period=Books.month_of(day).period(queries.ledger_zone().key),
        evidence=reference or f"word of {by}",
        reason=reason.strip(),
    )
    with transaction.atomic():
        month = write.hold_month(books=books)
        there = models.Posting.objects.filter(
            source=source, reversal_of__isnull=True, reversal__isnull=True
        ).first()
        if there is None:
            booked = write.books_for(month=month, now=now)
            write.add(
                drafts=[draft],
                entry=write.BookWriting(books.first, booked, now, audit.identity_of(by)),
            )
            there = models.Posting.objects.filter(source=source).order_by("-sequence", "-pk")[0]
            audit.record(actor=by, verb="post", subject=f"posting:{there.uid}", now=now)
    return str(there.uid)


def reverse(*, uid: str, reason: str, by: str, now: datetime) -> None:
    """Take back a posting, whatever made it. Raises UnableToReverse.

    What is worked out from shifts and incidents is not posted again by the runs that follow, even
    when its facts change; `post_again` allows it. Where only a fact is wrong (an override, hours of
    work), put that right instead, and the next run posts the difference.
    """
    if not reason.strip():
        raise UnableToReverse("a reversal needs a reason")
    with transaction.atomic():
        row, month = _held(uid)
        if models.Posting.objects.filter(reversal_of=row).exists():
            raise UnableToReverse("it is reversed already")
        who = audit.identity_of(by)
        entry = write.BookWriting(row.month, write.books_for(month=month, now=now), now, who)
        write.take_back(ids=[row.pk], entry=entry, reason=reason.strip())
        if row.kind not in BY_HAND:
            models.TakenBack.objects.create(
                source=row.source, month=row.month, reason=reason.strip()[:500], by=who, at=now
            )
        audit.record(actor=by, verb="reverse", subject=f"posting:{uid}", now=now, reason=reason)


def post_again(*, uid: str, reason: str, by: str, now: datetime) -> None:
    """Let the next run post again what was taken back by hand. Raises UnableToReverse."""
    if not reason.strip():
        raise UnableToReverse("posting it again needs a reason")
    with transaction.atomic():
        row, _ = _held(uid)
        count, _ = models.TakenBack.objects.filter(source=row.source).delete()
        if not count:
            raise UnableToReverse("nobody took it back by hand")
        audit.record(actor=by, verb="post-again", subject=f"posting:{uid}", now=now, reason=reason)


def correct_worked_time(
    *,
    number: int,
    person_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Say when a person really worked on an incident; the next run posts the difference.

    This is also how somebody who helped without acknowledging is paid. Raises UnableToCorrect.
    """
    if not reason.strip():
        raise UnableToCorrect("corrected hours need a reason")
    if not starts_at <= ends_at <= now or ends_at - starts_at > _LONGEST_WORK:
        raise UnableToCorrect("hours of work end after they start, are over, and last days at most")
    incident = incidents.find(number=number)
    person = people.slugs_of(ids=[person_id]).get(person_id)
    if incident is None or person is None:
        raise UnableToCorrect(f"there is no INC-{number}, or no such person")
    unpaid = rules.why_unpaid(kind=incident.kind, pay=catalogue.organisation().pay)
    if unpaid:
        raise UnableToCorrect(f"hours on {incident.name} count for nothing: {unpaid}")
    with transaction.atomic():
        models.WorkedTime.objects.create(
            incident_id=incident.id,
            person_id=person_id,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip(),
            by=audit.identity_of(by),
            at=now,
        )
        subject = f"incident:{number}"
        audit.record(actor=by, verb="correct-hours", subject=subject, now=now, person=person)


def _charge(kind: Kind, service: str, amount: Money, reason: str, at: datetime) -> "Charge":
    organisation = catalogue.organisation()
    if kind not in BY_HAND:
        raise UnableToPost(f"{kind} follows from shifts and incidents; it is not posted by hand")
    if amount.minor <= 0 or not reason.strip():
        raise UnableToPost("a posting needs an amount above nothing, and a reason")
    if amount.currency != organisation.currency:
        message = f"the books are in {organisation.currency}, not in {amount.currency}"
        raise UnableToPost(f"{message}: currencies are never mixed")
    found = catalogue.find_service(slug=service)
    if found is None:
        raise UnableToPost(f'there is no service "{service}"')
    return queries.load_charges(organisation=organisation).of_service(found.id, at)


def _held(uid: str) -> tuple[models.Posting, models.LedgerMonth]:
    """Return a posting that is no reversal, with its month locked."""
    try:
        row = models.Posting.objects.filter(uid=UUID(uid), reversal_of__isnull=True).first()
    except ValueError:
        row = None
    if row is None:
        raise UnableToReverse(f"there is no posting {uid} that could be reversed")
    return row, write.hold_month(books=Books.month_of(row.month))
