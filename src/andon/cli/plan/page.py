"""What a planning command has to say, before it is known where: terminal, JSON or a report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from andon.core.documents.problems import Problem
from andon.core.money import Money


@dataclass(frozen=True, slots=True)
class Bars:
    """Named amounts, in one or two series: how long each bar is, and what is written on it."""

    title: str
    labels: tuple[str, ...]
    #: (name of the series, one value per label).
    series: tuple[tuple[str, tuple[float, ...]], ...]
    #: What is written on the bars, by series.
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points joined by lines."""

    title: str
    across: str
    up: str
    #: (across, up, words across, words up).
    points: tuple[tuple[float, float, str, str], ...]


Chart = Bars | Curve


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers. The first column names the row; `right` are the columns of figures."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    note: str = ""
    chart: Chart | None = None

    @property
    def filled(self) -> tuple[int, ...]:
        """Return the columns that say something in any row, and always the first."""
        columns = range(len(self.headers))
        return tuple(one for one in columns if not one or any(row[one] for row in self.rows))


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to one command."""

    title: str
    #: What a reader in a hurry takes away.
    lead: tuple[str, ...]
    tables: tuple[Table, ...]
    assumptions: tuple[str, ...]
    problems: tuple[Problem, ...]
    #: For --json: any values.
    data: Any


def plain(value: Any) -> Any:
    """Return a value in what JSON knows: money as amount and currency, time as seconds."""
    for kind, say in _SAID:
        if isinstance(value, kind):
            return say(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


_SAID: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Money, lambda one: {"amount": str(one.amount), "currency": one.currency}),
    (Enum, lambda one: one.value),
    (Decimal | Fraction, str),
    (timedelta, timedelta.total_seconds),
    (datetime | date | time, lambda one: one.isoformat()),
    (set | frozenset, lambda one: [plain(each) for each in sorted(one)]),
)
