"""How an indicator is asked: bad and all events a second, or the share of bad ones, over a window.

Every expression has no labels: they come from the rules, so that one objective is always one
series, whatever labels its metrics have, gain or lose.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from andon.slo.rules import promql
from andon.slo.types import (
    Budgeting,
    CompositePart,
    Evaluator,
    Indicator,
    IndicatorKind,
    Objective,
    TimeSlice,
)

#: How long a slice is where its objective does not say.
DEFAULT_SLICE = TimeSlice(timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class ExpressionSource:
    """What expressions are made for: engine, how windows shrink, how often gauges are looked at."""

    engine: Evaluator
    scale: int
    step: timedelta

    def window(self, span: timedelta) -> str:
        """Return a window as it is written, shortened for rehearsals."""
        return promql.duration(span / self.scale)

    def seconds(self, span: timedelta) -> str:
        """Return a window's length in seconds, shortened for rehearsals."""
        return promql.number(Decimal(span / self.scale // timedelta(microseconds=1)) / 10**6)


def counts_events(objective: Objective) -> bool:
    """Return whether an objective counts events, so that there is a number of bad ones."""
    return (
        objective.indicator.kind is IndicatorKind.RATIO
        and objective.budgeting is Budgeting.OCCURRENCES
    )


def is_sliced(objective: Objective) -> bool:
    """Return whether an objective judges time slice by slice."""
    return objective.budgeting is not Budgeting.OCCURRENCES


def total(*, objective: Objective, source: ExpressionSource, span: timedelta) -> str:
    """Return all events per second over a window; 1 while measured where time is counted."""
    one = objective.indicator
    if counts_events(objective):
        return f"{_events(one.total, one, source, span)} >= 0"
    return f"({_presence(objective, source, span)}) * 0 + 1"


def bad(
    *, objective: Objective, source: ExpressionSource, span: timedelta, recorded_total: str
) -> str:
    """Return bad events per second over a window; the share of bad time where time is counted.

    `recorded_total` is the series that total() went into: it fills in 0 before the first error.
    """
    if not counts_events(objective):
        return _bad_time(objective, source, span)
    one = objective.indicator
    if one.bad:
        return f"{_events(one.bad, one, source, span)} >= 0 or {recorded_total} * 0"
    good = _events(one.good, one, source, span)
    if source.engine is Evaluator.PROMETHEUS:
        # What an earlier rule of the group recorded is there at once, from the same instant.
        return f"clamp_min({recorded_total} - ({good} or {recorded_total} * 0), 0)"
    every = _events(one.total, one, source, span)
    return f"clamp_min({_difference(every, good)}, 0)"


def bad_events(*, indicator: Indicator, source: ExpressionSource, span: timedelta) -> str:
    """Return how many bad events a window holds, straight from the counters."""
    if indicator.bad:
        rate = _events(indicator.bad, indicator, source, span)
    else:
        every = _events(indicator.total, indicator, source, span)
        rate = _difference(every, _events(indicator.good, indicator, source, span))
    return f"{rate} * {source.seconds(span)}"


def ratio(*, indicator: Indicator, source: ExpressionSource, span: timedelta) -> str:
    """Return the share of bad events over a window, straight from what is measured.

    Nothing where nothing is measured, nothing happened, or no bad event was ever counted, so that
    no comparison is true then.
    """
    return _RATIOS[indicator.kind](indicator, source, span)


def absence(*, indicator: Indicator, source: ExpressionSource, span: timedelta) -> str:
    """Return 1 where a window holds no measurement."""
    if indicator.kind is IndicatorKind.RATIO:
        return f"absent({_events(indicator.total, indicator, source, span)})"
    if indicator.kind is IndicatorKind.COMPOSITE:
        parts = (
            absence(indicator=one.indicator, source=source, span=span) for one in indicator.parts
        )
        return " or ".join(parts)
    return f"absent({ratio(indicator=indicator, source=source, span=span)})"


def is_rangeable(*, indicator: Indicator) -> bool:
    """Return whether it is known where the range of every counter goes."""
    if indicator.kind is IndicatorKind.COMPOSITE:
        return all(is_rangeable(indicator=part.indicator) for part in indicator.parts)
    if indicator.kind is not IndicatorKind.RATIO:
        return True
    queries = (indicator.good, indicator.bad, indicator.total)
    return all(promql.WINDOW in one or promql.is_selector(one) for one in queries if one)


def _events(query: str, indicator: Indicator, source: ExpressionSource, span: timedelta) -> str:
    """Return events per second of one query."""
    window = source.window(span)
    if promql.WINDOW in query:
        return f"sum({promql.ranged(query, window)})"
    if indicator.counter:
        return f"sum(rate({promql.ranged(query, window)}))"
    return f"sum(sum_over_time({promql.ranged(query, window)})) / {source.seconds(span)}"


def _difference(every: str, good: str) -> str:
    """Return all minus good, each asked once; all of them while no good one was ever counted."""
    plus = f'label_replace({every}, "part", "all", "", "")'
    minus = f'label_replace({good} * -1, "part", "good", "", "")'
    return f"sum({plus} or {minus})"


def _ratio_of_events(one: Indicator, source: ExpressionSource, span: timedelta) -> str:
    every = _events(one.total, one, source, span)
    if one.bad:
        return f"({_events(one.bad, one, source, span)} >= 0) / ({every} > 0)"
    good = _events(one.good, one, source, span)
    return f"clamp_min(1 - ({good} or {every} * 0) / ({every} > 0), 0)"


def _ratio_of_ratios(one: Indicator, source: ExpressionSource, span: timedelta) -> str:
    window = source.window(span)
    if promql.WINDOW in one.query:
        found = f"avg({promql.ranged(one.query, window)})"
    elif promql.is_selector(one.query) and source.engine is Evaluator.VMALERT:
        found = f"avg(avg_over_time({one.query.strip()}[{window}]))"
    else:
        found = f"avg(avg_over_time({_real(one.query, source)}[{window}:{_step(source)}]))"
    failures = found if one.is_failure else f"1 - {found}"
    return f"clamp({failures}, 0, 1) >= 0"


def _ratio_of_samples(one: Indicator, source: ExpressionSource, span: timedelta) -> str:
    assert one.op is not None and one.value is not None  # noqa: PT018, S101 - checked by documents
    query = one.query.replace(promql.WINDOW, source.window(span))
    good = f"{_real(query, source)} {one.op.sign} bool {promql.number(one.value)}"
    return f"1 - avg(avg_over_time(({good})[{source.window(span)}:{_step(source)}]))"


def _ratio_of_parts(one: Indicator, source: ExpressionSource, span: timedelta) -> str:
    """Return the weighted sum of the parts' ratios, at most 1; parts without data count nothing."""
    ratios = (
        (part, ratio(indicator=part.indicator, source=source, span=span)) for part in one.parts
    )
    return f"clamp_max({_weighted(ratios)}, 1)"


def _weighted(ratios: Iterable[tuple[CompositePart, str]]) -> str:
    terms = " or ".join(
        f'label_replace(({found}) * {promql.number(part.weight)}, "part", "{number}", "", "")'
        for number, (part, found) in enumerate(ratios)
    )
    return f"sum({terms})"


_RATIOS: dict[IndicatorKind, Callable[[Indicator, ExpressionSource, timedelta], str]] = {
    IndicatorKind.RATIO: _ratio_of_events,
    IndicatorKind.RAW: _ratio_of_ratios,
    IndicatorKind.THRESHOLD: _ratio_of_samples,
    IndicatorKind.COMPOSITE: _ratio_of_parts,
}


def _real(query: str, source: ExpressionSource) -> str:
    """Return a query without NaN, of which one in a window makes Prometheus answer NaN.

    VictoriaMetrics leaves it out by itself.
    """
    return f"(({query}) > -Inf)" if source.engine is Evaluator.PROMETHEUS else f"({query})"


def _step(source: ExpressionSource) -> str:
    return promql.duration(source.step)


def _presence(objective: Objective, source: ExpressionSource, span: timedelta) -> str:
    """Return something, whatever its value, while an objective is measured."""
    return _measured(objective.indicator, source, _span(objective, span))


def _measured(one: Indicator, source: ExpressionSource, span: timedelta) -> str:
    if one.kind is IndicatorKind.RATIO:
        return f"{_events(one.total, one, source, span)} >= 0"
    if one.kind is IndicatorKind.COMPOSITE:
        return " or ".join(f"({_measured(part.indicator, source, span)})" for part in one.parts)
    return ratio(indicator=one, source=source, span=span)


def _bad_time(objective: Objective, source: ExpressionSource, span: timedelta) -> str:
    """Return the share of bad time; slices and windows in which nothing happened are good ones."""
    within = _span(objective, span)
    if objective.budgeting is Budgeting.TIMESLICES:
        found = _bad_slice(objective, source, within)
    else:
        found = ratio(indicator=objective.indicator, source=source, span=within)
    return f"({found}) or ({_measured(objective.indicator, source, within)}) * 0"


def _bad_slice(objective: Objective, source: ExpressionSource, span: timedelta) -> str:
    """Return 1 where a slice is bad: where any part of it is, for a composite."""
    one = objective.indicator
    limit = promql.number(slice_limit(objective))
    if one.kind is not IndicatorKind.COMPOSITE:
        return f"({ratio(indicator=one, source=source, span=span)}) > bool {limit}"
    ratios = (ratio(indicator=part.indicator, source=source, span=span) for part in one.parts)
    terms = (
        f'label_replace(({found}) > bool {limit}, "part", "{number}", "", "")'
        for number, found in enumerate(ratios)
    )
    return f"max({' or '.join(terms)})"


def slice_limit(objective: Objective) -> Decimal:
    """Return the share of bad events above which a slice is bad."""
    stated = objective.slices.target_ppm if objective.slices else None
    return 1 - Decimal(stated or objective.target_ppm) / 10**6


def _span(objective: Objective, span: timedelta) -> timedelta:
    if not is_sliced(objective):
        return span
    return (objective.slices or DEFAULT_SLICE).window
