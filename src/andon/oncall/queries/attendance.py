"""When those whom rotas answer for are at work: teams, and owners of the services of domains."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from andon.catalogue import models as catalogue
from andon.catalogue.rules.documents.organisation import stored_hours
from andon.catalogue.types import Organisation, WorkingHours
from andon.oncall import rules
from andon.oncall.queries.holidays import attendance
from andon.oncall.types import Attendance, Rota
from andon.people.models import Team

#: Working hours as the database keeps them; empty means the organisation's.
Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attendances:
    """The working hours of teams, who answers for what in a domain, and the catch-all rota."""

    default: WorkingHours
    catch_all: str
    #: By team: its working hours.
    teams: Mapping[str, Stored]
    #: By domain: the teams with a service in it; its owner where there is none.
    domains: Mapping[str, Collection[str]]

    @classmethod
    def load(
        cls,
        *,
        teams: Collection[str],
        domains: Collection[str],
        organisation: Organisation,
        at: datetime,
    ) -> "Attendances":
        """Read the working hours that decide when rotas of teams and domains are asked."""
        owners = _owners(domains, organisation, at) if domains else {}
        slugs = {*teams, *(slug for found in owners.values() for slug in found)}
        rows = Team.objects.filter(slug__in=slugs).values_list("slug", "working_hours")
        return cls(
            default=organisation.working_hours,
            catch_all=organisation.catch_all_rota,
            teams=dict(rows) if slugs else {},
            domains=owners,
        )

    def placed(self, *, rotas: Mapping[str, Rota]) -> dict[str, Rota]:
        """Return rotas, all there are of their teams and domains, that know when they are asked."""
        at_work = {slug: self._of(rota) for slug, rota in rotas.items()}
        return rules.placed(rotas=rotas, at_work=at_work, catch_all=self.catch_all)

    def _of(self, rota: Rota) -> list[Attendance]:
        teams = [rota.team] if rota.team else self.domains.get(rota.domain or "", ())
        found = [stored_hours(self.teams.get(slug, {}), self.default) for slug in teams]
        return [attendance(working_hours=hours) for hours in found or [self.default]]


def _owners(
    domains: Collection[str], organisation: Organisation, at: datetime
) -> dict[str, list[str]]:
    """Return the teams with a service in a domain; retired services answer for a while longer."""
    since = at - organisation.retirement_grace
    rows = catalogue.Service.objects.filter(
        Q(retired_at__isnull=True) | Q(retired_at__gt=since), domain__slug__in=domains
    )
    found: dict[str, list[str]] = {}
    for domain, team in rows.values_list("domain__slug", "owner__slug").distinct().order_by():
        found.setdefault(str(domain), []).append(team)
    bare = set(domains) - found.keys()
    if bare:
        owned = catalogue.Domain.objects.filter(slug__in=bare, owner__isnull=False)
        found.update({slug: [str(team)] for slug, team in owned.values_list("slug", "owner__slug")})
    return found
