"""Incidents: read them, and do what the portal's buttons do."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Router, Status
from pydantic import BeforeValidator, Field

from andon.alerts.types import AlertKind
from andon.catalogue import queries as catalogue
from andon.catalogue.types import Organisation
from andon.core import clock
from andon.costing import queries as costing
from andon.costing.types import Viewer
from andon.incidents import actions, queries, rules, types
from andon.web.api.access import caller
from andon.web.api.schemas import (
    Body,
    Limit,
    Listed,
    MoneyOut,
    Number,
    Out,
    Ref,
    Search,
    ShareOut,
    Slug,
    Span,
    Target,
    Words,
    answers,
    listed,
    pair,
)

router = Router(tags=["Incidents"])

Source = Literal["alert", "decision", "notification", "incident", "change"]
Note = Annotated[
    str, Field(pattern=r"^[^\x00]*[^\x00\s][^\x00]*$", max_length=10_000, description="Plain text.")
]


class FiguresOut(Out):
    """What it has cost so far. Null means not known, never zero."""

    time_to_acknowledge: Span | None
    time_to_restore: Span | None
    duration: Span
    loss: MoneyOut | None
    loss_per_minute: MoneyOut | None
    allowance: Span | None = Field(description="Downtime the target tolerates in its period.")
    allowance_used: ShareOut | None = Field(
        description="`duration / allowance`; above 1: all gone."
    )
    protection: ShareOut | None = Field(
        description="`1 - loss / tolerated loss`; negative when more was lost than tolerated."
    )


class IncidentOut(Out):
    """A loss of availability, from the first alert until it is restored."""

    name: str = Field(examples=["INC-1042"])
    number: int
    uid: str
    title: str
    kind: AlertKind = Field(
        description="`incident`, or `exercise` or `test`: those cost nothing and are not measured."
    )
    state: types.IncidentState
    condition: types.Condition = Field(
        description="How it is in one word, as pages and commands say it: `down`, `degraded` "
        "(warnings alone), `acknowledged`, `held`, `lost` (nothing is left of what its target "
        "allows), `untaken` (an exercise), `restored`, `closed`."
    )
    severity: str
    severity_reason: str
    major: bool
    affected: str = Field(description="The service's title, or the name nobody declared.")
    service: Annotated[Ref, pair("slug", "title")] | None
    owner: Annotated[Ref, pair("slug", "title")] | None
    target: Target | None = Field(validation_alias="target_ppm")
    exposure_per_hour: MoneyOut | None
    started_at: datetime
    opened_at: datetime
    held_until: datetime | None = Field(description="Set while its pages wait for working hours.")
    acknowledged_at: datetime | None
    acknowledged_by: str
    restored_at: datetime | None
    restored_by: str
    reopened_at: datetime | None
    closed_at: datetime | None
    can: list[types.Act] = Field(description="What may be done to it now.")
    figures: FiguresOut


class CalloutLineOut(Out):
    """One line of a callout's bill."""

    whom: str
    reason: str = Field(description="How it was worked out, in words.")
    pay: MoneyOut


class CalloutOut(Out):
    """What calling somebody out cost, by the organisation's pay rules."""

    total: MoneyOut
    lines: list[CalloutLineOut]
    final: bool = Field(description="False while the incident lasts: the figure still grows.")


class EntryOut(Out):
    """One line of a timeline."""

    at: datetime
    source: Source
    kind: str
    text: str
    actor: str


class NoteIn(Body):
    """Something to write down."""

    text: Note


class ReasonIn(Body):
    """Why."""

    reason: Words


class ResolveIn(Body):
    """Why, if there is something to say."""

    reason: Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=500)] = ""


class BulkIn(Body):
    """Which incidents."""

    numbers: Annotated[list[Number], Field(min_length=1, max_length=10_000)]


class BulkOut(Out):
    """What became of each."""

    done: list[int]
    refused: dict[Annotated[str, BeforeValidator(str)], str] = Field(
        description="Why not, by number."
    )


@router.get(
    "/incidents", response=answers(Listed[IncidentOut]), summary="List incidents, newest first"
)
def list_incidents(
    request: HttpRequest,
    *,
    state: Literal["", "active", "open", "acknowledged", "restored", "closed"] = "",
    kind: Literal["", "incident", "exercise", "test"] = "",
    service: Slug | Literal[""] = "",
    search: Search = "",
    limit: Limit = 50,
    after: Annotated[int | None, Field(ge=1, le=10**15)] = None,
) -> Listed[IncidentOut]:
    """`active`: open or acknowledged. Search looks in the title, the service and the number."""
    found = queries.list_incidents(
        state=state, kind=kind, service=service, search=search, limit=limit + 1, after=after
    )
    now, organisation = clock.now(), catalogue.organisation()
    shown = found[:limit]
    return Listed[IncidentOut](
        items=[_out(one, organisation, now) for one in shown],
        next=str(shown[-1].number) if len(found) > limit else None,
    )


