"""Who bears which cost, and when the people concerned are at work. A constant number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from andon.catalogue import models
from andon.catalogue import queries as catalogue
from andon.catalogue import rules as catalogue_rules
from andon.catalogue.documents.organisation import stored_hours
from andon.catalogue.types import Cover, Organisation, Service, WorkingHours
from andon.costing import rules
from andon.costing.types import Charge
from andon.oncall.types import Rota
from andon.people.models import Team


@dataclass(frozen=True, slots=True)
class Bearer:
    """A team or a domain: whose books a rota is in, and its working hours."""

    id: int
    team_id: int | None
    budget_holder_id: int | None
    hours: WorkingHours


@dataclass(frozen=True, slots=True)
class Charges:
    """What is known of services, teams and domains when costs are charged."""

    organisation: Organisation
    services: dict[int, Charge]
    values: dict[int, Service]
    retired: dict[int, datetime]
    funding: dict[int, str]
    teams: dict[str, Bearer]
    domains: dict[str, Bearer]

    def of_service(self, service_id: int | None) -> Charge:
        """Return who bears what a service costs; nobody for one that was never declared."""
        tag = rules.tag_for(funding=())
        return self.services.get(service_id or 0, Charge(tag, name="undeclared"))

    def of_rota(self, *, rota: Rota, at: datetime) -> list[Charge]:
        """Return who bears a rota's standby: one line per service of a team, or a domain at once.

        A domain rota has one budget holder (Equal Experts, scale); how its services share is
        information. A team's line is for every service its rota covers out of hours then, or for
        all of its services when the targets say that none needs it.
        """
        if rota.domain in self.domains:
            return [self._of_domain(rota.domain or "")]
        owned = [
            one
            for one in self.values.values()
            if one.owner.slug == rota.team and not self._gone(one.id, at)
        ]
        covered = [one for one in owned if self._cover(one, at) is Cover.TEAM] or owned
        if covered:
            return [self.services[one.id] for one in covered]
        bearer = self.teams.get(rota.team or "")
        tag = rules.tag_for(funding=())
        return [Charge(tag, team_id=bearer.id if bearer else None, name="no-service")]

    def hours_of(self, rota: Rota) -> WorkingHours:
        """Return when the people of a rota are at work."""
        bearer = self.teams.get(rota.team or "") or self.domains.get(rota.domain or "")
        return bearer.hours if bearer else self.organisation.working_hours

    def hours_for(self, service_id: int | None) -> WorkingHours:
        """Return when the owner of a service is at work."""
        value = self.values.get(service_id or 0)
        return value.working_hours if value else self.organisation.working_hours

    def _of_domain(self, slug: str) -> Charge:
        bearer = self.domains[slug]
        funding = [
            self.funding[pk]
            for pk, charge in self.services.items()
            if charge.domain_id == bearer.id and pk not in self.retired
        ]
        return Charge(
            tag=rules.tag_for(funding=funding),
            team_id=bearer.team_id,
            domain_id=bearer.id,
            budget_holder_id=bearer.budget_holder_id,
            name=f"domain-{slug}",
        )

    def _gone(self, service_id: int, at: datetime) -> bool:
        retired_at = self.retired.get(service_id)
        return retired_at is not None and retired_at <= at

    def _cover(self, service: Service, at: datetime) -> Cover:
        organisation = self.organisation
        decision = catalogue_rules.cover_at(service=service, organisation=organisation, at=at)
        return decision.cover


def load_charges(*, organisation: Organisation) -> Charges:
    """Return what is known of all services, teams and domains, retired ones too. Seven queries."""
    default = organisation.working_hours
    rows = list(
        models.Service.objects.select_related("domain").only(
            "slug", "owner_id", "domain_id", "budget_holder_id", "funding", "retired_at",
            "domain__budget_holder_id",
        )
    )  # fmt: skip
    return Charges(
        organisation=organisation,
        services={row.pk: _charge(row) for row in rows},
        values=catalogue.load_services(ids=[row.pk for row in rows], default_hours=default),
        retired={row.pk: row.retired_at for row in rows if row.retired_at},
        funding={row.pk: row.funding for row in rows},
        teams={
            slug: Bearer(pk, pk, None, stored_hours(hours, default))
            for pk, slug, hours in Team.objects.values_list("pk", "slug", "working_hours")
        },
        domains={
            row["slug"]: _domain(row, default)
            for row in models.Domain.objects.values(
                "pk", "slug", "owner_id", "budget_holder_id", "owner__working_hours"
            )
        },
    )


def _charge(row: models.Service) -> Charge:
    holder = row.budget_holder_id or (row.domain.budget_holder_id if row.domain else None)
    return Charge(
        tag=rules.tag_for(funding=[row.funding]),
        service_id=row.pk,
        team_id=row.owner_id,
        domain_id=row.domain_id,
        budget_holder_id=holder,
        name=row.slug,
    )


def _domain(row: Mapping[str, Any], default: WorkingHours) -> Bearer:
    hours = stored_hours(row["owner__working_hours"] or {}, default)
    return Bearer(row["pk"], row["owner_id"], row["budget_holder_id"], hours)
