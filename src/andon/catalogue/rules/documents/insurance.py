"""What the insurance model needs to know of a service: its annotations for it.

Nothing here is required. What the files leave out is assumed, and named beside the figures.
"""

import itertools
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from andon.catalogue.rules.documents.annotations import INSURANCE
from andon.catalogue.types import Insurance
from andon.catalogue.types.entity import NOTES, PREFIX
from andon.core.documents import declaring
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


def read_insurance(notes: Fields, *, currency: str) -> Insurance:
    """Return what a service's annotations say for the insurance model."""
    said = declaring.values(Insurance, notes, within=NOTES, books=currency)
    return Insurance(**said, week=_week(notes), seasons=_seasons(notes))


def insurance_document(notes: Fields) -> dict[str, str]:
    """Return those annotations as the database keeps them: as they were written."""
    return {key: notes.data[key] for key in sorted(INSURANCE) if key in notes.data}


def stored_insurance(document: Mapping[str, Any], *, currency: str) -> Insurance:
    """Return what the database keeps. It was checked when it was applied."""
    source = Document("database", 1, document)
    return read_insurance(Fields(source, (), document, lambda _problem: None), currency=currency)


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
