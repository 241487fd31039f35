"""Error budgets: what is left of one in share, time and money, how fast it goes, when it is gone.

One formula for every kind of objective: left = 1 - e * T / A, where e is the share of bad events
(or time) of what was measured, T the part of the period that has passed (all of it in a rolling
one), and A the full outage the period allows, its peaks included. Unmeasured time is thereby taken
to have been like the measured, and in a calendar period events still to come to be as many a second
as those that came; how much was measured is always said beside it.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from andon.budgets.types import Sums
from andon.catalogue.rules.targets import allowance, allowed_downtime, highest
from andon.catalogue.types import TargetWindow
from andon.core.money import Money
from andon.core.periods import Period
from andon.core.words import say_share
from andon.slo.rules import burn as burning
from andon.slo.rules.calendar import period_at
from andon.slo.types import Objective

_ONE, _ZERO = Decimal(1), Decimal(0)
_HOUR = timedelta(hours=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
#: Below this a window counts as measured with a gap: a scrape lost at a restart is none.
WHOLE = Decimal("0.98")
#: The window whose burn rate says when a budget runs out.
PACE = "1h"
#: A burn-down has about so many points; steps are those of a clock, so that days are whole.
_POINTS = 240
_STEPS = tuple(timedelta(minutes=one) for one in (1, 5, 15, 30, 60, 180, 360, 720, 1440))


@dataclass(frozen=True, slots=True)
class Budget:
    """An error budget at an instant."""

    #: The whole period; a calendar one ends in the future.
    window: Period
    at: datetime
    #: The target in force, in parts per million.
    target_ppm: int
    #: How long a full outage the whole period allows.
    allowed: timedelta
    #: Share that is left: 1 untouched, 0 gone, below 0 overspent.
    left: Decimal
    #: The same as time of full outage, and as money at the service's exposure.
    time_left: timedelta
    money_left: Money | None
    #: Share of good events of what was measured; None without any.
    availability: Decimal | None
    bad: Decimal
    total: Decimal
    #: All events of a calendar period as estimated: as many a second as until now.
    expected_total: Decimal | None
    #: Share of the time until now for which there are measurements.
    covered: Decimal
    #: Times faster than even, by window.
    burn: Mapping[str, Decimal] = field(default_factory=dict)
    #: When nothing is left at the pace of the last hour, if that is within one more period.
    exhausts_in: timedelta | None = None
    #: What must be said beside the figures.
    notes: tuple[str, ...] = ()

    @property
    def is_exhausted(self) -> bool:
        """Return whether nothing is left."""
        return self.left <= 0

    @property
    def exhausts_at(self) -> datetime | None:
        """Return when nothing is left at the pace of the last hour."""
        return None if self.exhausts_in is None else self.at + self.exhausts_in


@dataclass(frozen=True, slots=True)
class BurnDownPoint:
    """The budget at an instant of a burn-down."""

    at: datetime
    left: float
    availability: float


def window_at(*, objective: Objective, at: datetime, scale: int = 1) -> Period:
    """Return the period an objective is held to at an instant.

    Rehearsals shorten rolling windows by `scale`; calendars cannot be shortened.
    """
    if objective.calendar is not None:
        return period_at(window=objective.calendar, at=at)
    return Period(at - objective.window / scale, at)


def allowed(*, objective: Objective, window: Period) -> timedelta:
    """Return the full outage a period allows: part by part where a peak asks for more."""
    if not objective.peaks:
        return allowed_downtime(objective.target_ppm, window.length)
    return allowance(windows=_targets(objective), period=window)


def target_at(*, objective: Objective, at: datetime) -> int:
    """Return the target in force, in parts per million."""
    if not objective.peaks:
        return objective.target_ppm
    return highest(_targets(objective), at) or objective.target_ppm


def left(*, sums: Sums, passed: timedelta, allowed: timedelta) -> Decimal:
    """Return the share of a budget that is left; without events nothing is used up."""
    if sums.total <= 0 or sums.bad <= 0:
        return _ONE
    if allowed <= timedelta(0):
        return _ZERO
    return _ONE - _decimal(sums.bad) / _decimal(sums.total) * _ratio(passed, allowed)


def measure(
    *,
    objective: Objective,
    sums: Sums,
    ratios: Mapping[str, float],
    at: datetime,
    every: timedelta,
    exposure_per_hour: Money | None = None,
    scale: int = 1,
) -> Budget:
    """Return an error budget from what its window held until `at`.

    `ratios` are shares of bad events by window, `every` how often a measurement is recorded.
    """
    window = window_at(objective=objective, at=at, scale=scale)
    passed = at - window.starts_at
    may_fail = allowed(objective=objective, window=window)
    rest = left(sums=sums, passed=passed, allowed=may_fail)
    ppm = target_at(objective=objective, at=at)
    rates = {
        name: burning.burn_rate(ratio=_decimal(ratio), target_ppm=ppm)
        for name, ratio in ratios.items()
    }
    share = covered(samples=sums.samples, passed=passed, every=every)
    bad, total = _decimal(sums.bad), _decimal(sums.total)
    return Budget(
        window=window,
        at=at,
        target_ppm=ppm,
        allowed=may_fail,
        left=rest,
        time_left=share_of(span=may_fail, share=rest),
        money_left=money_of(exposure_per_hour=exposure_per_hour, span=may_fail, share=rest),
        availability=max(_ONE - bad / total, _ZERO) if total > 0 else None,
        bad=bad,
        total=total,
        expected_total=_expected(objective, total, window, passed, share),
        covered=share,
        burn=rates,
        exhausts_in=exhausts_in(left=rest, rate=rates.get(PACE), window=window, at=at),
        notes=tuple(_notes(objective, share, window, passed, total)),
    )


def covered(*, samples: float, passed: timedelta, every: timedelta) -> Decimal:
    """Return the share of a stretch of time that was measured, from 0 to 1.

    The first measurement of a stretch may come one interval late, so that one is not missed.
    """
    wanted = int(passed / every)
    if wanted < 1:
        return _ONE if samples > 0 else _ZERO
    return min(_ONE, _decimal(samples) / wanted)


def exhausts_in(
    *, left: Decimal, rate: Decimal | None, window: Period, at: datetime
) -> timedelta | None:
    """Return how long a budget lasts at a burn rate: L * P / f, and at once when it is gone.

    None when it outlasts another period, or a calendar one. It is the earliest such instant: that
    old faults leave a rolling window in the meantime is not counted.
    """
    if left <= 0:
        return timedelta(0)
    if not rate or rate <= 0:
        return None
    ends = window.ends_at - at if window.ends_at > at else window.length
    ticks = left * _ticks(window.length) / rate
    return _span(ticks) if ticks <= _ticks(ends) else None


def share_of(*, span: timedelta, share: Decimal) -> timedelta:
    """Return a share of a length; negative when overspent."""
    return _span(_ticks(span) * share)


def money_of(*, exposure_per_hour: Money | None, span: timedelta, share: Decimal) -> Money | None:
    """Return what a share of a full outage of some length costs, rounded once."""
    if exposure_per_hour is None:
        return None
    return exposure_per_hour.scaled(_ratio(span, _HOUR) * share)


def step(*, window: timedelta) -> timedelta:
    """Return how far apart the points of a burn-down are."""
    return next((one for one in _STEPS if one >= window / _POINTS), _STEPS[-1])


def points(
    *,
    objective: Objective,
    cells: Sequence[tuple[datetime, Sums]],
    step: timedelta,
    since: datetime = _BEGINNING,
    scale: int = 1,
) -> Iterator[BurnDownPoint]:
    """Yield a burn-down from what each step held, in order; a cell is named by its end.

    Points begin at `since`. Where nothing was measured in a cell there is no point, so that the
    line has a gap there.
    """
    bad = [0.0, *itertools.accumulate(sums.bad for _, sums in cells)]
    total = [0.0, *itertools.accumulate(sums.total for _, sums in cells)]
    first = 0
    for number, (at, cell) in enumerate(cells):
        if cell.samples <= 0 or at < since:
            continue
        window = _ended(objective, at, scale)
        starts = window.starts_at + step / 2
        while first < number and cells[first][0] - step < starts - step:
            first += 1
        sums = (bad[number + 1] - bad[first], total[number + 1] - total[first])
        yield _point(objective, window, at, *sums)


def point(*, objective: Objective, sums: Sums, at: datetime, scale: int = 1) -> BurnDownPoint:
    """Return the point of a burn-down where a window ends that held `sums`."""
    return _point(objective, _ended(objective, at, scale), at, sums.bad, sums.total)


def _ended(objective: Objective, at: datetime, scale: int) -> Period:
    """Return the window that ends at an instant; a calendar's is the period before, not after."""
    if objective.calendar is None:
        return Period(at - objective.window / scale, at)
    return period_at(window=objective.calendar, at=at - timedelta(microseconds=1))


