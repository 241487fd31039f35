"""The `Organisation` document: the organisation's own rules."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from andon.catalogue.rules.documents.pay import read_pay
from andon.catalogue.rules.documents.telemetry import read_telemetry
from andon.catalogue.rules.presets import PRESETS, Preset, default_severities
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import (
    Cover,
    EscalationPolicy,
    EscalationStep,
    ExposureBand,
    Level,
    MinimumLoss,
    Organisation,
    SeverityClass,
    WorkingHours,
)
from andon.catalogue.types.escalation import MOST_REPEATS
from andon.catalogue.types.forms import DAYS
from andon.catalogue.types.organisations import TARGETS
from andon.core.documents import declaring, slips
from andon.core.documents.document import Document
from andon.core.documents.fields import Fields
from andon.core.documents.problems import Gravity
from andon.core.money import CURRENCIES
from andon.people.types import CONTACT_KINDS, EMAIL, Contact

#: A sum of nothing that was meant so: what cannot be read counts as nothing too, and was reported.
_NOTHING = re.compile(r"[A-Z]{3}\s+0+(\.0+)?")


def stored(*, slug: str, title: str, document: Mapping[str, Any]) -> Organisation:
    """Return the organisation from the document the database keeps. It was checked when applied."""
    source = Document("database", 1, document)
    return read(Fields(source, (), document, lambda _problem: None), slug=slug, title=title)


def read(spec: Fields, *, slug: str, title: str) -> Organisation:
    """Return the organisation a `spec` describes; what is missing gets the default."""
    currency = _currency(spec)
    targets = spec.mapping(TARGETS) or _empty(spec, TARGETS)
    targets.only(declaring.names(Organisation, TARGETS))
    preset = _preset(targets)
    levels = _levels(targets, preset)
    hours = spec.mapping("workingHours")
    policy = spec.mapping("escalation")
    return declaring.read(
        Organisation,
        spec,
        books=currency,
        currency=currency,
        slug=slug,
        title=title,
        working_hours=working_hours(hours, WorkingHours()) if hours else WorkingHours(),
        preset=preset.name,
        period=targets.duration("period", default=preset.period),
        levels=levels,
        team_requires_demand=targets.boolean(
            "teamRequiresDemand", default=preset.team_requires_demand
        ),
        severities=_severities(spec, currency),
        escalation=escalation(policy) if policy else EscalationPolicy(),
        pay=read_pay(spec, currency=currency),
        exposure_bands=_bands(targets, preset, currency, levels),
        minimum_losses=_losses(targets, preset, currency, levels),
        fallback=_fallback(spec),
        telemetry=read_telemetry(spec),
    )


def working_hours(fields: Fields, default: WorkingHours) -> WorkingHours:
    """Return working hours; what a team leaves out is the organisation's."""
    found = declaring.read(WorkingHours, fields, base=default)
    starts, ends = found.starts, found.ends
    # A night ends the day after it begins; the same time twice is a slip, but for a whole day.
    if starts == ends != time(0):
        fields.refuse(
            "working-hours", f"work ends when it starts, at {starts:%H:%M}",
            'A night may end before it starts; write "00:00" twice for a whole day.', key="ends",
        )  # fmt: skip
    return found


def working_hours_document(hours: WorkingHours) -> dict[str, Any]:
    """Return working hours as the database keeps them: the same words as in the files."""
    return {
        "timezone": hours.timezone,
        "days": [DAYS[day] for day in sorted(hours.days)],
        "starts": f"{hours.starts:%H:%M}",
        "ends": f"{hours.ends:%H:%M}",
        "bankHolidays": hours.holidays,
    }


def stored_hours(document: Mapping[str, Any], default: WorkingHours) -> WorkingHours:
    """Return working hours from what the database keeps; empty means the default."""
    if not document:
        return default
    days = frozenset(DAYS.index(name) for name in document.get("days", ()) if name in DAYS)
    return WorkingHours(
        timezone=document.get("timezone", default.timezone),
        days=days or default.days,
        starts=time.fromisoformat(document.get("starts", f"{default.starts:%H:%M}")),
        ends=time.fromisoformat(document.get("ends", f"{default.ends:%H:%M}")),
        holidays=document.get("bankHolidays", default.holidays),
    )


