"""On-call load: a person's own facts, how even a rota is, and rest owed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Pay, WorkingHours
from andon.core.periods import Period
from andon.costing import rules
from andon.costing.queries.books import ledger_zone
from andon.costing.queries.charges import load_charges
from andon.costing.queries.responders import Response, Work, load_responses
from andon.costing.types import Books, Fairness, Load, Rest
from andon.oncall import queries as oncall
from andon.oncall import rules as oncall_rules
from andon.oncall.types import Rota
from andon.paging.models import Page

_Callouts = dict[str, dict[str, list[datetime]]]


def own_load(*, person: str, books: Books) -> dict[str, Load]:
    """Return what a person carried, by rota. For that person, and for no list of people."""
    return {slug: loads[person] for slug, loads in _loads(books).items() if person in loads}


def rota_fairness(*, rota: str, books: Books) -> Fairness | None:
    """Return how evenly a rota was carried, without names; None below four people."""
    return rules.fairness(loads=_loads(books, only=rota).get(rota, {}))


def list_rest(*, person: str, now: datetime) -> list[Rest]:
    """Return the rest a person is owed now, in order. For that person and who plans their day."""
    organisation = catalogue.organisation()
    pay = organisation.pay
    if pay is None or not pay.rest:
        return []
    charges = load_charges(organisation=organisation)
    today = now.astimezone(ledger_zone()).date()
    months = sorted({Books.month_of(today - pay.rest), Books.month_of(today)})
    found = [
        rest
        for books in months
        for response in load_responses(books=books, charges=charges)
        for one in response.work
        if one.slug == person and one.worked.ends_at <= now < one.worked.ends_at + pay.rest
        for rest in _rest(pay, charges.hours_for(response.incident.service_id), response, one)
    ]
    return sorted((one for one in found if one.period.ends_at > now), key=lambda one: one.period)


def _rest(pay: Pay, hours: WorkingHours, response: Response, one: Work) -> Iterator[Rest]:
    # Half a minute more, so that an instant of work is looked up too.
    ends_at = one.worked.ends_at + pay.rest + timedelta(seconds=30)
    in_hours = oncall.working_periods(
        working_hours=hours, period=Period(one.worked.starts_at, ends_at)
    )
    rest = rules.rest_owed(
        person=one.slug,
        incident=response.incident.number,
        worked=one.worked,
        in_hours=in_hours,
        rest=pay.rest,
    )
    if rest is not None:
        yield rest


def _loads(books: Books, only: str = "") -> dict[str, dict[str, Load]]:
    hours = catalogue.organisation().working_hours
    period = books.period(hours.timezone)
    rotas = oncall.load_rotas(period=period, slugs=[only] if only else None)
    callouts = _callouts(period)
    return {slug: _of_rota(rota, period, hours, callouts[slug]) for slug, rota in rotas.items()}


def _of_rota(
    rota: Rota, period: Period, hours: WorkingHours, callouts: dict[str, list[datetime]]
) -> dict[str, Load]:
    return rules.loads(
        shifts=oncall_rules.shifts(rota=rota, period=period),
        period=period,
        timezone=rota.versions[-1].timezone if rota.versions else hours.timezone,
        holidays=oncall.holiday_periods(working_hours=hours, period=period),
        callouts=callouts,
    )


def _callouts(period: Period) -> _Callouts:
    """Return when each person took a page out of hours, by rota."""
    rows = Page.objects.filter(
        out_of_hours=True,
        acknowledged_person__isnull=False,
        acknowledged_at__gte=period.starts_at,
        acknowledged_at__lt=period.ends_at,
    ).values_list("rota", "acknowledged_person__slug", "acknowledged_at")
    found: _Callouts = defaultdict(lambda: defaultdict(list))
    for rota, person, at in rows:
        if at is not None:
            found[rota][person].append(at)
    return found
