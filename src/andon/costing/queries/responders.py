"""Who worked on which incident, from when until when. A constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from andon.alerts.types import AlertKind
from andon.core.money import Money
from andon.core.periods import Period
from andon.costing import models, rules
from andon.costing.queries.charges import Charges
from andon.costing.types import Books
from andon.incidents import queries as incidents
from andon.incidents.rules import loss_over
from andon.incidents.types import Incident, Taken
from andon.oncall import queries as oncall

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Work:
    """One person's work on one incident."""

    person_id: int
    slug: str
    name: str
    worked: Period
    #: Time of the same person that an earlier incident is paid for.
    elsewhere: tuple[Period, ...] = ()
    #: Said after the working, such as why the hours were corrected.
    note: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An incident that is over, and all who worked on it."""

    incident: Incident
    down: Period
    work: tuple[Work, ...]
    in_hours: tuple[Period, ...]
    holidays: tuple[Period, ...]
    exposure: Money | None

    @property
    def loss(self) -> Money | None:
        """Return what the unavailability cost, or None where nobody estimated the exposure.

        Nothing was unavailable in an exercise, paid or not.
        """
        if self.exposure is None or self.incident.kind != AlertKind.INCIDENT:
            return None
        return loss_over(exposure_per_hour=self.exposure, length=self.down.length)


def load_responses(*, books: Books, charges: Charges) -> list[Response]:
    """Return the incidents restored in a month with who worked on them, by number. Three queries.

    Who acknowledged the incident or one of its pages worked from then until it was restored, unless
    somebody corrected the time with a reason. Exercises are among them only where they are paid.
    """
    month = books.period(charges.organisation.working_hours.timezone)
    kinds = rules.paid_kinds(pay=charges.organisation.pay)
    rows = incidents.list_restored(kinds=kinds, period=month)
    found = {one.id: one for one in rows}
    work = _acknowledged(found, month)
    for row in _corrections(month):
        if row.incident_id in found:
            work[row.incident_id, row.person_id] = _corrected(row)
    return list(_responses(rows, _once(work, found), charges))


def _acknowledged(over: dict[int, Incident], month: Period) -> dict[tuple[int, int], Work]:
    took = [one for one in incidents.list_taken(restored=month) if one.incident_id in over]
    took += [
        Taken(one.id, one.acknowledged_person, one.acknowledged_at)
        for one in over.values()
        if one.acknowledged_person and one.acknowledged_at
    ]
    found: dict[tuple[int, int], Work] = {}
    for one in took:
        who, key = one.person, (one.incident_id, one.person.id)
        ends_at = over[one.incident_id].restored_at or one.at
        known = found.get(key)
        first = min(one.at, known.worked.starts_at) if known else one.at
        found[key] = Work(who.id, who.slug, who.name, Period(first, max(first, ends_at)))
    return found


def _corrections(month: Period) -> Iterable[models.WorkedTime]:
    """Return corrected hours, oldest first: the newest of an incident and person counts."""
    return (
        models.WorkedTime.objects.filter(
            incident__restored_at__gte=month.starts_at, incident__restored_at__lt=month.ends_at
        )
        .select_related("person")
        .order_by("pk")
    )


def _corrected(row: models.WorkedTime) -> Work:
    note = f"; hours as {row.by} corrected them: {row.reason}"
    worked = Period(row.starts_at, row.ends_at)
    return Work(row.person_id, row.person.slug, row.person.name, worked, note=note)


def _once(
    work: dict[tuple[int, int], Work], incidents: dict[int, Incident]
) -> dict[int, list[Work]]:
    """Pay nobody twice for one hour: what an earlier incident is paid for is cut from the later."""
    paid: dict[int, list[Period]] = defaultdict(list)
    found: dict[int, list[Work]] = defaultdict(list)
    ordered = sorted(
        work.items(), key=lambda item: (item[1].worked.starts_at, incidents[item[0][0]].number)
    )
    for (incident_id, person_id), one in ordered:
        earlier = [part for part in paid[person_id] if part.ends_at > one.worked.starts_at]
        paid[person_id] = [*earlier, one.worked]
        found[incident_id].append(replace(one, elsewhere=tuple(earlier)))
    return found


def _responses(
    incidents: Iterable[Incident], work: dict[int, list[Work]], charges: Charges
) -> Iterator[Response]:
    for one in incidents:
        held = sorted(work.get(one.id, ()), key=lambda each: each.slug)
        down = Period(one.started_at, max(one.started_at, one.restored_at or one.started_at))
        reach = _reach(down, held)
        hours = charges.hours_for(one.service_id)
        yield Response(
            incident=one,
            down=down,
            work=tuple(held),
            in_hours=tuple(oncall.working_periods(working_hours=hours, period=reach)),
            holidays=tuple(oncall.holiday_periods(working_hours=hours, period=reach)),
            exposure=one.exposure_per_hour,
        )


def _reach(down: Period, work: Iterable[Work]) -> Period:
    """Return a period that holds the last instant too, so that an empty one is looked up."""
    starts: list[datetime] = [down.starts_at, *(one.worked.starts_at for one in work)]
    ends: list[datetime] = [down.ends_at, *(one.worked.ends_at for one in work)]
    return Period(min(starts), max(ends) + _INSTANT)
