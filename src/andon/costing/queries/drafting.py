"""The ledger as it ought to stand for a month: standby of real shifts, cost of real incidents."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial

from andon.alerts.types import AlertKind
from andon.catalogue import queries as catalogue
from andon.catalogue.types import Pay, WorkingHours
from andon.core.money import Money
from andon.core.periods import Period
from andon.costing import models, rules
from andon.costing.queries.charges import Charges, Share, load_charges
from andon.costing.queries.responders import Response, Work, load_responses
from andon.costing.types import (
    ACCRUED_KINDS,
    Books,
    Charge,
    Draft,
    Kind,
    StandbyPay,
    StandingPosting,
    Tag,
)
from andon.oncall import queries as oncall
from andon.oncall import rules as oncall_rules
from andon.oncall.types import Rota
from andon.people import queries as people

#: A standby day may begin or end so far outside its month in UTC, and a shift holds it.
_MARGIN = timedelta(days=2)
#: Working hours and bank holidays.


def drafts(*, books: Books, now: datetime) -> tuple[list[Draft], tuple[str, ...]]:
    """Return what the ledger of a month ought to say by now, and what was left out and why.

    Shifts count once they are over (or the month is), incidents once they are restored. A number of
    queries that does not grow with the rotas or the incidents.
    """
    charges = load_charges(organisation=catalogue.organisation())
    pay, refused = charges.organisation.pay, []
    found: list[tuple[Draft, list[Charge]]] = []
    if pay is not None:
        found += _standby(pay, charges, books, now)
    for response in load_responses(books=books, charges=charges):
        service_id = response.incident.service_id
        if pay is not None:
            found += [
                (one, [charges.of_service(service_id, one.period.starts_at)])
                for one in _paid(pay, response)
            ]
        lost = response.loss
        if lost is None:
            continue
        if lost.currency != charges.organisation.currency:
            refused.append(_wrong_currency(response, charges.organisation.currency))
            continue
        charge = charges.of_service(service_id, response.down.starts_at)
        found.append((_lost(response, lost), [replace(charge, tag=Tag.LOST_REVENUE)]))
    capped = rules.cap_pay(
        drafts=[draft for draft, _ in found], cap=pay.cap_per_month if pay else None
    )
    bearers = {draft.source: bearer for draft, bearer in found}
    split = [
        part
        for draft in capped
        for part in rules.split_charges(draft=draft, charges=bearers[draft.source])
    ]
    return split, tuple(refused)


def standing(*, books: Books) -> list[StandingPosting]:
    """Return the postings of a month that stand and were worked out, not posted by hand."""
    rows = models.Posting.objects.filter(
        month=books.first,
        kind__in=ACCRUED_KINDS,
        reversal_of__isnull=True,
        reversal__isnull=True,
    )
    return [standing_value(row) for row in rows.order_by("pk")]


def taken_back(*, books: Books) -> set[str]:
    """Return the sources of a month that somebody took back by hand."""
    rows = models.TakenBack.objects.filter(month=books.first)
    return set(rows.values_list("source", flat=True))


def standing_value(row: models.Posting) -> StandingPosting:
    """Return a posting's row as what it says."""
    draft = Draft(
        source=row.source,
        kind=Kind(row.kind),
        amount=Money(row.minor, row.currency),
        charge=Charge(
            Tag(row.tag), row.service_id, row.team_id, row.domain_id, row.budget_holder_id
        ),
        period=Period(row.starts_at, row.ends_at),
        evidence=row.evidence,
        reason=row.reason,
        rota_id=row.rota_id,
        incident_id=row.incident_id,
        person_id=row.person_id,
    )
    return StandingPosting(row.pk, row.sequence, draft)


def last_sequences(*, sources: Iterable[str]) -> dict[str, int]:
    """Return the highest sequence ever posted of each source, reversed ones too."""
    found: dict[str, int] = {}
    wanted = list(sources)
    for start in range(0, len(wanted), 500):
        rows = models.Posting.objects.filter(source__in=wanted[start : start + 500])
        for source, sequence in rows.values_list("source", "sequence"):
            found[source] = max(sequence, found.get(source, 0))
    return found


