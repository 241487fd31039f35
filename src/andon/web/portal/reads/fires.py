"""What is on fire: incidents with their money, and how services are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Organisation
from andon.core.money import Money
from andon.incidents import queries as incidents
from andon.incidents.types import Condition, Figures, Incident, IncidentState

#: More than this at once is a storm: the page says how many more there are.
SHOWN = 50
#: How a service may be, the most pressing first; `incidents.rules` says which it is.
CONDITIONS = (
    (str(Condition.LOST), "Target lost"),
    (str(Condition.DOWN), "Down"),
    (str(Condition.DEGRADED), "Degraded"),
    (str(Condition.ACKNOWLEDGED), "Acknowledged"),
    (str(Condition.HELD), "Held"),
    (str(Condition.OK), "OK"),
)
#: A headline counts so many; beyond, the number is of no use to anybody.
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Fire:
    """An incident with its figures as of now."""

    incident: Incident
    figures: Figures

    @property
    def state(self) -> Condition:
        """Return how it is, in one word."""
        return incidents.condition(incident=self.incident, figures=self.figures)

    @property
    def is_down(self) -> bool:
        """Return whether something is down now that is not taken for a warning or an exercise."""
        return self.incident.is_active and self.incident.is_down and self.incident.kind.is_real

    @property
    def needs_somebody(self) -> bool:
        """Return whether it is down and nobody has it."""
        return self.is_down and self.incident.state is IncidentState.OPEN and not self.is_held

    @property
    def is_held(self) -> bool:
        """Return whether it waits for working hours."""
        return self.state is Condition.HELD

    @property
    def allowance_used(self) -> Decimal | None:
        """Return the share of its target's allowance that it alone used; None if never down.

        What is left depends on the service's other incidents too: `reads.services` says that.
        """
        return self.figures.allowance_used if self.incident.was_down else None


def active(*, organisation: Organisation, now: datetime) -> list[Fire]:
    """Return the active incidents with their figures, at most `COUNTED` of them."""
    found = incidents.list_active(limit=COUNTED)
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
    """Return what all that are down may lose per minute, one amount per currency."""
    totals: dict[str, Money] = {}
    for one in fires:
        if not one.is_down:
            continue
        rate = one.figures.loss_per_minute
        if rate is not None:
            totals[rate.currency] = totals.get(rate.currency, Money.zero(rate.currency)) + rate
    return list(totals.values())


def conditions(slugs: Collection[str], *, now: datetime) -> dict[str, str]:
    """Return how each of these services is, in one word, by slug."""
    found = incidents.conditions(slugs=slugs, organisation=catalogue.organisation(), now=now)
    return {slug: str(one) for slug, one in found.items()}


def troubled(*, organisation: Organisation, now: datetime) -> dict[str, str]:
    """Return how each service is that has an active incident, by slug."""
    found = incidents.conditions(slugs=None, organisation=organisation, now=now)
    return {slug: str(one) for slug, one in found.items()}
