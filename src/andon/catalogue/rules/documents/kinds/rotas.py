"""`Rota`: who takes turns, and for whom."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from andon.catalogue.rules.cadence import cadence_of
from andon.catalogue.rules.cover import needs_rota
from andon.catalogue.rules.documents.organisation import escalation, escalation_document
from andon.catalogue.rules.documents.refs import Refs
from andon.catalogue.rules.documents.rotations import (
    UnreadableDocument,
    asked_document,
    read_version,
)
from andon.catalogue.types import Organisation, RotaCovers, RotationUnit
from andon.catalogue.types.declared import Catalogue, DeclaredRota
from andon.catalogue.types.entity import PREFIX, SPEC, Entity
from andon.catalogue.types.rotas import LONGEST_SHIFT, Asked, Rotation
from andon.catalogue.types.written import names
from andon.core.documents import declaring
from andon.core.documents.fields import Fields
from andon.core.documents.problems import Gravity
from andon.core.periods import Period
from andon.people.types import CONTACT_KINDS

#: Equal Experts, incident response: fewer people than this cannot carry an out-of-hours rota.
FEWEST_PEOPLE = 3
_ANY_TIME = Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


def read_rota(entity: Entity, catalogue: Catalogue, refs: Refs) -> DeclaredRota:
    """Return a rota, with the document that its version keeps."""
    spec = entity.spec
    spec.only(names("rota", SPEC))
    team, domain = _owner(entity, refs)
    covers = spec.choice("covers", RotaCovers, default=RotaCovers.ALWAYS) or RotaCovers.ALWAYS
    people = refs.many(
        spec,
        "participants",
        kind="user",
        namespace=entity.namespace,
        only=("user",),
        required=True,
    )
    participants = tuple(one.slug for one in people)
    organisation = catalogue.organisation
    zone = spec.zone("timezone", default=organisation.working_hours.timezone)
    document: dict[str, Any] = {"timezone": zone, "rotation": _rotation(spec, participants)}
    if asked := _asked(covers, team, document, catalogue):
        document["rotation"]["asked"] = asked
    policy = spec.mapping("escalation")
    if policy:
        document["escalation"] = escalation_document(escalation(policy))
    _check_size(spec, covers, people, organisation)
    return DeclaredRota(
        entity=entity,
        slug=entity.slug,
        title=entity.title,
        team=team,
        domain=domain,
        covers=covers,
        participants=participants,
        document=document,
        aliases=entity.old_names,
    )


def check_reachable(catalogue: Catalogue) -> None:
    """Report people who are on a rota and cannot be reached."""
    loud = next((f"{PREFIX}{kind.name}" for kind in CONTACT_KINDS if kind.rings), "")
    for rota in catalogue.rotas.values():
        for slug in dict.fromkeys(rota.participants):
            person = catalogue.people.get(slug)
            if person is not None and not person.contacts:
                rota.entity.spec.refuse(
                    "unreachable",
                    f"{person.name} is on this rota and has no address",
                    f"Give {slug} `spec.profile.email`, or an annotation {loud}.",
                    key="participants",
                )


def _owner(entity: Entity, refs: Refs) -> tuple[str, str]:
    spec = entity.spec
    if ("team" in spec.data) == ("domain" in spec.data):
        fix = "Write `team: NAME` or `domain: NAME`."
        spec.refuse("rota-owner", "a rota belongs to one team or to one domain", fix)
    found = {
        key: refs.one(spec, key, kind=kind, namespace=entity.namespace, only=(kind,))
        for key, kind in (("team", "group"), ("domain", "domain"))
    }
    team, domain = found["team"], found["domain"]
    return (team.slug if team else "", domain.slug if domain else "")


def _rotation(spec: Fields, participants: tuple[str, ...]) -> dict[str, Any]:
    fields = spec.mapping("rotation", required=True)
    unit, every, handover, starts_on = RotationUnit.WEEK, 1, time(9, 0), date(2026, 1, 5)
    if fields is not None:
        fields.only(declaring.names(Rotation))
        unit = fields.choice("unit", RotationUnit, default=unit) or unit
        every = fields.integer("every", default=1, least=1)
        handover = fields.clock("handover", default=handover)
        if fields.data.get("startsOn") in (None, ""):
            fields.text("startsOn", required=True)
        starts_on = fields.day("startsOn") or starts_on
        if every > LONGEST_SHIFT // timedelta(**{f"{unit}s": 1}):
            message = f"a shift of {every} {unit}s is longer than 8 weeks"
            fields.refuse("rotation", message, "Write a smaller `every`.", key="every")
    return {
        "unit": str(unit),
        "every": every,
        "handover": f"{handover:%H:%M}",
        "starts_on": starts_on.isoformat(),
        "participants": list(participants),
    }


def _asked(
    covers: RotaCovers, team: str, document: dict[str, Any], catalogue: Catalogue
) -> dict[str, Any] | None:
    """Return the hours that decide which slots are turns, when some slots lie outside of them."""
    held = catalogue.teams.get(team)
    hours = (held.working_hours if held else None) or catalogue.organisation.working_hours
    if covers is RotaCovers.ALWAYS or not document["rotation"]["participants"]:
        return None
    working = covers is RotaCovers.WORKING_HOURS
    found = asked_document(Asked(hours.days, hours.starts, hours.ends, working))
    written = {**document, "rotation": {**document["rotation"], "asked": found}}
    try:
        version = read_version(document=written, period=_ANY_TIME)
    except UnreadableDocument:
        return None
    return found if cadence_of(version.timezone, version.rotation).counted else None


def _check_size(
    spec: Fields, covers: RotaCovers, people: list[Entity], organisation: Organisation
) -> None:
    written = spec.data.get("participants")
    # A name that leads nowhere is reported itself: it is one of the people all the same.
    unknown = len(written) - len(people) if isinstance(written, list) else 0
    count = len({one.ref for one in people}) + unknown
    if written == []:
        fix = "Name the people who take turns."
        spec.refuse("rota-empty", "nobody is on this rota", fix, key="participants")
    elif written and needs_rota(covers) and count < FEWEST_PEOPLE:
        said = "1 person answers" if count == 1 else f"{count} people answer"
        spec.refuse(
            "rota-small",
            f"{said} out of hours; with fewer than {FEWEST_PEOPLE} nobody gets enough rest",
            "Add people, or share a domain's rota.",
            key="participants",
            gravity=Gravity(organisation.small_rotas),
        )
    for slug, times in Counter(one.slug for one in people).items():
        if times > 1:
            spec.refuse(
                "rota-twice",
                f"{slug} stands on this rota {times} times, and gets as many turns of each round",
                "Name each person once, unless that is meant.",
                key="participants",
                gravity=Gravity.WARNING,
            )