def _standby(
    pay: Pay, charges: Charges, books: Books, now: datetime
) -> Iterator[tuple[Draft, list[Charge]]]:
    timezone = charges.organisation.working_hours.timezone
    month = books.period(timezone)
    rotas = oncall.load_rotas(period=_around(month))
    holidays = cache(partial(_holidays, books))
    earned = [
        (rota, one)
        for rota in rotas.values()
        for one in _shifts(pay, rota, holidays(charges.hours_of(rota)), books, now)
    ]
    slugs = {one.person for _, one in earned}
    ids = people.ids(slugs=slugs)
    shares: dict[str, list[Share]] = {}
    for rota, one in earned:
        if rota.slug not in shares:
            # The month's last standby day reaches into the next one.
            reach = Period(month.starts_at, month.ends_at + _MARGIN)
            shares[rota.slug] = charges.of_rota(rota=rota, period=reach)
        draft = _standby_draft(rota, one, ids.get(one.person))
        for part in rules.split_dates(draft=draft, cuts=[each.since for each in shares[rota.slug]]):
            yield part, _bearers(shares[rota.slug], part.period.starts_at)


def _bearers(shares: list[Share], at: datetime) -> list[Charge]:
    """Return who bears what begins at an instant; the first share reaches back without an end."""
    held = [one for one in shares if one.since <= at] or shares[:1]
    return list(held[-1].charges)


def _holidays(books: Books, hours: WorkingHours) -> list[Period]:
    """Return the bank holidays around a month; most rotas share them."""
    reach = _around(books.period(hours.timezone))
    return oncall.holiday_periods(working_hours=hours, period=reach)


def _shifts(
    pay: Pay, rota: Rota, holidays: list[Period], books: Books, now: datetime
) -> list[StandbyPay]:
    """Return what a rota's shifts earn, by the hours in which it is asked."""
    zone = rota.versions[-1].timezone if rota.versions else "UTC"
    in_hours = oncall_rules.at_work(answers=rota.answers, period=_around(books.period(zone)))
    return rules.standby_pay(
        pay=pay, rota=rota, books=books, in_hours=in_hours, holidays=holidays, until=now
    )


def _around(month: Period) -> Period:
    return Period(month.starts_at - _MARGIN, month.ends_at + _MARGIN)


def _standby_draft(rota: Rota, one: StandbyPay, person_id: int | None) -> Draft:
    start, end = (_instant(at) for at in (one.period.starts_at, one.period.ends_at))
    return Draft(
        source=f"standby:{rota.slug}:{start}:{one.person}",
        kind=Kind.STANDBY,
        amount=one.pay,
        charge=Charge(Tag.CAPEX),
        period=one.period,
        evidence=f"rota {rota.slug}, {one.person}, {start} to {end}",
        reason=one.reason,
        rota_id=rota.id,
        person_id=person_id,
    )


def _paid(pay: Pay, response: Response) -> Iterator[Draft]:
    """Yield the callout pay and the cost of response in hours of everybody who worked on it."""
    for one in response.work:
        bill = rules.callout_pay(
            pay=pay,
            whom=one.name,
            worked=one.worked,
            in_hours=response.in_hours,
            holidays=response.holidays,
            elsewhere=one.elsewhere,
        )
        reason = "; ".join(line.reason for line in bill.lines) + one.note
        yield _of_incident(Kind.CALLOUT, response, bill.total, reason, one)
        cost = rules.response_cost(pay=pay, worked=one.worked, in_hours=response.in_hours)
        # People are paid for an exercise; it is no cost of unavailability.
        if cost is not None and response.incident.kind == AlertKind.INCIDENT:
            rate = pay.response_per_hour.exact if pay.response_per_hour else "no rate"
            words = f"work in working hours at {rate} an hour{one.note}"
            yield _of_incident(Kind.RESPONSE, response, cost, words, one)


def _lost(response: Response, lost: Money) -> Draft:
    """Return the loss as a cost of delay: from when it began until it was restored."""
    rate = response.exposure.exact if response.exposure else "nothing"
    words = f"{rate} an hour from the start until restored"
    return _of_incident(Kind.OPPORTUNITY, response, lost, words)


def _of_incident(
    kind: Kind, response: Response, amount: Money, reason: str, work: Work | None = None
) -> Draft:
    name = response.incident.name
    period = work.worked if work else response.down
    whom = f", {work.slug}" if work else ""
    start, end = _instant(period.starts_at), _instant(period.ends_at)
    return Draft(
        source=f"{kind}:{name}" + (f":{work.slug}" if work else ""),
        kind=kind,
        amount=amount,
        charge=Charge(Tag.CAPEX),
        period=period,
        evidence=f"{name}{whom}, {start} to {end}",
        reason=reason,
        incident_id=response.incident.id,
        person_id=work.person_id if work else None,
    )


def _wrong_currency(response: Response, currency: str) -> str:
    other = response.exposure.currency if response.exposure else "nothing"
    return (
        f"{response.incident.name}: its exposure is in {other} and the books are in {currency}; "
        "currencies are never mixed, so its loss is left out"
    )


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
