"""What was at stake and what was kept, beside what it cost."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

from andon.alerts.types import AlertKind
from andon.catalogue import queries as catalogue
from andon.catalogue import rules as catalogue_rules
from andon.core.money import Money
from andon.core.periods import Period
from andon.costing import rules
from andon.costing.queries.postings import Only
from andon.costing.queries.statements import find_statement
from andon.costing.types import Books, Dimension, Protection, Unbooked
from andon.incidents import queries as incidents
from andon.people import queries as people


def protections(
    *, books: Books, now: datetime, team: str = ""
) -> tuple[Protection, tuple[Protection, ...]]:
    """Return the loss protection of all services together and of each, by slug. Seven queries.

    Only services with an exposure in the organisation's currency and a target count; the part of
    the period that is yet to come tolerates nothing, nor does what was before the catalogue was.
    Losses are those of the ledger: of incidents that are over. Of a team it is the time in which
    each service was its own.
    """
    organisation = catalogue.organisation()
    reach = books.period(organisation.working_hours.timezone)
    began = catalogue.known_since()
    starts_at = max(reach.starts_at, began) if began else reach.starts_at
    period = reach.clip(Period(starts_at, max(starts_at, now)))
    length = period.ends_at - period.starts_at if period else timedelta(0)
    held = _held(team, period) if team and period else {}
    live = [pk for pk, retired_at in catalogue.retirements().items() if retired_at is None]
    services = catalogue.load_services(ids=[pk for pk in live if pk in held or not team])
    booked = find_statement(books=books, dimension=Dimension.SERVICE, only=Only(team=team))
    lines = {line.key: line for line in booked.lines}
    nothing = Money.zero(organisation.currency)
    found = []
    for one in sorted(services.values(), key=lambda service: service.slug):
        exposure = one.exposure_per_hour
        if exposure is None or exposure.currency != organisation.currency or period is None:
            continue
        line = lines.get(one.slug)
        found.append(
            rules.protection(
                name=one.slug,
                exposure_per_hour=exposure,
                allowance=sum(
                    (
                        catalogue_rules.allowance(windows=one.targets, period=part)
                        for part in held.get(one.id, (period,))
                    ),
                    timedelta(0),
                ),
                lost=line.loss if line else nothing,
                cost=line.cost if line else nothing,
                length=length,
            )
        )
    name = team or organisation.slug
    whole = rules.altogether(name=name, parts=found, currency=organisation.currency, length=length)
    # A domain rota's standby protects too, and is no one service's: all of the cost stands here.
    return replace(whole, cost=booked.cost), tuple(found)


def unbooked(*, books: Books, now: datetime, team: str = "") -> list[Unbooked]:
    """Return the incidents that go on, whose loss these books do not hold yet. Two queries.

    A loss is booked once, when its incident is over: until then it stands beside the books of the
    present.
    """
    organisation = catalogue.organisation()
    if now not in books.period(organisation.working_hours.timezone):
        return []
    return [
        Unbooked(
            incident=one.name,
            number=one.number,
            affected=one.affected,
            started_at=one.started_at,
            loss=incidents.figures(incident=one, now=now, organisation=organisation).loss,
        )
        for one in incidents.list_active(kind=AlertKind.INCIDENT)
        if not team or one.owner_slug == team
    ]


def _held(team: str, period: Period) -> dict[int, list[Period]]:
    """Return the parts of a period in which each service was a team's, by the service's key."""
    found: dict[int, list[Period]] = defaultdict(list)
    found_team = people.find_team(slug=team)
    if found_team is not None:
        for pk, parts in catalogue.owners_during(period=period).services.items():
            found[pk] += [part for part, owned in parts if owned.owner_id == found_team.id]
    return {pk: parts for pk, parts in found.items() if parts}