def _point(
    objective: Objective, window: Period, at: datetime, bad: float, total: float
) -> BurnDownPoint:
    """Return a point in floating point: there are hundreds of thousands of them."""
    if total <= 0 or bad <= 0:
        return BurnDownPoint(at, 1.0, 1.0)
    may_fail = allowed(objective=objective, window=window)
    passed = min(at - window.starts_at, window.length)
    used = bad / total * (passed / may_fail) if may_fail else 1.0
    return BurnDownPoint(at, 1 - used, max(1 - bad / total, 0.0))


def _targets(objective: Objective) -> tuple[TargetWindow, ...]:
    return (TargetWindow(objective.target_ppm, _BEGINNING, None), *objective.peaks)


def _expected(
    objective: Objective, total: Decimal, window: Period, passed: timedelta, share: Decimal
) -> Decimal | None:
    if objective.calendar is None or share <= 0 or passed <= timedelta(0):
        return None
    return total / share * _ratio(window.length, passed)


def _notes(
    objective: Objective, share: Decimal, window: Period, passed: timedelta, total: Decimal
) -> Iterable[str]:
    if share < WHOLE:
        what = "period so far" if objective.calendar else "window"
        yield (
            f"Only {say_share(share)} of the {what} was measured; "
            "the rest is taken to have been like it."
        )
    if objective.calendar is not None and passed < window.length:
        yield ("Events still to come are taken to be as many a second as until now.")
    if total <= 0 < share:
        yield "There was no traffic, so nothing is used up."


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _ticks(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _ratio(one: timedelta, other: timedelta) -> Decimal:
    return Decimal(_ticks(one)) / _ticks(other)


def _span(ticks: Decimal) -> timedelta:
    return timedelta(microseconds=round(ticks))