@router.post(
    "/incidents/acknowledge", response=answers(BulkOut), summary="Acknowledge many incidents"
)
def acknowledge_many(request: HttpRequest, body: BulkIn) -> BulkOut:
    """Those that cannot be acknowledged are listed with the reason, and hold up no other."""
    who = caller(request)
    outcome = actions.bulk_acknowledge(
        numbers=body.numbers, by=who.actor, person_id=who.person_id, now=clock.now()
    )
    return BulkOut.of(outcome)


@router.get("/incidents/{number}", response=answers(IncidentOut, 404), summary="Read one incident")
def get_incident(request: HttpRequest, number: Number) -> IncidentOut:
    """With its figures, which run until now while it is active."""
    return _read(number)


@router.get(
    "/incidents/{number}/timeline",
    response=answers(Listed[EntryOut], 404),
    summary="Read everything that happened",
)
def get_timeline(request: HttpRequest, number: Number) -> Listed[EntryOut]:
    """Alerts, decisions with reasons, messages with attempts, notes; in order of time."""
    entries = queries.timeline(incident=_find(number))
    return listed(EntryOut, entries, limit=len(entries))


@router.get(
    "/incidents/{number}/callout",
    response=answers(CalloutOut, 404),
    summary="Read what the callout cost",
)
def get_callout(request: HttpRequest, number: Number) -> CalloutOut:
    """With its working for that person, staff and the budget holder; the total for everybody."""
    who = caller(request)
    bill = costing.callout_cost(
        incident_id=_find(number).id,
        now=clock.now(),
        viewer=Viewer(who.person_id, is_staff=who.is_staff),
    )
    return CalloutOut.of(bill)


@router.post(
    "/incidents/{number}/acknowledge",
    response=answers(IncidentOut, 404, 409),
    summary="Say that you are looking at it",
)
def acknowledge(request: HttpRequest, number: Number) -> IncidentOut:
    """Cancels every message that is still on its way about it."""
    who = caller(request)
    actions.acknowledge(number=number, by=who.actor, person_id=who.person_id, now=clock.now())
    return _read(number)


@router.post(
    "/incidents/{number}/notes",
    response=answers(IncidentOut, 404, status=201),
    summary="Write into the timeline",
)
def add_note(request: HttpRequest, number: Number, body: NoteIn) -> Status[IncidentOut]:
    """Possible in every state."""
    actions.add_note(number=number, text=body.text, by=caller(request).actor, now=clock.now())
    return Status(201, _read(number))


@router.post(
    "/incidents/{number}/resolve",
    response=answers(IncidentOut, 404, 409),
    summary="Say that availability is back",
)
def resolve(request: HttpRequest, number: Number, body: ResolveIn | None = None) -> IncidentOut:
    """Resolves its open alerts and pages. One that still fires will page anew."""
    who = caller(request)
    reason = body.reason if body else ""
    actions.resolve(number=number, by=who.actor, now=clock.now(), reason=reason)
    return _read(number)


@router.post(
    "/incidents/{number}/reopen",
    response=answers(IncidentOut, 404, 409),
    summary="Say that it is not over after all",
)
def reopen(request: HttpRequest, number: Number, body: ReasonIn) -> IncidentOut:
    """Its clock runs on from the start. This pages nobody."""
    who = caller(request)
    actions.reopen(number=number, reason=body.reason, by=who.actor, now=clock.now())
    return _read(number)


@router.post(
    "/incidents/{number}/close",
    response=answers(IncidentOut, 404, 409),
    summary="Say that nothing is left to do",
)
def close(request: HttpRequest, number: Number) -> IncidentOut:
    """Only a restored incident can be closed."""
    actions.close(number=number, by=caller(request).actor, now=clock.now())
    return _read(number)


def _find(number: int) -> types.Incident:
    found = queries.find(number=number)
    if found is None:
        raise Http404(f"There is no incident INC-{number}.")
    return found


def _read(number: int) -> IncidentOut:
    return _out(_find(number), catalogue.organisation(), clock.now())


def _out(incident: types.Incident, organisation: Organisation, now: datetime) -> IncidentOut:
    figures = queries.figures(incident=incident, now=now, organisation=organisation)
    found = {
        "condition": queries.condition(incident=incident, figures=figures),
        "service": _named(incident.service_slug, incident.service_title),
        "owner": _named(incident.owner_slug, incident.owner_title),
        "can": rules.allowed(state=incident.state),
        "figures": figures,
    }
    return IncidentOut.of(found, incident)


def _named(slug: str | None, title: str | None) -> tuple[str, str] | None:
    return (slug, title or slug) if slug else None
