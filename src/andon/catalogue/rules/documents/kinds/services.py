"""`Component`: services, what they are worth, and what they need."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from andon.catalogue.rules.cover import WORDS, cover_for
from andon.catalogue.rules.documents.insurance import insurance_document, read_insurance
from andon.catalogue.rules.documents.kinds.groups import budget_holder, owner
from andon.catalogue.rules.documents.refs import Refs
from andon.catalogue.rules.documents.telemetry import telemetry_document
from andon.catalogue.rules.presets import PRESETS
from andon.catalogue.rules.selection import can_select, select_target
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import (
    LOW_DEMAND,
    Cover,
    Hardness,
    Organisation,
)
from andon.catalogue.types.declared import Catalogue, DeclaredService, Peak
from andon.catalogue.types.entity import NOTES, PREFIX, SPEC, Entity
from andon.catalogue.types.forms import TARGET, UnreadableTarget, parse_target
from andon.catalogue.types.services import KeptService
from andon.core.documents import declaring
from andon.core.documents.forms import read_day
from andon.core.documents.problems import Gravity
from andon.core.money import Money
from andon.core.periods import first_instant

#: What a page may link to; other addresses are kept by Backstage and shown by nobody here.
LINKED = ("http://", "https://", "mailto:")
#: Components of these types are built, not run: nobody is paged for them.
NOT_RUN = frozenset({"library", "documentation"})

_SELF_REFS = {
    "subcomponentOf": ("component", False),
    "providesApis": ("api", True),
    "consumesApis": ("api", True),
}


def is_run(entity: Entity) -> bool:
    """Return whether a component is a service."""
    return str(entity.spec.data.get("type")) not in NOT_RUN


def read_component(entity: Entity, catalogue: Catalogue, refs: Refs) -> DeclaredService:
    """Return a service. Its dependencies are gathered once all services are known."""
    notes, spec, organisation = entity.annotations, entity.spec, catalogue.organisation
    exposure = notes.money(PREFIX + "financial-exposure-per-hour", currency=organisation.currency)
    said = declaring.values(KeptService, notes, within=NOTES)
    said |= declaring.values(KeptService, spec, within=SPEC)
    ppm = _target(entity, organisation, exposure)
    override, reason, cover = _cover(entity, organisation, ppm, said)
    system = refs.one(spec, "system", kind="system", namespace=entity.namespace, only=("system",))
    _check_rest(entity, organisation, refs)
    said |= {"cover_reason": reason, "system": system.slug if system else ""}
    return DeclaredService(
        **said,
        entity=entity,
        slug=entity.slug,
        title=entity.title,
        description=entity.description,
        owner=owner(entity, refs),
        domain=_domain(entity, catalogue, refs, system),
        budget_holder=budget_holder(entity, refs),
        exposure=exposure,
        target_ppm=ppm,
        peaks=tuple(_peaks(entity, organisation)),
        cover=cover,
        cover_override=override,
        links=_links(entity),
        tags=entity.metadata.texts("tags"),
        aliases=entity.old_names,
        insurance=read_insurance(notes, currency=organisation.currency),
        insurance_document=insurance_document(notes),
        telemetry_document=telemetry_document(notes),
    )


def check_selection(catalogue: Catalogue) -> None:
    """Report exposures from which no target can be told: a preset's sums are in its currency."""
    organisation = catalogue.organisation
    preset = PRESETS[organisation.preset]
    if can_select(organisation) or not any(one.exposure for one in catalogue.services.values()):
        return
    is_band = bool(preset.exposure_bands)
    example = (
        f'exposureBands: [{{ceilingPerHour: {organisation.currency} 10000, target: "99.0"}}, ...]'
        if is_band
        else f'minimumLosses: [{{target: "99.0", loss: {organisation.currency} 20000}}, ...]'
    )
    catalogue.organisation_entity.spec.refuse(
        "selection",
        f"the sums of preset {preset.name} are in {preset.currency} and the books in "
        f"{organisation.currency}: no target can be told from an exposure",
        f"Write your own under `availabilityTargets`: {example}",
        key="availabilityTargets",
        gravity=Gravity.WARNING,
    )


