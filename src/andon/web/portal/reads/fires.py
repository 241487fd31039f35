"""What is on fire: incidents with their money, pages that wait, and pages nobody answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from andon.alerts.types import AlertKind, Severity
from andon.catalogue.types import Organisation
from andon.core.money import Money
from andon.incidents import queries as incidents
from andon.incidents.types import Figures, Incident, IncidentState
from andon.paging import queries as paging
from andon.paging.models import Page
from andon.paging.types import PageState

#: More than this at once is a storm: the page says how many more there are.
SHOWN = 50
#: The states of a service by its open page, and how they are called, the most pressing first.
BURNING = (
    (str(PageState.UNANSWERED), "Unanswered"),
    (str(PageState.PAGING), "Paging"),
    (str(PageState.ACKNOWLEDGED), "Acknowledged"),
    (str(PageState.HELD), "Held"),
    ("ok", "OK"),
)


@dataclass(frozen=True, slots=True)
class Fire:
    """An incident with its figures as of now."""

    incident: Incident
    figures: Figures

    @property
    def state(self) -> str:
        """Return the incident's state, or `held` while it waits for working hours.

        Nothing is on fire in an exercise: one that is open is `untaken`.
        """
        if self.incident.state is not IncidentState.OPEN:
            return str(self.incident.state)
        if self.incident.held_until is not None:
            return "held"
        return "open" if self.incident.kind.is_real else "untaken"

    @property
    def allowance_left(self) -> timedelta | None:
        """Return what this incident leaves of the target's allowance; never below nothing."""
        if self.figures.allowance is None:
            return None
        return max(self.figures.allowance - self.figures.duration, timedelta(0))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pages in a state that a person should know of, and how many more there are."""

    pages: Sequence[Page]
    total: int


def active(*, organisation: Organisation, now: datetime) -> list[Fire]:
    """Return the active incidents with their figures."""
    found = incidents.list_active(limit=SHOWN)
    return [fire(incident=one, organisation=organisation, now=now) for one in found]


def of_service(
    *, service: str, organisation: Organisation, now: datetime, limit: int
) -> list[Fire]:
    """Return a service's incidents, newest first."""
    found = incidents.list_incidents(service=service, limit=limit)
    return [fire(incident=one, organisation=organisation, now=now) for one in found]


def fire(*, incident: Incident, organisation: Organisation, now: datetime) -> Fire:
    """Return an incident with its figures."""
    figures = incidents.figures(incident=incident, now=now, organisation=organisation)
    return Fire(incident=incident, figures=figures)


def losing(fires: Sequence[Fire]) -> list[Money]:
    """Return what all of them lose per minute, one amount per currency."""
    totals: dict[str, Money] = {}
    for one in fires:
        rate = one.figures.loss_per_minute
        if rate is not None:
            totals[rate.currency] = totals.get(rate.currency, Money.zero(rate.currency)) + rate
    return list(totals.values())


def waiting(state: PageState) -> Waiting:
    """Return the pages in a state, oldest first."""
    return _waiting(Page.objects.filter(state=state))


def _waiting(rows: QuerySet[Page]) -> Waiting:
    found = rows.select_related("service").order_by("opened_at")
    pages = list(found[: SHOWN + 1])
    total = len(pages) if len(pages) <= SHOWN else found.count()
    return Waiting(pages=pages[:SHOWN], total=total)


def tickets() -> Waiting:
    """Return the tickets nobody has ended yet, those that wait for working hours left out."""
    found = Page.objects.filter(severity=Severity.TICKET)
    found = found.exclude(state__in=(PageState.RESOLVED, PageState.HELD))
    return _waiting(found)


def burning(slugs: Collection[str]) -> dict[str, str]:
    """Return the state of the open page of each of these services that has one, by slug."""
    rows = _open().filter(service__slug__in=slugs)
    ordered = sorted(rows.values_list("service__slug", "state"), key=lambda row: -rank_of(row[1]))
    return dict(ordered)


def burning_order() -> Coalesce:
    """Return how services are sorted by their state, as `rank_of`: the most pressing first."""
    ranks = [When(state=value, then=Value(rank_of(value))) for value, _ in BURNING]
    rank = Case(*ranks, output_field=IntegerField())
    pages = _open().filter(service=OuterRef("pk")).order_by(rank).values(rank=rank)
    return Coalesce(Subquery(pages[:1]), rank_of("ok"))


def rank_of(state: str) -> int:
    """Return the place of a service's state in their order."""
    return [value for value, _ in BURNING].index(state)


def _open() -> QuerySet[Page]:
    found = Page.objects.filter(~Q(state=PageState.RESOLVED), kind=AlertKind.INCIDENT)
    return found.exclude(severity=Severity.TICKET)


def untaken(page_ids: Collection[int]) -> list[Page]:
    """Return those of these pages that wait for somebody to take them, the next to act first."""
    rows = Page.objects.filter(paging.untaken(), pk__in=page_ids)
    return list(rows.order_by(F("next_at").asc(nulls_last=True), "pk"))
