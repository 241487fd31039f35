"""When those whom rotas answer for are at work: teams, and owners of the services of domains."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from andon.catalogue import queries as catalogue
from andon.catalogue.rules.documents.organisation import stored_hours
from andon.catalogue.types import Organisation, WorkingHours
from andon.oncall import rules
from andon.oncall.queries.holidays import attendance
from andon.oncall.types import Attendance, Rota
from andon.people import queries as people

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
        since = at - organisation.retirement_grace
        owners = catalogue.owners_of_domains(domains=domains, since=since) if domains else {}
        slugs = {*teams, *(slug for found in owners.values() for slug in found)}
        return cls(
            default=organisation.working_hours,
            catch_all=organisation.catch_all_rota,
            teams=people.team_hours(slugs=slugs) if slugs else {},
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
