"""Series that an indicator's selectors match, made up for tests of its rules."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import promql_parser

from andon.slo.rules import promql
from andon.slo.types import Indicator, IndicatorKind, Op

#: Counted a minute: large enough that a share of it to six decimals is whole.
EVENTS = 1_000_000
_MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "MatchOp.Equal": lambda value, wanted: value == wanted,
    "MatchOp.NotEqual": lambda value, wanted: value != wanted,
    "MatchOp.Re": lambda value, wanted: re.fullmatch(wanted, value) is not None,
    "MatchOp.NotRe": lambda value, wanted: re.fullmatch(wanted, value) is None,
}
#: What may match a pattern that is not plain text: status codes, methods, words.
_GUESSES = ("", "x", "0", "1", "200", "201", "302", "404", "500", "503", "GET", "POST", "true")


#: The expression that stands for a bare selector.
_SIMPLE = re.compile(r"sum\((?:rate|increase)\((.+)\[\$window\]\)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SampleSeries:
    """A series with the values a healthy and a faulty minute add (counter) or have (gauge)."""

    series: str
    healthy: Decimal
    faulty: Decimal
    is_counter: bool
    #: Good or bad, with nothing between: a share of errors is a share of its samples.
    is_verdict: bool = False

    def values(self, *, before: int, after: int) -> str:
        """Return its values at one a minute, as promtool writes them: healthy, then faulty."""
        if not self.is_counter:
            calm, broken = promql.number(self.healthy), promql.number(self.faulty)
            return f"{calm}x{before} {broken}x{after}"
        each, then = int(self.healthy), int(self.faulty)
        return f"0+{each}x{before} {each * before + then}+{then}x{after}"


class Unguessable(Exception):
    """No series is known that the selectors of an indicator match."""


def samples(*, indicator: Indicator, ratio: Decimal, before: Decimal) -> list[SampleSeries]:
    """Return series of an indicator whose share of bad events is `before`, then `ratio`.

    A threshold knows good and bad only: any ratio above 0 makes it bad all the time.
    Raises Unguessable for expressions, and for patterns that no guess matches.
    """
    if indicator.kind is IndicatorKind.COMPOSITE:
        parts = (
            samples(indicator=p.indicator, ratio=ratio, before=before) for p in indicator.parts
        )
        return list({one.series: one for part in parts for one in part}.values())
    if indicator.kind is IndicatorKind.RATIO:
        return list(_events(indicator, ratio, before))
    series = _written(_labels(_parsed(indicator.query)))
    if indicator.kind is IndicatorKind.RAW:
        shares = (before, ratio) if indicator.is_failure else (1 - before, 1 - ratio)
        return [SampleSeries(series, *shares, is_counter=False)]
    calm, broken = (_value(indicator, is_good=not share) for share in (before, ratio))
    return [SampleSeries(series, calm, broken, is_counter=False, is_verdict=True)]


def agree(some: Mapping[str, SampleSeries], others: Mapping[str, SampleSeries]) -> bool:
    """Return whether no series of one set could be counted by the selectors of the other."""
    shared = {_metric(name) for name in some} & {_metric(name) for name in others}

    def of(these: Mapping[str, SampleSeries]) -> dict[str, SampleSeries]:
        return {name: one for name, one in these.items() if _metric(name) in shared}

    return of(some) == of(others)


def _metric(series: str) -> str:
    return series.partition("{")[0]


def _events(one: Indicator, ratio: Decimal, before: Decimal) -> Iterator[SampleSeries]:
    """Yield counted events: the series of `good` or `bad`, and those of the rest of `total`."""
    total, named = _parsed(one.total), _parsed(one.bad or one.good)
    chosen = _labels(total, named)
    share = (before, ratio) if one.bad else (1 - before, 1 - ratio)
    if chosen["__name__"] == _name(total) and _matches(total, chosen):
        rest = _labels(total, without=named)
        yield _counted(chosen, share, one)
        yield _counted(rest, (1 - share[0], 1 - share[1]), one)
    else:
        yield _counted(_labels(named), share, one)
        yield _counted(_labels(total), (Decimal(1), Decimal(1)), one)


def _counted(
    labels: Mapping[str, str], shares: tuple[Decimal, Decimal], one: Indicator
) -> SampleSeries:
    calm, broken = (share * EVENTS for share in shares)
    return SampleSeries(_written(labels), calm, broken, one.counter)


def _value(one: Indicator, *, is_good: bool) -> Decimal:
    """Return a value that is good or bad: the threshold itself, or one beside it."""
    limit = one.value or Decimal(0)
    above, below = limit + 1, limit - 1
    rises = one.op in {Op.GTE, Op.GT}
    return above if rises == is_good else below


Matchers = list[tuple[str, str, str]]


def _parsed(query: str) -> Matchers:
    simple = _SIMPLE.fullmatch(query.strip())
    selector = simple[1] if simple else query
    if promql.WINDOW in selector or not promql.is_selector(selector):
        raise Unguessable(f"{selector} is an expression")
    try:
        found: Any = promql_parser.parse(selector)
    except ValueError as error:
        raise Unguessable(str(error)) from error
    named = [("__name__", "MatchOp.Equal", found.name)] if found.name else []
    return named + [(one.name, str(one.op), one.value) for one in found.matchers.matchers]


def _name(matchers: Matchers) -> str:
    return next((value for name, _, value in matchers if name == "__name__"), "")


def _labels(*every: Matchers, without: Matchers | None = None) -> dict[str, str]:
    """Return labels that all matchers match and, taken together, `without` does not."""
    last = every[-1]
    named = _name(last)
    joined = [
        one for matchers in every for one in matchers if one[0] != "__name__" or one[2] == named
    ]
    found = {name: _guess(name, joined, None) for name, _, _ in joined}
    if without is None or not _matches(without, found):
        return {name: value for name, value in found.items() if value}
    for name, op, wanted in without:
        if name == "__name__":
            continue
        try:
            found[name] = _guess(name, joined, (op, wanted))
        except Unguessable:
            continue
        return {label: value for label, value in found.items() if value}
    raise Unguessable("every event is bad, or every one good")


def _guess(name: str, matchers: Matchers, but: tuple[str, str] | None) -> str:
    mine = [(op, value) for label, op, value in matchers if label == name]
    exact = [value for op, value in mine if op == "MatchOp.Equal"]
    plain = [re.sub(r"[\\^$?+*()\[\]]", "", value.split("|")[0]) for _, value in mine]
    dots = [value.replace(".", "0") for value in plain]
    for guess in (*exact, *dots, *plain, *_GUESSES):
        fits = all(_match(op, guess, value) for op, value in mine)
        if fits and not (but and _match(but[0], guess, but[1])):
            return guess
    raise Unguessable(f"no value of {name} is known that matches")


def _matches(matchers: Matchers, labels: Mapping[str, str]) -> bool:
    return all(_match(op, labels.get(name, ""), value) for name, op, value in matchers)


def _match(op: str, value: str, wanted: str) -> bool:
    try:
        return _MATCHES[op](value, wanted)
    except re.error as error:
        raise Unguessable(f"{wanted} is a pattern that only the engines read") from error


def _written(labels: Mapping[str, str]) -> str:
    name = labels.get("__name__", "")
    inner = ",".join(
        f"{label}={promql.quoted(value)}"
        for label, value in sorted(labels.items())
        if label != "__name__"
    )
    return f"{name}{{{inner}}}"
