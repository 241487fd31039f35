"""From what is declared about services to a portfolio: one way for files and for the database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from andon.catalogue.types import (
    Cover,
    DeploymentTarget,
    DomainKind,
    Insurance,
    Organisation,
    WorkingHours,
)
from andon.core.calendars import UnableToFindHolidays, bank_holidays
from andon.core.documents.problems import DocumentProblem, Gravity
from andon.core.money import Money
from andon.planning.rules.assumptions import assumptions_of
from andon.planning.types import (
    Assumptions,
    Guess,
    Holidays,
    Insured,
    PeakDays,
    Portfolio,
    Season,
    Stretch,
)

#: A Gamma prior needs a little weight, and a lognormal a little time.
_LEAST_RESTORE = timedelta(minutes=1)
#: Fixed, so that the same files give the same plan next year; some calendars end with 2035.
HOLIDAY_YEARS = range(2026, 2036)


@dataclass(frozen=True, slots=True)
class Insurable:
    """A service as declared, wherever it was read from."""

    slug: str
    title: str
    team: str
    domain: str | None
    domain_kind: DomainKind | None
    exposure: Money | None
    target_ppm: int
    cover: Cover
    deployment_target: str
    working_hours: WorkingHours
    insurance: Insurance
    depends_on: tuple[str, ...]
    declared_at: str
    windows: tuple[PeakDays, ...] = ()


def portfolio(
    *,
    organisation: Organisation,
    declared: Iterable[Insurable],
    people: Mapping[str, int],
    problems: Iterable[DocumentProblem] = (),
) -> Portfolio:
    """Return a portfolio. Services without an exposure are left out, each with its problem."""
    holidays = holidays_a_year(organisation.working_hours.holidays)
    known = assumptions_of(organisation=organisation, holidays=holidays)
    ordered = sorted(declared, key=lambda one: one.slug)
    found, noted = [], list(problems)
    for one in ordered:
        problem = _refused(one, organisation.currency)
        if problem is None and one.exposure is not None:
            found.append(insured(one, one.exposure, known))
        elif problem is not None:
            noted.append(problem)
    whole = _whole(organisation, known, people)
    noted += _alone(found, {one.slug: one.declared_at for one in ordered})
    return replace(whole, services=tuple(found), problems=tuple(noted))


def insured(one: Insurable, exposure: Money, known: Assumptions) -> Insured:
    """Return a service with the organisation's assumptions where it says nothing itself."""
    said = one.insurance
    restore = said.time_to_restore or known.you_run_it.time_to_restore
    return Insured(
        slug=one.slug,
        title=one.title,
        team=one.team,
        domain=one.domain,
        domain_kind=one.domain_kind,
        exposure_per_hour=exposure,
        target_ppm=one.target_ppm,
        cover=one.cover,
        deployment_target=DeploymentTarget(one.deployment_target)
        if one.deployment_target
        else None,
        working_hours=one.working_hours,
        incidents_per_year=_or(said.incidents_per_year, known.incidents_per_year),
        time_to_restore=max(restore, _LEAST_RESTORE),
        sigma=_or(said.sigma, known.sigma),
        fraction=_or(said.fraction, Decimal(1)),
        cap=said.cap,
        fixed_cost=said.fixed_cost,
        holidays=holidays_a_year(one.working_hours.holidays),
        shuttered_share=_or(said.shuttered_share, Decimal(1)),
        week=tuple(Stretch(*part) for part in said.week),
        seasons=tuple(Season(*part) for part in said.seasons),
        depends_on=one.depends_on,
        windows=one.windows,
        guessed=frozenset(_guessed(said, known)),
        declared_at=one.declared_at,
    )


def _guessed(said: Insurance, known: Assumptions) -> Iterator[Guess]:
    if said.incidents_per_year is None and known.assumes("incidentsPerYear"):
        yield Guess.HOW_OFTEN
    if said.time_to_restore is None and known.assumes("youRunIt.timeToRestore"):
        yield Guess.HOW_LONG


@lru_cache(maxsize=64)
def holidays_a_year(code: str) -> Holidays:
    """Return the bank holidays of a calendar, as weeks a year: the mean of ten fixed years.

    Empty when there are none, and for a code nobody knows, which on call does not observe either.
    """
    found: dict[date, set[int]] = defaultdict(set)
    try:
        for year in HOLIDAY_YEARS:
            for day in bank_holidays(code, year):
                found[day - timedelta(days=day.weekday())].add(day.weekday())
    except UnableToFindHolidays:
        return ()
    counts = Counter(frozenset(days) for days in found.values())
    ordered = sorted(counts.items(), key=lambda one: sorted(one[0]))
    return tuple((days, Decimal(count) / len(HOLIDAY_YEARS)) for days, count in ordered)


def place(declared_at: str) -> tuple[str, int]:
    """Return file and line of a place such as `shop/checkout.yaml:12`."""
    file, _, line = declared_at.rpartition(":")
    return (file, int(line)) if line.isdigit() else (declared_at, 1)


def _whole(organisation: Organisation, known: Assumptions, people: Mapping[str, int]) -> Portfolio:
    return Portfolio(
        organisation=organisation.slug,
        currency=organisation.currency,
        preset=organisation.preset,
        period=organisation.period,
        levels=organisation.levels,
        team_requires_demand=organisation.team_requires_demand,
        exposure_bands=organisation.exposure_bands,
        minimum_losses=organisation.minimum_losses,
        assumptions=known,
        services=(),
        people=dict(sorted(people.items())),
    )


def _refused(one: Insurable, currency: str) -> DocumentProblem | None:
    if one.exposure is None:
        message = f"{one.slug} has no financial exposure, so nothing can be said about its money"
        fix = f'Write andon.dev/financial-exposure-per-hour: "{currency} 1000".'
        return _problem("exposure-missing", message, fix, one)
    if one.exposure.currency != currency:
        message = f"its exposure is in {one.exposure.currency}, the books are in {currency}"
        return _problem("money-currency", message, f"Convert it to {currency}.", one)
    return None


def _alone(services: list[Insured], places: Mapping[str, str]) -> list[DocumentProblem]:
    members = Counter(one.domain for one in services if one.domain)
    fix = "Join it to a product or architectural sibling, or give its team the rota."
    found = []
    for one in services:
        if one.cover is Cover.DOMAIN and one.domain and members[one.domain] == 1:
            file, line = place(places[one.slug])
            message = f"{one.slug} is alone in domain {one.domain}, and pays for its whole rota"
            gravity = Gravity.WARNING
            found.append(
                DocumentProblem(
                    "domain-alone", message, fix, file, line, gravity, "service", one.slug
                )
            )
    return found


def _problem(rule: str, message: str, fix: str, one: Insurable) -> DocumentProblem:
    file, line = place(one.declared_at)
    return DocumentProblem(rule, message, fix, file, line, Gravity.ERROR, "service", one.slug)


def _or(value: Decimal | None, default: Decimal) -> Decimal:
    return default if value is None else value
