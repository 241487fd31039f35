"""Who bears which cost, and when the people concerned are at work. A constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from andon.catalogue import queries as catalogue
from andon.catalogue import rules as catalogue_rules
from andon.catalogue.rules.documents.organisation import stored_hours
from andon.catalogue.types import Cover, Organisation, Service, WorkingHours
from andon.catalogue.types.ownership import Owned, Ownerships, owned_at
from andon.core.periods import Period
from andon.costing import rules
from andon.costing.types import Charge
from andon.oncall.types import Rota
from andon.people import queries as people

#: An incident may have begun long before the month that posts it.
_EVER = Period(datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
_NOBODY = Owned(None)


@dataclass(frozen=True, slots=True)
class Share:
    """Who bears a rota's standby from `since` on, until the next share."""

    since: datetime
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Charges:
    """What is known of services, teams and domains when costs are charged, by date."""

    organisation: Organisation
    values: dict[int, Service]
    retired: dict[int, datetime]
    owned: Ownerships
    #: Slugs of domains, by key.
    domains: dict[int, str]
    hours_by_team: dict[str, WorkingHours]
    hours_by_domain: dict[str, WorkingHours]
    _owned_by: dict[datetime, dict[int | None, list[int]]] = field(default_factory=dict)

    def of_service(self, service_id: int | None, at: datetime) -> Charge:
        """Return who bore what a service cost at an instant; nobody for one never declared."""
        parts = self.owned.services.get(service_id or 0)
        if service_id is None or parts is None:
            return Charge(rules.tag_for(funding=()), name="undeclared")
        held = owned_at(parts, at)
        domain = self._domain(held.domain_id, at)
        return Charge(
            tag=rules.tag_for(funding=[held.funding]),
            service_id=service_id,
            team_id=held.owner_id,
            domain_id=held.domain_id,
            budget_holder_id=held.budget_holder_id or domain.budget_holder_id,
            name=self.values[service_id].slug,
        )

    def of_rota(self, *, rota: Rota, period: Period) -> list[Share]:
        """Return who bore a rota's standby: one line per service of a team, or a domain at once.

        A domain rota has one budget holder (Equal Experts, scale); how its services share is
        information. A team's line is for every service its rota covers out of hours then, or for
        all of its services when the targets say that none needs it. A new share begins only where
        something changed hands.
        """
        shares: list[Share] = []
        before: tuple[Charge, ...] | None = None
        changes = (at for at in self.owned.changes() if at in period and at != period.starts_at)
        for at in (period.starts_at, *changes):
            could = tuple(self._could_bear(rota, at))
            if could != before:
                shares.append(Share(at, tuple(self._needing(could, at))))
            before = could
        return shares

    def hours_of(self, rota: Rota) -> WorkingHours:
        """Return when the people of a rota are at work."""
        found = self.hours_by_team.get(rota.team or "")
        found = found or self.hours_by_domain.get(rota.domain or "")
        return found or self.organisation.working_hours

    def hours_for(self, service_id: int | None) -> WorkingHours:
        """Return when the owner of a service is at work."""
        value = self.values.get(service_id or 0)
        return value.working_hours if value else self.organisation.working_hours

    def _could_bear(self, rota: Rota, at: datetime) -> list[Charge]:
        parts = self.owned.rotas.get(rota.id)
        held = owned_at(parts, at) if parts else _NOBODY
        if held.domain_id is not None:
            return [self._of_domain(held.domain_id, at)]
        services = self._services_of(at).get(held.owner_id, ()) if held.owner_id else ()
        charges = [self.of_service(pk, at) for pk in services if not self._gone(pk, at)]
        tag = rules.tag_for(funding=())
        return charges or [Charge(tag, team_id=held.owner_id, name="no-service")]

    def _needing(self, charges: tuple[Charge, ...], at: datetime) -> list[Charge]:
        covered = [
            one
            for one in charges
            if one.service_id and self._cover(self.values[one.service_id], at) is Cover.TEAM
        ]
        return covered or list(charges)

    def _of_domain(self, domain_id: int, at: datetime) -> Charge:
        held = self._domain(domain_id, at)
        funding = [
            owned.funding
            for pk, parts in self.owned.services.items()
            if (owned := owned_at(parts, at)).domain_id == domain_id and pk not in self.retired
        ]
        return Charge(
            tag=rules.tag_for(funding=funding),
            team_id=held.owner_id,
            domain_id=domain_id,
            budget_holder_id=held.budget_holder_id,
            name=f"domain-{self.domains[domain_id]}",
        )

    def _domain(self, domain_id: int | None, at: datetime) -> Owned:
        parts = self.owned.domains.get(domain_id or 0)
        return owned_at(parts, at) if parts else _NOBODY

    def _services_of(self, at: datetime) -> dict[int | None, list[int]]:
        """Return the services of each team at an instant; looked up once per instant."""
        if at not in self._owned_by:
            found: dict[int | None, list[int]] = defaultdict(list)
            for pk, parts in self.owned.services.items():
                found[owned_at(parts, at).owner_id].append(pk)
            self._owned_by[at] = found
        return self._owned_by[at]

    def _gone(self, service_id: int, at: datetime) -> bool:
        retired_at = self.retired.get(service_id)
        return retired_at is not None and retired_at <= at

    def _cover(self, service: Service, at: datetime) -> Cover:
        organisation = self.organisation
        decision = catalogue_rules.cover_at(service=service, organisation=organisation, at=at)
        return decision.cover


def load_charges(*, organisation: Organisation) -> Charges:
    """Return what is known of all services, teams and domains, retired ones too. Ten queries."""
    default = organisation.working_hours
    retired = catalogue.retirements()
    domains = catalogue.hours_of_domains(default=default)
    return Charges(
        organisation=organisation,
        values=catalogue.load_services(ids=list(retired), default_hours=default),
        retired={pk: at for pk, at in retired.items() if at},
        owned=catalogue.owners_during(period=_EVER),
        domains={pk: slug for pk, (slug, _) in domains.items()},
        hours_by_team={
            slug: stored_hours(hours, default) for slug, hours in people.team_hours().items()
        },
        hours_by_domain=dict(domains.values()),
    )
