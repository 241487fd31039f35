"""What the insurance model needs to know: `spec.planning`, and a service's annotations for it.

Nothing here is required. What the files leave out is assumed, and named beside the figures.
"""

import itertools
import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from andon.catalogue.rules.documents.annotations import INSURANCE
from andon.catalogue.rules.targets import TARGET
from andon.catalogue.types import Insurance, PlanningRules, PolicyRule
from andon.catalogue.types.entity import PREFIX
from andon.core.documents.document import Document
from andon.core.documents.fields import Fields

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _WEEK = 24 * 60, 7 * 24 * 60
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_STRETCH = re.compile(
    r"(?P<first>[a-z]{3})(-(?P<last>[a-z]{3}))?"
    r" +(?P<starts>[0-9]{2}:[0-9]{2})-(?P<ends>[0-9]{2}:[0-9]{2})=(?P<weight>[0-9.]{1,12})"
)
_SEASON = re.compile(r"([0-9]{2})-([0-9]{2})/([0-9]{2})-([0-9]{2})=([0-9.]{1,12})")
_KEYS = (
    "youRunIt",
    "opsRunIt",
    "sreRunIt",
    "incidentsPerYear",
    "priorYears",
    "sigma",
    "equalityTolerance",
    "callout",
    "riskWeight",
    "servicesPerRota",
    "peoplePerRota",
)
_POLICY_KEYS = ("rotaPerMonth", "timeToRestore", "rotas")
_SRE_KEYS = (*_POLICY_KEYS, "leastTarget", "mostIncidentsPerYear", "leastYearsSeen")
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=30)


def read_insurance(notes: Fields, *, currency: str) -> Insurance:
    """Return what a service's annotations say for the insurance model."""
    often = number(notes, PREFIX + "incidents-per-year", most=Decimal(100_000))
    return Insurance(
        incidents_per_year=often,
        time_to_restore=_restore(notes, PREFIX + "time-to-restore"),
        sigma=number(notes, PREFIX + "time-to-restore-sigma", most=Decimal(3)),
        fraction=number(notes, PREFIX + "blast-radius", most=Decimal(1)),
        cap=notes.money(PREFIX + "loss-cap", currency=currency),
        fixed_cost=notes.money(PREFIX + "incident-cost", currency=currency),
        shuttered_share=number(notes, PREFIX + "shuttered-share", most=Decimal(1)),
        week=_week(notes),
        seasons=_seasons(notes),
    )


def insurance_document(notes: Fields) -> dict[str, str]:
    """Return those annotations as the database keeps them: as they were written."""
    return {key: notes.data[key] for key in sorted(INSURANCE) if key in notes.data}


def stored_insurance(document: Mapping[str, Any], *, currency: str) -> Insurance:
    """Return what the database keeps. It was checked when it was applied."""
    source = Document("database", 1, document)
    return read_insurance(Fields(source, (), document, lambda _problem: None), currency=currency)


def read_planning(spec: Fields, *, currency: str) -> PlanningRules:
    """Return the organisation's assumptions, None where it makes none."""
    fields = spec.mapping("planning")
    if fields is None:
        return PlanningRules()
    fields.only(_KEYS)
    return PlanningRules(
        you_run_it=_policy(fields, "youRunIt", currency),
        ops_run_it=_policy(fields, "opsRunIt", currency),
        sre_run_it=_policy(fields, "sreRunIt", currency),
        incidents_per_year=number(fields, "incidentsPerYear", most=Decimal(100_000)),
        prior_years=number(fields, "priorYears", most=Decimal(100)),
        sigma=number(fields, "sigma", most=Decimal(3)),
        equality_tolerance=number(fields, "equalityTolerance", most=Decimal(1)),
        callout=fields.money("callout", currency=currency),
        risk_weight=number(fields, "riskWeight", most=Decimal(100)),
        services_per_rota=_count(fields, "servicesPerRota"),
        people_per_rota=_count(fields, "peoplePerRota"),
    )


def number(fields: Fields, key: str, *, most: Decimal) -> Decimal | None:
    """Return a number from 0 up to `most`, written as `0.5`, `"0.5"` or `"50%"`."""
    value = fields.data.get(key)
    if value is None:
        return None
    text = str(value).strip() if not isinstance(value, bool | dict | list) else ""
    scale = Decimal(1)
    if text.endswith("%"):
        text, scale = text[:-1].strip(), Decimal("0.01")
    try:
        found = Decimal(text) * scale
    except ArithmeticError:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found <= most:
        message = f"`{key}` is {str(value)[:80]!r}; a number from 0 to {most} is wanted"
        fields.refuse("number", message, f'Write {key}: "1".', key=key)
        return None
    return found


