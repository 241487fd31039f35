"""Reads: what things cost, each figure with its working."""

from datetime import datetime

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Organisation, WorkingHours
from andon.core.periods import Period
from andon.costing import rules
from andon.costing.types import Callout, Viewer
from andon.incidents import queries as incidents
from andon.incidents.types import Incident
from andon.oncall import queries as oncall


def callout_cost(*, incident_id: int, now: datetime, viewer: Viewer | None = None) -> Callout:
    """Return what calling out the person who acknowledged an incident costs, so far or in the end.

    A viewer who may not see that person's pay gets the total and no working; without a viewer it is
    for Andon itself. Raises ValueError when there is no such incident.
    """
    [incident] = incidents.list_keyed(ids=[incident_id])
    callout = _callout(incident, now)
    if viewer is None:
        return callout
    service, taker = incident.service_id, incident.acknowledged_person
    holder = catalogue.budget_holder_of(service_id=service) if service is not None else None
    may_see = rules.may_see_pay(
        viewer=viewer, person_id=taker.id if taker else None, budget_holder_id=holder
    )
    return callout if may_see else rules.veiled_callout(callout=callout)


def _callout(incident: Incident, now: datetime) -> Callout:
    organisation = catalogue.organisation()
    final = incident.restored_at is not None
    refusal = _why_nothing(incident, organisation)
    if refusal or organisation.pay is None or incident.acknowledged_at is None:
        return rules.no_callout(currency=organisation.currency, reason=refusal, final=final)
    taker = incident.acknowledged_person
    worked = _worked(incident.acknowledged_at, incident.restored_at or now)
    hours = _working_hours(incident, organisation)
    return rules.callout_pay(
        pay=organisation.pay,
        whom=taker.name if taker else incident.acknowledged_by,
        worked=worked,
        in_hours=oncall.working_periods(working_hours=hours, period=_around(worked)),
        holidays=oncall.holiday_periods(working_hours=hours, period=_around(worked)),
        final=final,
    )


def _why_nothing(incident: Incident, organisation: Organisation) -> str:
    if organisation.pay is None:
        return "the organisation has declared no pay"
    unpaid = rules.why_unpaid(kind=incident.kind, pay=organisation.pay)
    if unpaid:
        return unpaid
    if incident.acknowledged_at is None:
        return "nobody has acknowledged, so nobody is paid for a callout"
    if incident.acknowledged_person is None:
        return "acknowledged by no person on record: nobody is paid"
    return ""


def _working_hours(incident: Incident, organisation: Organisation) -> WorkingHours:
    if incident.service_id is None:
        return organisation.working_hours
    service = catalogue.load_services(ids=[incident.service_id]).get(incident.service_id)
    return service.working_hours if service else organisation.working_hours


def _worked(acknowledged_at: datetime, until: datetime) -> Period:
    return Period(acknowledged_at, max(acknowledged_at, until))


def _around(worked: Period) -> Period:
    """Return a period that holds the last instant too, so that an empty one is looked up."""
    return Period(worked.starts_at, worked.ends_at + rules.INSTANT)
