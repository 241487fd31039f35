"""The recorded series: their names, how they are computed, and how they are read again."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from andon.catalogue.rules.targets import highest
from andon.core.periods import Period
from andon.slo.rules import burn, indicators, promql
from andon.slo.rules.indicators import ExpressionSource
from andon.slo.rules.tiers import RECORDED, Chosen
from andon.slo.types import Objective
from andon.telemetry.types import Rule

BAD = "slo:bad:rate5m"
TOTAL = "slo:total:rate5m"
#: Only where a peak changes the target: what may fail, per second.
ALLOWED = "slo:allowed:rate5m"
RATIO = "slo:error_ratio"
PERIOD = "slo:error_ratio:period"
BUDGET_LEFT = "slo:budget_left:ratio"
TARGET = "slo:target:ratio"
INFO = "slo:info"
#: Windows from here on are as well computed every few minutes.
LONG = timedelta(days=1)
#: After every open end.
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The recorded series of one objective."""

    objective: Objective
    source: ExpressionSource
    chosen: Chosen
    #: Planned closures that do not count, in order.
    closures: tuple[Period, ...] = ()

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels every recorded series has, and no others."""
        return {"slo": self.objective.slug, "service": self.objective.service}

    def summed(self, name: str, window: str) -> str:
        """Return the sum of a recorded series over a window; one series, whoever recorded it."""
        return f'sum(sum_over_time({name}{{slo="{self.objective.slug}"}}[{window}]))'

    def ratio(self, span: timedelta) -> str:
        """Return the share of bad events over a window: bad of all, never a mean of ratios."""
        window = self.source.window(span)
        return f"{self.summed(BAD, window)} / ({self.summed(TOTAL, window)} > 0)"

    def windows(self) -> tuple[timedelta, ...]:
        """Return the windows that the tiers look at, shortest first."""
        pairs = ((one.tier.short, one.tier.long) for one in self.chosen.tiers)
        return tuple(sorted({RECORDED, *itertools.chain.from_iterable(pairs)}))

    def unless_closed(self, expr: str, longer: timedelta) -> str:
        """Return an expression that says nothing while a planned closure does not count."""
        return promql.outside(expr, self.closures, longer=longer / self.source.scale)


def base(recorded: Recorded) -> Iterator[Rule]:
    """Yield the two series that are read from what is measured, and what is derived from them."""
    one, source, labels = recorded.objective, recorded.source, recorded.labels
    again = f'sum({TOTAL}{{slo="{one.slug}"}})'
    total = indicators.total(objective=one, source=source, span=RECORDED)
    bad = indicators.bad(objective=one, source=source, span=RECORDED, recorded_total=again)
    yield Rule(TOTAL, recorded.unless_closed(total, RECORDED), labels=labels)
    yield Rule(BAD, recorded.unless_closed(bad, RECORDED), labels=labels)
    if _peaks(one):
        allowed = in_force(objective=one, value=lambda ppm: burn.budget(target_ppm=ppm))
        yield Rule(ALLOWED, f"{again} * ({allowed})", labels=labels)
    target = in_force(objective=one, value=lambda ppm: Decimal(ppm) / 10**6)
    yield Rule(TARGET, target, labels=labels)
    for span in recorded.windows():
        if span < LONG:
            yield _ratio(recorded, span)


def long(recorded: Recorded) -> Iterator[Rule]:
    """Yield what need not be computed every minute: the long windows, and the budget."""
    for span in recorded.windows():
        if span >= LONG:
            yield _ratio(recorded, span)
    one, labels = recorded.objective, recorded.labels
    if one.calendar is not None:
        return
    window = recorded.source.window(one.window)
    yield Rule(PERIOD, recorded.ratio(one.window), labels=labels)
    bad, total = recorded.summed(BAD, window), recorded.summed(TOTAL, window)
    if _peaks(one):
        allowed = recorded.summed(ALLOWED, window)
    else:
        allowed = f"{total} * {promql.number(burn.budget(target_ppm=one.target_ppm))}"
    yield Rule(BUDGET_LEFT, f"1 - {bad} / ({allowed} > 0)", labels=labels)


def info(recorded: Recorded, *, team: str, domain: str) -> Rule:
    """Return the series that says what an objective is."""
    one = recorded.objective
    labels = {
        **recorded.labels,
        "team": team,
        "domain": domain,
        "window": promql.duration(one.window),
        "budgeting": one.budgeting.value,
    }
    return Rule(INFO, "vector(1)", labels={name: value for name, value in labels.items() if value})


def in_force(*, objective: Objective, value: Callable[[int], Decimal]) -> str:
    """Return a number that follows the target in force: the peak's within each peak window."""
    ordinary = f"vector({promql.number(value(objective.target_ppm))})"
    guarded = [
        f"(vector({promql.number(value(ppm))}) and {promql.during(period)})"
        for period, ppm in _peaks(objective)
    ]
    return " or ".join([*guarded, ordinary])


def peak_targets(*, objective: Objective) -> tuple[int, ...]:
    """Return the targets above the ordinary one that peaks put in force, lowest first."""
    return tuple(sorted({ppm for _, ppm in _peaks(objective)}))


def ratio_name(span: timedelta) -> str:
    """Return the name of the series of a window."""
    return f"{RATIO}:{promql.duration(span)}"


def _ratio(recorded: Recorded, span: timedelta) -> Rule:
    return Rule(ratio_name(span), recorded.ratio(span), labels=recorded.labels)


def _peaks(objective: Objective) -> tuple[tuple[Period, int], ...]:
    """Return when a higher target than the ordinary one is in force, in order."""
    if not objective.peaks:
        return ()
    edges = {one.starts_at for one in objective.peaks}
    edges |= {one.ends_at or _NEVER for one in objective.peaks}
    found = (
        (Period(start, end), highest(objective.peaks, start) or 0)
        for start, end in itertools.pairwise(sorted(edges))
    )
    return tuple(one for one in found if one[1] > objective.target_ppm)