def _policy(fields: Fields, key: str, currency: str) -> PolicyRule | None:
    one = fields.mapping(key)
    if one is None:
        return None
    sre = key == "sreRunIt"
    one.only(_SRE_KEYS if sre else _POLICY_KEYS)
    return PolicyRule(
        rota_per_month=one.money("rotaPerMonth", currency=currency),
        time_to_restore=_restore(one, "timeToRestore"),
        rotas=_count(one, "rotas"),
        least_target_ppm=one.read("leastTarget", TARGET) if sre else None,
        most_incidents_per_year=number(one, "mostIncidentsPerYear", most=Decimal(100_000))
        if sre
        else None,
        least_years_seen=number(one, "leastYearsSeen", most=Decimal(100)) if sre else None,
    )


def _count(fields: Fields, key: str) -> int | None:
    return fields.integer(key, default=1, least=1) if key in fields.data else None


def _restore(fields: Fields, key: str) -> timedelta | None:
    if key not in fields.data:
        return None
    found = fields.duration(key, default=_SHORTEST)
    if not _SHORTEST <= found <= _LONGEST:
        message = f"`{key}` is {fields.data[key]!r}; from a minute to 30 days is wanted"
        fields.refuse("duration", message, "Write PT20M.", key=key)
        return None
    return found


def _week(notes: Fields) -> tuple[tuple[int, int, Decimal], ...]:
    """Return the whole week in stretches; what is not written weighs 1."""
    key = PREFIX + "trading-week"
    fix = "Write DAYS FROM-TO=WEIGHT, such as mon-fri 08:00-20:00=10; the rest weighs 1."
    weights = [Decimal(1)] * _WEEK
    written = notes.comma_separated(key)
    for text in written:
        try:
            _weigh(text, weights)
        except (ValueError, InvalidOperation):
            notes.refuse("trading-week", f"{text!r} is not a part of the week", fix, key=key)
            return ()
    if not written:
        return ()
    if not any(weights):
        notes.refuse("trading-week", "the whole week weighs nothing", fix, key=key)
        return ()
    edges = [0, *(at for at in range(1, _WEEK) if weights[at] != weights[at - 1]), _WEEK]
    return tuple((start, end, weights[start]) for start, end in itertools.pairwise(edges))


def _weigh(text: str, weights: list[Decimal]) -> None:
    match = _STRETCH.fullmatch(text.lower())
    if match is None:
        raise ValueError(text)
    first = _DAYS.index(match["first"])
    last = _DAYS.index(match["last"] or match["first"])
    starts, ends = _clock(match["starts"]), _clock(match["ends"])
    if starts >= ends or first > last:
        raise ValueError(text)
    for day in range(first, last + 1):
        for minute in range(day * _DAY + starts, day * _DAY + ends):
            weights[minute] = Decimal(match["weight"])


def _clock(text: str) -> int:
    hours, minutes = int(text[:2]), int(text[3:])
    if minutes > 59 or hours * 60 + minutes > _DAY:
        raise ValueError(text)
    return hours * 60 + minutes


def _seasons(notes: Fields) -> tuple[tuple[int, int, Decimal], ...]:
    key = PREFIX + "seasons"
    found: list[tuple[int, int, Decimal]] = []
    for text in notes.comma_separated(key):
        try:
            found += _season(text)
        except (ValueError, InvalidOperation):
            fix = "Write FIRST-DAY/DAY-AFTER=FACTOR without a year: 11-20/12-25=3"
            notes.refuse("seasons", f"{text!r} is not a season", fix, key=key)
            return ()
    return tuple(sorted(found))


def _season(text: str) -> list[tuple[int, int, Decimal]]:
    match = _SEASON.fullmatch(text)
    if match is None:
        raise ValueError(text)
    first, after = _day(match[1], match[2]), _day(match[3], match[4])
    factor = Decimal(match[5])
    if first == after:
        raise ValueError(text)
    if first < after:
        return [(first, after, factor)]
    # Over New Year: two parts, unless it ends with the old year.
    parts = [(first, 366, factor)]
    return [*parts, (1, after, factor)] if after > 1 else parts


def _day(month: str, day: str) -> int:
    """Return the day of a year without a 29 February, from 1."""
    number_of, within = int(month), int(day)
    if not 1 <= number_of <= 12 or not 1 <= within <= _MONTHS[number_of - 1]:
        raise ValueError(f"{month}-{day}")
    return sum(_MONTHS[: number_of - 1]) + within
