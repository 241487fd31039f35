"""What routing and escalation need to know at one instant, loaded once for a whole batch."""

from collections.abc import Collection, Iterable
from datetime import datetime

from andon.alerts.types import Severity
from andon.catalogue import queries as catalogue
from andon.catalogue import rules as catalogue_rules
from andon.catalogue.types import EscalationPolicy, Organisation, Service, WorkingHours
from andon.core.money import Money, per_minute
from andon.core.periods import Period
from andon.oncall import queries as oncall
from andon.oncall.types import LONGEST_SHIFT, Hours, Rota
from andon.paging import rules
from andon.paging.types import Candidates, Crew, Route
from andon.people import queries as people_queries
from andon.people.types import Person

_NO_TEAM = Crew("nobody", None, None, None, None, ())


class Memory:
    """What stays the same while a stage works through one batch after the other at one instant."""

    def __init__(self) -> None:
        self.organisation: Organisation | None = None
        #: The rotas read so far, and whose rotas were looked for: by slug, team and domain.
        self.rotas: dict[str, Rota] = {}
        self.asked: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        self.by_team: dict[str, list[Rota]] = {}
        self.by_domain: dict[str, list[Rota]] = {}
        self.hours: dict[WorkingHours, Hours] = {}
        self.crews: dict[str, Crew] = {}
        self.teams: dict[str, Crew] = {}
        self.people: dict[str, Person] = {}


