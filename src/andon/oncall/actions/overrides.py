"""Overrides: somebody takes a rota for a while. Kept for ever, so that the past stays as worked."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from andon.catalogue import actions as catalogue_actions
from andon.catalogue import queries as catalogue
from andon.catalogue.types.rotas import RotaName
from andon.core import audit, wire
from andon.core.errors import Refusal
from andon.core.periods import Period
from andon.oncall import queries, rules, types
from andon.oncall.models import Override
from andon.people import queries as people
from andon.people.types import Person

#: Forms know minutes, and people think while they type: an override may begin this long ago.
_GRACE = timedelta(minutes=5)

#: A longer stand-in is a change of the rota, which belongs in its file.
LONGEST_OVERRIDE = timedelta(weeks=26)


class UnableToOverride(Refusal):
    """An override was refused. `data["problem"]` says which rule it broke, in one word."""

    code = "unable_to_override"
    status = 409


@transaction.atomic
def add_override(
    *,
    rota: str,
    person: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: str,
    now: datetime,
    replaces: str | None = None,
) -> types.Override:
    """Put a person on call for a rota in a period; raises UnableToOverride.

    `rota`, `person` and `replaces` are slugs. With `replaces`, only that person's shifts are taken.
    A start in the last few minutes becomes `now`: what was worked is not rewritten.
    """
    _check_words(reason, person, replaces)
    period = _check_period(starts_at, ends_at, now)
    # The lock makes the check for a twin and the row that follows one step.
    row = catalogue_actions.lock_rota(slug=rota)
    if row is None:
        raise UnableToOverride(f"there is no rota called {rota!r}", problem="rota", rota=rota)
    found = _people(person, replaces)
    _check_twin(row, found[person], replaces, period)
    _check_effect(rota, person, replaces, period)
    override = Override.objects.create(
        rota_id=row.id,
        person_id=found[person].id,
        replaces_id=found[replaces].id if replaces else None,
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        reason=reason.strip(),
        created_at=now,
        created_by=audit.identity_of(by),
        news=types.Happened.MADE,
    )
    _record(override, verb="add override", by=by, now=now)
    return types.Override(
        id=override.pk,
        period=period,
        person=person,
        replaces=replaces,
        reason=override.reason,
        created_at=now,
    )


@transaction.atomic
def cancel_override(*, override: int, by: str, now: datetime) -> None:
    """End an override now; raises UnableToOverride. What was already worked under it stays."""
    row = (
        Override.objects.select_for_update(of=("self",))
        .select_related("rota", "person")
        .filter(pk=override)
        .first()
    )
    if row is None:
        raise UnableToOverride("there is no such override", problem="unknown", id=override)
    if row.cancelled_at is not None:
        raise UnableToOverride("this override is cancelled already", problem="cancelled")
    if row.ends_at <= now:
        raise UnableToOverride("this override is over; the past stays as worked", problem="past")
    row.cancelled_at = now
    # Whom nobody has told of it need not be told that it is over.
    row.news = "" if row.news == types.Happened.MADE else types.Happened.CANCELLED
    row.save(update_fields=["cancelled_at", "news"])
    _record(row, verb="cancel override", by=by, now=now)


def _check_words(reason: str, person: str, replaces: str | None) -> None:
    if not reason.strip():
        raise UnableToOverride("say why: an override needs a reason", problem="reason")
    if len(reason.strip()) > 500:
        raise UnableToOverride("a reason has at most 500 characters", problem="reason")
    if person == replaces:
        raise UnableToOverride(f"{person} cannot replace themselves", problem="replaces")


def _check_period(starts_at: datetime, ends_at: datetime, now: datetime) -> Period:
    if starts_at < now - _GRACE:
        raise UnableToOverride(
            "an override cannot begin in the past: the past stays as worked", problem="past"
        )
    starts_at = max(starts_at, now)
    if ends_at <= starts_at:
        raise UnableToOverride("an override must end after it begins, and after now", problem="end")
    if ends_at - starts_at > LONGEST_OVERRIDE:
        raise UnableToOverride(
            f"an override lasts at most {LONGEST_OVERRIDE.days // 7} weeks; "
            "for longer change the rota in its file",
            problem="length",
        )
    return Period(starts_at, ends_at)


def _people(*slugs: str | None) -> dict[str, Person]:
    wanted = {slug for slug in slugs if slug}
    found = people.find_people(slugs=wanted)
    for slug in sorted(wanted - found.keys()):
        raise UnableToOverride(
            f"there is no active person called {slug!r}", problem="person", person=slug
        )
    return found


def _check_twin(rota: RotaName, person: Person, replaces: str | None, period: Period) -> None:
    """Refuse a second override over the same shifts; shifts of different people are two tasks."""
    twins = Override.objects.filter(rota_id=rota.id, person_id=person.id, cancelled_at__isnull=True)
    twins = twins.filter(starts_at__lt=period.ends_at, ends_at__gt=period.starts_at)
    if replaces:
        twins = twins.filter(Q(replaces__isnull=True) | Q(replaces__slug=replaces))
    twin = twins.first()
    if twin is not None:
        zone = catalogue.zone_of_rota(rota_id=rota.id)
        start, end = (rules.say_instant(at, zone) for at in (twin.starts_at, twin.ends_at))
        raise UnableToOverride(
            f"{person.name} already takes this rota from {start} to {end}; "
            "cancel that override first",
            problem="overlap",
            override=twin.pk,
        )


def _check_effect(rota: str, person: str, replaces: str | None, period: Period) -> None:
    """Refuse an override that would change nothing: whoever asked for it expects that it does."""
    loaded = queries.load_rotas(period=period, slugs=[rota]).get(rota)
    shifts = rules.shifts(rota=loaded, period=period) if loaded else []
    if replaces and not any(_is_of(shift, replaces) for shift in shifts):
        raise UnableToOverride(
            f"{replaces} is not on call for this rota in that period", problem="no-effect"
        )
    if not shifts:
        said = rules.say_answers(loaded.answers, at=period.starts_at) if loaded else "never"
        raise UnableToOverride(
            f"nobody is on call for this rota in that period; it answers {said}",
            problem="no-effect",
        )
    if not replaces and all(s.person == person for s in shifts):
        raise UnableToOverride(
            f"{person} is on call for this rota in that period already", problem="no-effect"
        )


def _is_of(shift: types.Shift, person: str) -> bool:
    return person in (shift.person, shift.instead_of)


def _record(override: Override, *, verb: str, by: str, now: datetime) -> None:
    audit.record(
        actor=by,
        verb=verb,
        subject=f"rota:{override.rota.slug}",
        now=now,
        override=override.pk,
        person=override.person.slug,
        starts_at=wire.instant(override.starts_at),
        ends_at=wire.instant(override.ends_at),
        reason=override.reason,
    )