def escalation(fields: Fields) -> EscalationPolicy:
    """Return an escalation policy."""
    steps = []
    for place, step in declaring.entries(EscalationStep, fields, "steps"):
        if step.wait < timedelta(seconds=30):
            place.refuse(
                "escalation", "nobody can answer that fast", "Wait PT1M or more.", key="wait"
            )
        steps.append(step)
    given = tuple(steps) or EscalationPolicy().steps
    found = declaring.read(EscalationPolicy, fields, steps=given)
    if found.repeats > MOST_REPEATS:
        message = f"`repeats` is {found.repeats}: nobody is asked as often"
        fields.refuse("escalation", message, f"At most {MOST_REPEATS}.", key="repeats")
    return replace(found, repeats=min(found.repeats, MOST_REPEATS))


def escalation_document(policy: EscalationPolicy) -> dict[str, Any]:
    """Return a policy as the database keeps it: `{repeats, steps: [{target, wait_minutes}]}`."""
    steps = [
        {"target": str(step.target), "wait_minutes": step.wait.total_seconds() / 60}
        for step in policy.steps
    ]
    return {"repeats": policy.repeats, "steps": steps}


def _currency(spec: Fields) -> str:
    text = spec.text("currency", required=True)
    if not text or text in CURRENCIES:
        return text or "GBP"
    near = slips.currency(text)
    fix = f"Did you mean {near}?" if near else "Write three letters: GBP."
    spec.refuse("money", f"{text[:80]!r} is no currency of ISO 4217", fix, key="currency")
    # The sums are read in what was meant: each would be told to be in the wrong currency.
    return near or "GBP"


def _preset(targets: Fields) -> Preset:
    name = targets.text("preset") or "playbook"
    if name not in PRESETS:
        fix = f"Write one of: {', '.join(PRESETS)}."
        targets.refuse("preset", f"there is no preset {name!r}", fix, key="preset")
    return PRESETS.get(name, PRESETS["playbook"])


def _levels(targets: Fields, preset: Preset) -> tuple[Level, ...]:
    levels: dict[int, Level] = {}
    for place, one in declaring.entries(Level, targets, "levels"):
        if levels.setdefault(one.target_ppm, one) is not one:
            twice = f"{format_target(one.target_ppm)} stands twice"
            place.refuse("levels", twice, "Keep one.", key="target")
    ordered = tuple(levels[ppm] for ppm in sorted(levels)) or preset.levels
    rank = [list(Cover).index(level.cover) for level in ordered]
    if rank != sorted(rank):
        message = "a higher target buys less cover than a lower one"
        targets.refuse("levels", message, "Order cover with the targets.", key="levels")
    return ordered


def _bands(
    targets: Fields, preset: Preset, currency: str, levels: tuple[Level, ...]
) -> tuple[ExposureBand, ...]:
    bands: list[ExposureBand] = []
    for place, one in declaring.entries(ExposureBand, targets, "exposureBands", books=currency):
        _check_level(place, one.target_ppm, levels)
        bands.append(one)
    ordered = sorted((band.ceiling_per_hour.minor, band.target_ppm) for band in bands)
    _check_order(targets, "exposureBands", ordered)
    if bands or targets.data.get("minimumLosses") or preset.currency != currency:
        return tuple(bands)
    return preset.exposure_bands


def _losses(
    targets: Fields, preset: Preset, currency: str, levels: tuple[Level, ...]
) -> tuple[MinimumLoss, ...]:
    losses: list[MinimumLoss] = []
    for place, one in declaring.entries(MinimumLoss, targets, "minimumLosses", books=currency):
        _check_level(place, one.target_ppm, levels)
        losses.append(one)
    ordered = sorted((one.loss.minor, one.target_ppm) for one in losses)
    _check_order(targets, "minimumLosses", ordered)
    if losses and targets.data.get("exposureBands"):
        fix = "Keep one of the two."
        targets.refuse("selection", "both exposure bands and minimum losses are set", fix)
    if losses or targets.data.get("exposureBands") or preset.currency != currency:
        return tuple(losses)
    return preset.minimum_losses