def gather_needs(catalogue: Catalogue, refs: Refs) -> None:
    """Fill in what every service needs: its `dependsOn`, and `dependencyOf` on the other side."""
    for service in catalogue.services.values():
        soft = {
            one.ref
            for text in service.entity.annotations.comma_separated(PREFIX + "soft-dependencies")
            if (one := _soft(service.entity, text, refs)) is not None
        }
        needed = _depends_on(service.entity, refs)
        for entity in needed:
            hardness = Hardness.SOFT if entity.ref in soft else Hardness.HARD
            _note_need(catalogue, service, entity, hardness)
        _check_soft(service.entity, soft - {entity.ref for entity in needed})
    declared = [one.entity for one in catalogue.services.values()]
    declared += [one.entity for one in catalogue.resources.values()]
    for needed_one in declared:
        for entity in refs.many(needed_one.spec, "dependencyOf", kind=""):
            needing = catalogue.services.get(entity.slug) if entity.kind == "component" else None
            if needing is not None:
                _note_need(catalogue, needing, needed_one, Hardness.HARD)
    for resource in catalogue.resources.values():
        _depends_on(resource.entity, refs)


def _depends_on(entity: Entity, refs: Refs) -> list[Entity]:
    return refs.many(entity.spec, "dependsOn", kind="", namespace=entity.namespace)


def _note_need(
    catalogue: Catalogue, service: DeclaredService, entity: Entity, hardness: Hardness
) -> None:
    if entity.kind == "component" and entity.slug == service.slug:
        fix = "Remove it from `dependsOn`."
        service.entity.spec.refuse(
            "dependency-self", "a service cannot need itself", fix, key="dependsOn"
        )
    elif entity.kind == "component" and entity.slug in catalogue.services:
        service.needs.setdefault(("service", entity.slug), hardness)
    elif entity.kind == "resource":
        service.needs.setdefault(("resource", entity.slug), hardness)
        catalogue.resources[entity.slug].consumers.add(service.slug)


def _soft(entity: Entity, text: str, refs: Refs) -> Entity | None:
    key = PREFIX + "soft-dependencies"
    return refs.resolve(entity.annotations, key, text, kind="", namespace=entity.namespace)


def _check_soft(entity: Entity, unknown: set[str]) -> None:
    for ref in sorted(unknown):
        message = f"{ref} is called a soft dependency, but `dependsOn` does not name it"
        fix = f"Add {ref} to `spec.dependsOn`."
        entity.annotations.refuse("soft-dependency", message, fix, key=PREFIX + "soft-dependencies")


def _target(entity: Entity, organisation: Organisation, exposure: Money | None) -> int:
    key = PREFIX + "availability-target"
    notes = entity.annotations
    chosen = None
    if exposure and can_select(organisation):
        chosen = select_target(organisation=organisation, exposure_per_hour=exposure)
    lowest = min(level.target_ppm for level in organisation.levels)
    fallback = chosen.target_ppm if chosen else lowest
    if key in notes.reported:
        return fallback
    if key not in notes.data:
        why = chosen.reason if chosen else f"the lowest: {format_target(lowest)}"
        message = f"no availability target; taken as {why}"
        fix = f'Write {key}: "{format_target(fallback)[:-1]}"'
        notes.refuse("target-missing", message, fix, gravity=Gravity.WARNING)
        return fallback
    ppm = notes.read(key, TARGET)
    if ppm is None or not _is_member(entity, organisation, ppm, key):
        return fallback
    is_level = chosen is not None and chosen.target_ppm in [
        level.target_ppm for level in organisation.levels
    ]
    if chosen is not None and is_level and chosen.target_ppm != ppm:
        message = f"the target is {format_target(ppm)}, but {chosen.reason}"
        fix = "Change the target, or estimate the exposure again."
        notes.refuse("target-exposure", message, fix, key=key, gravity=Gravity.WARNING)
    return ppm


