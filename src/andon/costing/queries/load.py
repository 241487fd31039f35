"""On-call load: a person's own facts, how even a rota is, and rest owed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Pay, WorkingHours
from andon.core.errors import Refusal
from andon.core.periods import Period
from andon.costing import rules
from andon.costing.queries.books import ledger_zone
from andon.costing.queries.charges import load_charges
from andon.costing.queries.people import UnableToFindPerson
from andon.costing.queries.responders import Response, Work, load_responses
from andon.costing.types import Books, Fairness, Load, Rest, Viewer
from andon.oncall import queries as oncall
from andon.oncall import rules as oncall_rules
from andon.oncall.types import Rota
from andon.paging import queries as paging
from andon.people import queries as people

_Callouts = dict[str, dict[str, list[datetime]]]


class UnableToShowLoad(Refusal):
    """What somebody carried is for that person and staff."""

    code = "load_is_private"
    status = 403


def person_load(
    *, person: str, books: Books, viewer: Viewer, now: datetime
) -> tuple[dict[str, Load], list[Rest]]:
    """Return what a person carried, by rota, and the rest they are owed now.

    Shifts that are yet to come in the period count as they are planned. Raises UnableToShowLoad for
    everybody but that person and staff, whether or not there is such a person, and
    UnableToFindPerson.
    """
    slug = person.lower()
    who = people.find_profile(slug=slug)
    if not rules.may_see_load(viewer=viewer, person_id=who.id if who else None):
        raise UnableToShowLoad("what somebody carried, only they and staff see")
    if who is None:
        raise UnableToFindPerson(f'there is no person "{person}"')
    return own_load(person=slug, books=books), list_rest(person=slug, now=now)


def team_load(*, team: str, books: Books) -> dict[str, Fairness | None]:
    """Return how evenly each rota of a team, and of the domains it owns, was carried.

    Nobody is named, and a rota of fewer than four people has None.
    """
    slugs = catalogue.list_rotas_answering(team=team)
    loads = _loads(books, only=slugs) if slugs else {}
    return {slug: rules.fairness(loads=loads.get(slug, {})) for slug in slugs}


def own_load(*, person: str, books: Books) -> dict[str, Load]:
    """Return what a person carried, by rota. For that person, and for no list of people."""
    return {slug: loads[person] for slug, loads in _loads(books).items() if person in loads}


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


def _loads(books: Books, only: Sequence[str] = ()) -> dict[str, dict[str, Load]]:
    hours = catalogue.organisation().working_hours
    period = books.period(hours.timezone)
    rotas = oncall.load_rotas(period=period, slugs=list(only) or None)
    callouts = _callouts(period, catalogue.organisation().pay)
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


def _callouts(period: Period, pay: Pay | None) -> _Callouts:
    """Return when each person took a page out of hours, by rota; of exercises only paid ones."""
    found: _Callouts = defaultdict(lambda: defaultdict(list))
    kinds = rules.paid_kinds(pay=pay)
    for rota, person, at in paging.list_taken_out_of_hours(kinds=kinds, period=period):
        found[rota][person].append(at)
    return found