class Desk:
    """The organisation, its services, rotas and people, as they are at one instant."""

    def __init__(
        self,
        *,
        now: datetime,
        service_ids: Collection[int],
        teams: Collection[str] = (),
        rotas: Collection[str] = (),
        memory: Memory | None = None,
    ) -> None:
        self.now = now
        self._memory = memory or Memory()
        if self._memory.organisation is None:
            self._memory.organisation = catalogue.organisation(whole=True)
        hours = self.organisation.working_hours
        self.services = catalogue.load_services(ids=service_ids, default_hours=hours)
        owners = {service.owner.slug for service in self.services.values()} | set(teams)
        domains = {service.domain for service in self.services.values() if service.domain}
        self._load_rotas({self.organisation.catch_all_rota, *rotas}, owners, domains)
        self._load_teams(owners)

    @property
    def organisation(self) -> Organisation:
        """Return the organisation."""
        assert self._memory.organisation is not None  # noqa: S101 - for the type checker
        return self._memory.organisation

    @property
    def people(self) -> dict[str, Person]:
        """Return the people loaded so far, by slug."""
        return self._memory.people

    def hours(self, service: Service) -> Hours:
        """Return whether a service's team is at work now."""
        hours = self._memory.hours.get(service.working_hours)
        if hours is None:
            hours = oncall.hours_at(working_hours=service.working_hours, at=self.now)
            self._memory.hours[service.working_hours] = hours
        return hours

    def route(self, *, service_id: int | None, ref: str, severity: str) -> Route:
        """Return where an alert of a service goes now."""
        service = self.services.get(service_id) if service_id is not None else None
        if service is None:
            return rules.route(
                service=None,
                ref=ref,
                cover=None,
                hours=None,
                candidates=self._candidates(None),
                now=self.now,
            )
        hours = self.hours(service)
        cover = catalogue_rules.cover_at(
            service=service, organisation=self.organisation, at=self.now
        )
        return rules.route(
            service=service,
            ref=ref,
            cover=cover,
            hours=hours,
            candidates=self._candidates(service, working=hours.working),
            now=self.now,
            ticket=severity == Severity.TICKET,
        )

    def look_again_at(self, *, service_id: int | None, until: datetime) -> datetime:
        """Return when a held page is decided again: its target may buy cover before `until`."""
        service = self.services.get(service_id) if service_id is not None else None
        windows = service.targets if service else ()
        changes = [at for one in windows for at in (one.starts_at, one.ends_at) if at is not None]
        return min([until, *(at for at in changes if at > self.now)])

    def crew(self, *, rota: str, team: str | None) -> Crew | None:
        """Return who is asked on for a page that was routed to a rota or a team.

        A page that began in a rota's hours is finished by its people, also when the hours are over:
        whom else it would ask, routing says only when it is decided anew.
        """
        found = self._memory.rotas.get(rota)
        crew = self._crew(found) if found is not None else None
        if crew is not None and crew.on_call is not None:
            return crew
        return self._members(team) or self._candidates(None).catch_all

    def policy(self, *, rota: str | None, severity: str) -> EscalationPolicy:
        """Return the escalation policy of a rota, else the organisation's, or that of tickets."""
        found = self._memory.rotas.get(rota) if rota else None
        policy = (found.escalation if found else None) or self.organisation.escalation
        return rules.ticket_policy(policy=policy) if severity == Severity.TICKET else policy

    def load_people(self, crews: Iterable[Crew | None]) -> None:
        """Load everybody these crews may put forward. A constant number of queries."""
        wanted = {slug for crew in crews if crew is not None for slug in _all(crew)}
        missing = wanted - self.people.keys()
        if missing:
            self.people.update(people_queries.contacts(slugs=missing, whole=True))

    def _load_rotas(self, slugs: set[str], teams: set[str], domains: set[str]) -> None:
        """Read the rotas that may answer, unless they were: never those of everybody else."""
        memory = self._memory
        wanted = (slugs, teams, domains)
        new = [want - asked for want, asked in zip(wanted, memory.asked, strict=True)]
        if not any(new):
            return
        for asked, want in zip(memory.asked, wanted, strict=True):
            asked |= want
        period = Period(self.now, self.now + LONGEST_SHIFT)
        found = oncall.load_rotas(
            period=period,
            slugs=new[0],
            teams=new[1],
            domains=new[2],
            organisation=self.organisation,
        )
        for rota in found.values():
            if rota.slug in memory.rotas:
                continue
            memory.rotas[rota.slug] = rota
            if rota.team is not None:
                memory.by_team.setdefault(rota.team, []).append(rota)
            if rota.domain is not None:
                memory.by_domain.setdefault(rota.domain, []).append(rota)

    def _load_teams(self, slugs: Collection[str]) -> None:
        wanted = set(slugs) | {rota.team for rota in self._memory.rotas.values() if rota.team}
        missing = wanted - self._memory.teams.keys()
        if not missing:
            return
        self._memory.teams.update(dict.fromkeys(missing, _NO_TEAM))
        teams = people_queries.find_teams(slugs=missing)
        found = people_queries.members(team_ids={team.id for team in teams.values()}, whole=True)
        for slug, team in teams.items():
            members = found[team.id]
            self.people.update({person.slug: person for person in members})
            everyone = tuple(person.slug for person in members)
            label = f"everyone in {team.title}"
            self._memory.teams[slug] = Crew(label, None, slug, None, None, everyone)

    def _candidates(self, service: Service | None, *, working: bool = False) -> Candidates:
        memory = self._memory
        rotas: list[Rota] = []
        if service is not None:
            rotas = memory.by_team.get(service.owner.slug, []) + memory.by_domain.get(
                service.domain or "", []
            )
        return rules.candidates(
            service=service,
            rotas=rotas,
            catch_all=memory.rotas.get(self.organisation.catch_all_rota),
            members=self._members(service.owner.slug) if service else None,
            working=working,
            at=self.now,
            crew=self._crew,
        )

    def _members(self, team: str | None) -> Crew | None:
        crew = self._memory.teams.get(team) if team is not None else None
        return crew if crew is not None and crew.everyone else None

    def _crew(self, rota: Rota) -> Crew:
        """Return whom a rota puts forward now, asked or not; found once."""
        if rota.slug not in self._memory.crews:
            members = self._members(rota.team)
            self._memory.crews[rota.slug] = rules.crew_of(
                rota=rota, members=members.everyone if members else (), at=self.now
            )
        return self._memory.crews[rota.slug]


def risk_per_minute(service: Service | None) -> Money | None:
    """Return what a minute of full unavailability of a service costs, or None."""
    if service is None or service.exposure_per_hour is None:
        return None
    return per_minute(service.exposure_per_hour)


def _all(crew: Crew) -> set[str]:
    return {slug for slug in (crew.on_call, crew.next_on_call, *crew.everyone) if slug}