def _is_member(entity: Entity, organisation: Organisation, ppm: int, key: str) -> bool:
    members = [level.target_ppm for level in organisation.levels]
    if ppm in members:
        return True
    words = ", ".join(format_target(member)[:-1] for member in members)
    message = f"{format_target(ppm)} is not a target of preset {organisation.preset}"
    entity.annotations.refuse("target-preset", message, f"Write one of: {words}.", key=key)
    return False


def _cover(
    entity: Entity, organisation: Organisation, ppm: int, said: Mapping[str, Any]
) -> tuple[Cover | None, str, Cover]:
    notes = entity.annotations
    decision = cover_for(
        ppm=ppm, organisation=organisation, high_demand=said["deployment_target"] not in LOW_DEMAND
    )
    declared = notes.choice(PREFIX + "out-of-hours", Cover)
    reason: str = said["cover_reason"]
    if declared is None or declared is decision.cover:
        return None, "", decision.cover
    if not reason:
        message = f"{WORDS[declared]} is declared, but {decision.reason}"
        fix = f"Remove it to follow the target, or say why in {PREFIX}out-of-hours-reason."
        notes.refuse("cover-reason", message, fix, key=PREFIX + "out-of-hours")
    return declared, reason, declared


def _domain(entity: Entity, catalogue: Catalogue, refs: Refs, system: Entity | None) -> str:
    key = PREFIX + "oncall-domain"
    if key in entity.annotations.data:
        found = refs.one(
            entity.annotations, key, kind="domain", namespace=entity.namespace, only=("domain",)
        )
        return found.slug if found else ""
    declared = catalogue.systems.get(system.slug) if system else None
    return declared.domain if declared else ""


def _peaks(entity: Entity, organisation: Organisation) -> Iterator[Peak]:
    key = PREFIX + "peak-windows"
    for text in entity.annotations.comma_separated(key):
        try:
            peak = _peak(text, ZoneInfo(organisation.working_hours.timezone))
        except (UnreadableTarget, ValueError, OverflowError):
            message = f"{text!r} is not a peak window"
            fix = "Write FIRST-DAY/DAY-AFTER=TARGET: 2027-11-25/2027-12-01=99.9"
            entity.annotations.refuse("peak-window", message, fix, key=key)
            continue
        if peak.starts_at >= peak.ends_at:
            message, fix = (
                f"{text!r} ends before it starts",
                "The second day comes after the first.",
            )
            entity.annotations.refuse("peak-window", message, fix, key=key)
        elif _is_member(entity, organisation, peak.target_ppm, key):
            yield peak


def _peak(text: str, zone: ZoneInfo) -> Peak:
    window, _, target = text.partition("=")
    first, _, after = window.partition("/")
    days = read_day(first.strip()), read_day(after.strip())
    starts_at, ends_at = (first_instant(day, time(0, 0), zone) for day in days)
    return Peak(parse_target(target), starts_at, ends_at, days)


def _check_rest(entity: Entity, organisation: Organisation, refs: Refs) -> None:
    period = entity.annotations.duration(PREFIX + "target-period", default=organisation.period)
    if period != organisation.period:
        message = (
            f"the target is over {period.days} days, the organisation's {organisation.period.days}"
        )
        fix = "Remove it; targets of one organisation are measured over one period."
        entity.annotations.refuse("target-period", message, fix, key=PREFIX + "target-period")
    for key, (kind, is_list) in _SELF_REFS.items():
        find = refs.many if is_list else refs.one
        find(entity.spec, key, kind=kind, namespace=entity.namespace)


def _links(entity: Entity) -> tuple[dict[str, str], ...]:
    written = entity.metadata.data.get("links")
    links = written if isinstance(written, list) else ()
    return tuple(
        {"url": one["url"], "title": str(one.get("title") or one["url"].removeprefix("mailto:"))}
        for one in links
        if isinstance(one, dict) and isinstance(one.get("url"), str)
        if one["url"].lower().startswith(LINKED)
    )
