"""Rotas: who is on call, when, and who stands in."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Router, Status
from pydantic import Field

from andon.catalogue.types import RotaCovers
from andon.core import clock
from andon.core.periods import Period
from andon.oncall import actions, queries, rules, types
from andon.people import queries as people
from andon.web.api.access import caller
from andon.web.api.schemas import (
    At,
    Body,
    Cursor,
    Given,
    Limit,
    Listed,
    OrNull,
    Out,
    PersonRef,
    Slug,
    Words,
    answers,
)

router = Router(tags=["On call"])

Days = Annotated[int, Field(ge=1, le=92, description="How many days to show.")]


class RotaRowOut(Out):
    """A rota and who is on call for it at the instant asked about, or who is next and when."""

    slug: str
    title: str
    covers: RotaCovers
    team: str | None
    domain: str | None
    on_call: Given = Field(validation_alias="shift", description="Whether anybody is.")
    person: PersonRef | None = Field(
        None, validation_alias="shift.person", description="Null: nobody."
    )
    since: datetime | None = Field(None, validation_alias="shift.period.starts_at")
    until: datetime | None
    next: PersonRef | None = Field(
        None,
        validation_alias="following.person",
        description="Who begins next; somebody else than `person`.",
    )
    next_starts_at: datetime | None = Field(None, validation_alias="following.period.starts_at")
    answers: bool = Field(
        description="Whether the rota is asked at that instant. Nobody on call while it is: a gap."
    )
    reason: str = Field(
        description="Why it is asked or not.",
        examples=["Fri 27 Nov 2026 22:03 Europe/London is after working hours end at 17:00"],
    )


class ShiftOut(Out):
    """A person is on call from an instant up to another."""

    starts_at: datetime = Field(validation_alias="period.starts_at")
    ends_at: datetime = Field(validation_alias="period.ends_at")
    person: PersonRef | None
    override: int | None = Field(description="The override that put them there.")
    instead_of: Annotated[PersonRef | None, OrNull] = Field(
        description="Whose turn it is, when somebody else's."
    )


class OverrideOut(Out):
    """Somebody takes a rota for a while."""

    id: int
    starts_at: datetime = Field(validation_alias="period.starts_at")
    ends_at: datetime = Field(validation_alias="period.ends_at")
    person: PersonRef | None
    replaces: PersonRef | None
    reason: str
    without_effect: str = Field(
        "", description="Why it takes nobody's shift; empty while it takes one."
    )


class RotaOut(Out):
    """A rota with its shifts in a period."""

    slug: str
    title: str
    covers: RotaCovers
    team: str | None
    domain: str | None
    starts_at: datetime
    ends_at: datetime
    answers: str = Field(
        description="When it is asked; its shifts leave out all other hours.",
        examples=["in working hours (Mon-Fri 09:00-17:00 Europe/London)"],
    )
    edited_at: datetime | None = Field(
        description="When the declaration in force at `starts_at` was applied."
    )
    shifts: list[ShiftOut]
    overrides: list[OverrideOut]


class OverrideIn(Body):
    """Who takes the rota, from when to when, and why."""

    person: Slug
    starts_at: At
    ends_at: At
    reason: Words
    replaces: Slug | None = Field(None, description="Take only this person's shifts.")


@router.get("/on-call", response=answers(list[RotaRowOut]), summary="Who is on call")
def on_call(request: HttpRequest, at: At | None = None) -> list[RotaRowOut]:
    """Of every rota, at an instant; without one, now."""
    return _rows(queries.on_call_now(at=at or clock.now()))


@router.get("/rotas", response=answers(Listed[RotaRowOut]), summary="List rotas")
def list_rotas(request: HttpRequest, limit: Limit = 50, after: Cursor = "") -> Listed[RotaRowOut]:
    """Sorted by slug, with who is on call now."""
    now = clock.now()
    rotas = queries.load_rotas(period=Period(now, now + timedelta(microseconds=1)))
    found = [rota for slug, rota in rotas.items() if slug > after]
    shown = found[:limit]
    rows = [rules.on_call_at(rota=rota, at=now) for rota in shown]
    return Listed[RotaRowOut](
        items=_rows(rows), next=shown[-1].slug if len(found) > limit else None
    )


@router.get("/rotas/{slug}", response=answers(RotaOut, 404), summary="Read one rota's shifts")
def get_rota(request: HttpRequest, slug: Slug, at: At | None = None, days: Days = 28) -> RotaOut:
    """For `days` from `at`, else from now. Shifts leave out hours in which it is not asked."""
    start = at or clock.now()
    period = Period(start, start + timedelta(days=days))
    rota = _find(slug, period)
    shifts = rules.shifts(rota=rota, period=period)
    overrides = [one for one in rota.overrides if one.period.overlaps(period)]
    names = people.names(
        slugs={slug for one in shifts for slug in (one.person, one.instead_of) if slug}
        | {slug for one in overrides for slug in (one.person, one.replaces) if slug}
    )
    without_effect = rules.why_idle(rota=rota, at=start, names=names)
    in_force = [one.period.starts_at for one in rota.versions if start in one.period]
    found = {
        "starts_at": period.starts_at,
        "ends_at": period.ends_at,
        "answers": rules.say_answers(rota.answers, at=start),
        "edited_at": in_force[0] if in_force else None,
        "shifts": shifts,
        "overrides": [
            OverrideOut.of({"without_effect": without_effect.get(one.id, "")}, one, names=names)
            for one in overrides
        ],
    }
    return RotaOut.of(found, rota, names=names)


@router.get(
    "/rotas/{slug}/on-call", response=answers(RotaRowOut, 404), summary="Who is on call for a rota"
)
def who_is_on_call(request: HttpRequest, slug: Slug, at: At | None = None) -> RotaRowOut:
    """At an instant; without one, now. When nobody is, `next` says who begins, and when."""
    instant = at or clock.now()
    rota = _find(slug, Period(instant, instant + timedelta(microseconds=1)))
    return _rows([rules.on_call_at(rota=rota, at=instant)])[0]


@router.post(
    "/rotas/{slug}/overrides",
    response=answers(OverrideOut, 404, 409, status=201),
    summary="Put somebody on call for a while",
)
def add_override(request: HttpRequest, slug: Slug, body: OverrideIn) -> Status[OverrideOut]:
    """The newest override wins. The past stays as it was worked."""
    now = clock.now()
    _find(slug, Period(now, now + timedelta(microseconds=1)))
    made = actions.add_override(
        rota=slug,
        person=body.person,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        reason=body.reason,
        by=caller(request).actor,
        now=now,
        replaces=body.replaces,
    )
    names = people.names(slugs={slug for slug in (made.person, made.replaces) if slug})
    return Status(201, OverrideOut.of(made, names=names))


@router.delete(
    "/overrides/{override}",
    response=answers(None, 404, 409, status=204),
    summary="Cancel an override",
)
def cancel_override(
    request: HttpRequest, override: Annotated[int, Field(ge=1, le=10**15)]
) -> Status[None]:
    """What was already worked under it stays."""
    try:
        actions.cancel_override(override=override, by=caller(request).actor, now=clock.now())
    except actions.UnableToOverride as refusal:
        if refusal.data.get("problem") == "unknown":
            raise Http404("There is no such override.") from refusal
        raise
    return Status(204, None)


def _find(slug: str, period: Period) -> types.Rota:
    rota = queries.load_rotas(period=period, slugs=[slug]).get(slug)
    if rota is None:
        raise Http404(f"There is no rota {slug!r}.")
    return rota


def _rows(found: Iterable[types.OnCallNow]) -> list[RotaRowOut]:
    rows = list(found)
    shifts = [shift for one in rows for shift in (one.shift, one.following) if shift]
    names = people.names(slugs={one.person for one in shifts})
    return [RotaRowOut.of(one, one.rota, names=names) for one in rows]
