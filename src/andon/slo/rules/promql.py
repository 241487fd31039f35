"""Pieces of PromQL that Prometheus and VictoriaMetrics read alike."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache

from andon.core.periods import Period

#: Where an expression says that the range of its windows goes.
WINDOW = "$window"
_QUOTED = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`'
_MATCHERS = rf"\{{(?:[^\"'`{{}}]|{_QUOTED})*\}}"
_SELECTOR = re.compile(
    rf"\s*(?:[A-Za-z_:][A-Za-z0-9_:]*\s*(?:{_MATCHERS})?|{_MATCHERS})\s*", re.DOTALL
)
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
#: Beyond this nobody compares an error ratio; keeps a third out of thirty digits.
_DIGITS = Context(prec=15)


@lru_cache(maxsize=4096)
def duration(span: timedelta) -> str:
    """Return a range in the largest unit that holds it whole; milliseconds are the smallest."""
    milliseconds = max(span // timedelta(milliseconds=1), 1)
    for unit, size in _UNITS:
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    raise AssertionError("unreachable: every length is whole in milliseconds")


@lru_cache(maxsize=4096)
def interval(span: timedelta) -> str:
    """Return how often a group is evaluated; days are no unit there for vmalert."""
    milliseconds = max(span // timedelta(milliseconds=1), 1)
    for unit, size in _UNITS[1:]:
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    raise AssertionError("unreachable: every length is whole in milliseconds")


def number(value: Decimal) -> str:
    """Return a decimal as it is, without an exponent: `0.0144`."""
    plain = f"{_DIGITS.plus(value).normalize():f}"
    return plain if plain != "-0" else "0"


#: Words that look like the name of a metric, and are numbers to PromQL.
_NUMBERS = frozenset({"inf", "nan"})


@lru_cache(maxsize=4096)
def is_selector(text: str) -> bool:
    """Return whether a query is a bare selector of series, to which a range can be added."""
    return _SELECTOR.fullmatch(text) is not None and text.strip().lower() not in _NUMBERS


def ranged(query: str, window: str) -> str:
    """Return a query with its range put in: behind a selector, or where `$window` stands."""
    if WINDOW in query:
        return query.replace(WINDOW, window)
    return f"{query.strip()}[{window}]"


def during(period: Period, *, longer: timedelta = timedelta(0)) -> str:
    """Return a vector that exists only within a period, to be matched with unlabelled series."""
    start, end = _epoch(period.starts_at), _epoch(period.ends_at + longer)
    return f"((vector(time()) >= {start}) < {end})"


def outside(expr: str, periods: Sequence[Period], *, longer: timedelta) -> str:
    """Return a labelless expression that is nothing within periods and for a while after each."""
    if not periods:
        return expr
    guards = " or ".join(during(one, longer=longer) for one in periods)
    return f"({expr}) unless ({guards})"


def joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Return periods in order, those that touch made one."""
    found: list[Period] = []
    for one in sorted(periods):
        if found and one.starts_at <= found[-1].ends_at:
            found[-1] = Period(found[-1].starts_at, max(found[-1].ends_at, one.ends_at))
        else:
            found.append(one)
    return tuple(found)


def quoted(value: str) -> str:
    """Return a label's value as PromQL writes it."""
    plain = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def escaped(text: str) -> str:
    """Return text that a template shows as it is."""
    return text.replace("{{", '{{"{{"}}') if "{{" in text else text


def _epoch(at: datetime) -> str:
    return number(Decimal(str(at.timestamp())))


def camel(slug: str) -> str:
    """Return a slug as the name of an alert: `page-fast` is `PageFast`."""
    return "".join(part[:1].upper() + part[1:] for part in slug.split("-"))