def _check_level(one: Fields, ppm: int, levels: tuple[Level, ...]) -> None:
    """Report a target that no service may have: whoever it is chosen for would be refused."""
    members = [level.target_ppm for level in levels]
    if ppm not in members:
        fix = f"Write one of: {', '.join(format_target(member)[:-1] for member in members)}."
        message = f"{format_target(ppm)} is no level of this organisation"
        one.refuse("selection", message, fix, key="target")


def _check_order(targets: Fields, key: str, ordered: list[tuple[int, int]]) -> None:
    """Report sums or targets that stand twice, and more money for a lower target."""
    for (below, low), (above, high) in itertools.pairwise(ordered):
        if below == above or low == high:
            twice = "a sum" if below == above else format_target(low)
            message, fix = f"{twice} stands twice in `{key}`", "Keep one."
        elif low > high:
            message = (
                f"in `{key}` more money asks for {format_target(high)} than {format_target(low)}"
            )
            fix = "Let the targets rise with the sums."
        else:
            continue
        targets.refuse("selection", message, fix, key=key)


def _severities(spec: Fields, currency: str) -> tuple[SeverityClass, ...]:
    classes: list[SeverityClass] = []
    names: set[str] = set()
    begun: dict[int, str] = {}
    for place, one in declaring.entries(SeverityClass, spec, "severities", books=currency):
        floor = one.at_least_per_hour
        written = floor.minor or _NOTHING.fullmatch(str(place.data.get("atLeastPerHour")))
        if one.name in names:
            fix = "Give each class a name of its own."
            place.refuse("severities", f"two classes are called {one.name}", fix, key="name")
        elif written and floor.minor in begun:
            message = f"{one.name} begins at {floor} an hour, as {begun[floor.minor]} does"
            fix = "Give it another `atLeastPerHour`, or remove one of the two."
            place.refuse("severities", message, fix, key="atLeastPerHour")
        names.add(one.name)
        if written:
            begun.setdefault(floor.minor, one.name)
        classes.append(one)
    if not classes:
        return default_severities(currency)
    ordered = sorted(classes, key=lambda one: one.at_least_per_hour.minor, reverse=True)
    if ordered[-1].at_least_per_hour.minor:
        fix = f'Give the mildest class `atLeastPerHour: "{currency} 0"`.'
        spec.refuse("severities", "a small loss falls in no class", fix, key="severities")
    return tuple(ordered)


def _fallback(spec: Fields) -> tuple[Contact, ...]:
    contacts = []
    for one in spec.mappings("fallback"):
        one.only(CONTACT_KINDS.names())
        if not one.data:
            one.refuse("fallback", "an entry has no address", f"Write {EMAIL}: ...")
        contacts += read_contacts(one)
        # Stored by an Andon that knew the kind: whoever looks at the ways tells of it.
        contacts += [Contact(str(key), "") for key in one.data if key not in CONTACT_KINDS]
    if not contacts:
        spec.refuse(
            "fallback",
            "nobody is told when a page goes unanswered",
            "Write `fallback: [{email: duty@example.com}]`.",
            key="fallback",
            gravity=Gravity.WARNING,
        )
    return tuple(contacts)


def read_contacts(fields: Fields, *, prefix: str = "") -> list[Contact]:
    """Return the addresses under every kind that people can be reached by, mail first."""
    found = []
    for kind in CONTACT_KINDS:
        # A person's mail address is in their profile, where Backstage has it.
        own = bool(prefix) and kind.name == EMAIL
        address = "" if own else fields.address(prefix + kind.name, kind.form)
        found += [Contact(kind.name, address)] if address else []
    return found


def _empty(spec: Fields, key: str) -> Fields:
    return Fields(spec.document, (*spec.path, key), {}, spec.report, spec.owner)
