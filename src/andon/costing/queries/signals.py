"""The facts behind the pitfalls: rotas as they were worked, services as they are paid for."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Organisation
from andon.core.periods import Period
from andon.costing.rules import signals
from andon.costing.types import Books, Signal, Tag
from andon.incidents import queries as incidents
from andon.oncall import queries as oncall
from andon.oncall import rules as oncall_rules
from andon.oncall.types import Rota
from andon.people import queries as people


def find_signals(*, books: Books, now: datetime) -> tuple[Signal, ...]:
    """Return the pitfalls of a period: those that show, do not, or cannot be told. Ten queries."""
    organisation = catalogue.organisation()
    whole = books.period(organisation.working_hours.timezone)
    period = Period(whole.starts_at, max(whole.starts_at, min(whole.ends_at, now)))
    members = people.members_by_team()
    services = _services(members)
    every = oncall.load_rotas(period=period).values()
    rotas = [rota for rota in every if rota.answers.out_of_hours]
    facts = [one for rota in rotas if (one := _rota(rota, period, members)).participants]
    teams = {one.team for one in services}
    paid = organisation.pay is not None and not organisation.pay.callout_only_reason
    return (
        signals.linear_run_cost(rotas=len(facts), teams=len(teams)),
        signals.unaccountable(services=services),
        signals.on_operating_budget(services=services),
        signals.embedded_specialists(teams_of=_teams_of(members, teams)),
        signals.limited_schedule(rotas=facts),
        signals.unpaid_standby(rotas=[one.slug for one in facts], paid=paid),
        signals.no_incident_management(majors=_majors(period, organisation, now)),
        *signals.not_measured(),
    )


def _services(members: dict[str, set[str]]) -> list[signals.FundedService]:
    found = []
    for one in catalogue.funding_of_services():
        of_domain = one.domain_budget_holder
        pays = one.budget_holder or of_domain
        in_team = pays in members.get(one.team, ())
        in_line = pays is not None and (in_team or bool(one.domain and pays == of_domain))
        is_opex = one.funding == Tag.OPEX.value
        found.append(signals.FundedService(one.slug, one.team, pays, in_line, is_opex))
    return found


def _rota(rota: Rota, period: Period, members: dict[str, set[str]]) -> signals.RotaFacts:
    people = frozenset(one.person for one in oncall_rules.shifts(rota=rota, period=period))
    named = frozenset(
        person
        for version in rota.versions
        if version.period.overlaps(period)
        for person in version.rotation.participants
    )
    could = frozenset(members.get(rota.team or "", ()))
    return signals.RotaFacts(rota.slug, (named | people) if people else frozenset(), could)


def _teams_of(members: dict[str, set[str]], teams: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for team in teams:
        for person in members.get(team, ()):
            found[person].add(team)
    return found


def _majors(period: Period, organisation: Organisation, now: datetime) -> list[signals.MajorFacts]:
    every = {one.name: one.update_every for one in organisation.severities}
    rows = incidents.list_majors(period=period)
    updates = incidents.updates_of(ids=[row.id for row in rows])
    return [
        signals.MajorFacts(
            name=row.name,
            acknowledged=row.acknowledged_at is not None,
            silent=_is_silent(
                row.opened_at,
                row.restored_at or now,
                updates.get(row.id, []),
                every.get(row.severity),
            ),
        )
        for row in rows
    ]


def _is_silent(
    start: datetime, end: datetime, updates: list[datetime], every: timedelta | None
) -> bool:
    """Return whether a gap between updates was longer than the class allows."""
    if every is None:
        return False
    edges = [start, *sorted(at for at in updates if start < at < end), end]
    return any(later - earlier > every for earlier, later in pairwise(edges))
