"""Error budgets read from what the generated rules record: many objectives to a question.

The whole window is summed once per step of the burn-down (three hours for thirty days). In between
a reading adds what came since and takes off what left the window, so that a minute's reading costs
a thousandth of the whole. Nothing here is asked for by a page view.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from andon.budgets.actions import losses
from andon.budgets.models import BudgetPoint, BudgetReading
from andon.budgets.ports import Measurements
from andon.budgets.rules import budget as rules
from andon.budgets.rules.budget import Budget, BurnDownPoint
from andon.budgets.types import Sums
from andon.catalogue.types import TelemetryRules
from andon.core import bulk
from andon.slo.ports import UnableToMeasure
from andon.slo.rules.reading import (
    KEEP_DAYS,
    KEEP_POINTS,
    MOST_NAMES,
    MOST_ROWS,
    SETTLED,
    cut,
    grid,
)
from andon.slo.types import Objective
from andon.telemetry.rules import series
from andon.telemetry.rules.generate import intervals

#: What is recorded reaches the database of metrics so late; a sum that is kept waits longer
#: (`slo.rules.reading.SETTLED`).
LAG = timedelta(seconds=30)
#: Measurements that one question may look at.
MOST_SAMPLES = 20_000_000
#: Seconds between two batches of rows: those who wait for SQLite's one writer's place look again
#: and again, ever less often; a page is one of them.
GAP = 0.03
_MINUTE = timedelta(minutes=1)
_NOTHING = (
    "nothing is recorded of this objective: are the generated rules in force, and do its metrics "
    "exist?"
)
_NOT_A_NUMBER = f"{series.BAD} or {series.TOTAL} holds something that is not a number"


@dataclass(slots=True)
class Refreshed:
    """What a refresh did."""

    read: int = 0
    failed: int = 0
    #: Why the source as a whole could not be read; empty when it could.
    error: str = ""


@dataclass(slots=True)
class ReadingWork:
    """An objective, what is stored of it, and what is to be stored."""

    pk: int
    objective: Objective
    reading: BudgetReading
    base: Sums = field(default_factory=Sums)
    base_at: datetime | None = None
    error: str = ""
    points: list[BurnDownPoint] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RefreshRound:
    """What all objectives of a refresh share."""

    measurements: Measurements
    now: datetime
    at: datetime
    every: timedelta
    scale: int
    #: Waits some seconds between two batches of rows.
    pause: Callable[[float], None]


def refresh(
    *,
    objectives: Iterable[tuple[int, Objective]],
    telemetry: TelemetryRules,
    measurements: Measurements,
    now: datetime,
    pause: Callable[[float], None] = lambda _: None,
) -> Refreshed:
    """Read every objective's budget and follow the losses of its target; store what was found.

    `objectives` are with the keys of their rows (`slo.queries.declarations`).
    A batch that cannot be read keeps its last values and says why.
    """
    at = grid(at=now - LAG, step=_MINUTE)
    every = intervals(rules=telemetry).slow
    this = RefreshRound(measurements, now, at, every, telemetry.scale, pause)
    done = Refreshed()
    for batch in _batches(_load(objectives, now), this):
        if done.error:
            _fail(batch, done.error, this)
            done.failed += len(batch)
        else:
            _read(batch, this, done)
    return done


def prune(*, now: datetime) -> int:
    """Throw away points nobody looks at any more; return how many."""
    old = BudgetPoint.objects.filter(at__lt=now - KEEP_POINTS)
    fine = old.exclude(Q(at__hour=0) & Q(at__minute=0)).delete()[0]
    return fine + BudgetPoint.objects.filter(at__lt=now - KEEP_DAYS).delete()[0]


def _load(objectives: Iterable[tuple[int, Objective]], now: datetime) -> list[ReadingWork]:
    rows = BudgetReading.objects.filter(objective__retired_at__isnull=True)
    readings = {one.objective_id: one for one in rows}
    return [
        ReadingWork(pk, objective, readings.get(pk) or BudgetReading(objective_id=pk, tried_at=now))
        for pk, objective in objectives
    ]


def _batches(work: Iterable[ReadingWork], this: RefreshRound) -> Iterator[list[ReadingWork]]:
    """Yield objectives that can be asked for together: one window, one base, one size."""
    alike: dict[tuple[Any, ...], list[ReadingWork]] = defaultdict(list)
    for one in work:
        _recall(one, this)
        alike[_basis(one.objective, this.scale), one.base_at].append(one)
    for group in alike.values():
        window = group[0].objective.window / this.scale
        most = int(MOST_SAMPLES / (2 * window / this.every)) or 1
        yield from cut(group, slug=lambda one: one.objective.slug, most=min(most, MOST_NAMES))


def _basis(objective: Objective, scale: int) -> str:
    """Return what a stored sum depends on: another window needs another sum."""
    calendar = objective.calendar
    if calendar is None:
        return f"rolling {(objective.window / scale).total_seconds():g}"
    starts = calendar.starts.isoformat()
    return f"calendar {starts} {calendar.timezone} {calendar.unit} {calendar.count}"


def _recall(one: ReadingWork, this: RefreshRound) -> None:
    """Take up the stored sum, unless it is of another window."""
    stored = one.reading
    if stored.base_at is None or stored.basis != _basis(one.objective, this.scale):
        return
    one.base_at = stored.base_at
    one.base = Sums(stored.base_bad, stored.base_total, stored.base_samples)


def _read(batch: list[ReadingWork], this: RefreshRound, done: Refreshed) -> None:
    """Read a batch and store it; halve it while the source says that it is too much."""
    try:
        _sum_up(batch, this)
        found = _measure(batch, this)
        followed = losses.follow(
            measurements=this.measurements,
            of=[(one.objective, one.reading.followed) for one in batch],
            at=this.at - SETTLED,
            every=this.every,
            scale=this.scale,
        )
    except UnableToMeasure as error:
        if error.too_much and len(batch) > 1:
            middle = len(batch) // 2
            for half in (batch[:middle], batch[middle:]):
                _read(half, this, done)
            return
        done.failed += len(batch)
        done.error = str(error) if error.down else ""
        _fail(batch, str(error), this)
        return
    _store(batch, found, followed, this)
    done.failed += sum(1 for one in batch if one.error)
    done.read += sum(1 for one in batch if not one.error)


def _sum_up(batch: list[ReadingWork], this: RefreshRound) -> None:
    """Give every objective a sum of its whole window at the last step, and points up to it."""
    first = batch[0]
    window = rules.window_at(objective=first.objective, at=this.at, scale=this.scale)
    step = rules.step(window=window.length)
    last = grid(at=this.at - SETTLED, step=step)
    if first.base_at is not None and last <= first.base_at:
        return
    if first.base_at is None or last - first.base_at > 2 * step:
        _fill_back(batch, last, step, this)
        return
    span = window.length if first.objective.calendar is None else last - window.starts_at
    if span > timedelta(0):
        _sum_whole(batch, last, span, step, this)


def _sum_whole(
    batch: list[ReadingWork], last: datetime, span: timedelta, step: timedelta, this: RefreshRound
) -> None:
    names = [one.objective.slug for one in batch]
    ask = this.measurements.sums
    whole = ask(objectives=names, until=last, span=span, every=this.every)
    recent = ask(objectives=names, until=last, span=step, every=this.every)
    for one in batch:
        slug = one.objective.slug
        one.base, one.base_at = whole.get(slug, Sums()), last
        if recent.get(slug, Sums()).samples > 0:
            point = rules.point(objective=one.objective, sums=one.base, at=last, scale=this.scale)
            one.points.append(point)


def _fill_back(
    batch: list[ReadingWork], last: datetime, step: timedelta, this: RefreshRound
) -> None:
    """Read the history that is missing: since the last point, or a whole window of it."""
    objective = batch[0].objective
    window = rules.window_at(objective=objective, at=last, scale=this.scale)
    since = max(batch[0].base_at or last - window.length, last - window.length) + step
    before = rules.window_at(objective=objective, at=since, scale=this.scale).starts_at
    found = this.measurements.cells(
        objectives=[one.objective.slug for one in batch],
        first=grid(at=before, step=step) + step,
        last=last,
        step=step,
        every=this.every,
    )
    for one in batch:
        cells = found.get(one.objective.slug, ())
        line = rules.points(
            objective=one.objective, cells=cells, step=step, since=since, scale=this.scale
        )
        one.points = list(line)
        inside = (sums for at, sums in cells if at - step / 2 > window.starts_at)
        one.base, one.base_at = sum(inside, Sums()), last


def _measure(batch: list[ReadingWork], this: RefreshRound) -> Mapping[int, Budget]:
    """Return the budget of every objective that something is recorded of."""
    names = [one.objective.slug for one in batch]
    came, went = _since_base(batch, names, this)
    ratios = this.measurements.ratios(objectives=names, at=this.at)
    found = {}
    for one in batch:
        slug = one.objective.slug
        started = _base_in_window(one, this)
        sums = started + came.get(slug, Sums()) - went.get(slug, Sums())
        if not all(map(math.isfinite, (sums.bad, sums.total))):
            one.error, one.base_at = _NOT_A_NUMBER, None
        elif sums.samples <= 0:
            one.error = _NOTHING
        else:
            found[one.pk] = rules.measure(
                objective=one.objective,
                sums=sums,
                ratios=ratios.get(slug, {}),
                at=this.at,
                every=this.every,
                scale=this.scale,
            )
    return found


def _base_in_window(one: ReadingWork, this: RefreshRound) -> Sums:
    """Return the stored sum, or nothing where a calendar period has begun since."""
    window = rules.window_at(objective=one.objective, at=this.at, scale=this.scale)
    if one.objective.calendar and (one.base_at is None or one.base_at <= window.starts_at):
        return Sums()
    return one.base


def _since_base(
    batch: list[ReadingWork], names: list[str], this: RefreshRound
) -> tuple[Mapping[str, Sums], Mapping[str, Sums]]:
    """Return what came since the stored sum, and what has left the window since."""
    window = rules.window_at(objective=batch[0].objective, at=this.at, scale=this.scale)
    since = batch[0].base_at or window.starts_at
    is_rolling = batch[0].objective.calendar is None
    span = this.at - (since if is_rolling else max(since, window.starts_at))
    if span <= timedelta(0):
        return {}, {}
    ask = this.measurements.sums
    came = ask(objectives=names, until=this.at, span=span, every=this.every)
    if not is_rolling:
        return came, {}
    return came, ask(objectives=names, until=window.starts_at, span=span, every=this.every)


def _store(
    batch: list[ReadingWork],
    found: Mapping[int, Budget],
    followed: Mapping[str, losses.FollowedLosses],
    this: RefreshRound,
) -> None:
    for one in batch:
        one.reading.followed = followed[one.objective.slug].memory
        _note(one, found.get(one.pk), this)
    _store_points(batch, this)
    with transaction.atomic():
        BudgetReading.objects.bulk_create(
            [one.reading for one in batch],
            update_conflicts=True,
            unique_fields=["objective"],
            update_fields=_FIELDS,
        )
        losses.store({one.pk: followed[one.objective.slug] for one in batch})


def _store_points(batch: Sequence[ReadingWork], this: RefreshRound) -> None:
    """Store points a few at a time: SQLite has one writer, and a page may want its place.

    They come before the readings, so that a round that breaks here finds them missing again.
    """
    rows = [
        {
            "objective_id": one.pk,
            "at": point.at,
            "left": point.left,
            "availability": point.availability,
        }
        for one in batch
        for point in one.points
        if math.isfinite(point.left)
    ]
    for first in range(0, len(rows), MOST_ROWS):
        with transaction.atomic():
            bulk.insert(BudgetPoint, rows[first : first + MOST_ROWS], ignore_conflicts=True)
        this.pause(GAP)


def _note(one: ReadingWork, budget: Budget | None, this: RefreshRound) -> None:
    row = one.reading
    row.pk = None  # inserted or, where there is one of the objective, updated
    row.tried_at, row.error = this.now, one.error
    row.basis, row.base_at = _basis(one.objective, this.scale), one.base_at
    base = one.base if one.base_at is not None else Sums()
    row.base_bad, row.base_total, row.base_samples = base.bad, base.total, base.samples
    if budget is None:
        return
    row.source = this.measurements.source[:500]
    row.read_at, row.left, row.covered = budget.at, float(budget.left), float(budget.covered)
    row.window_starts_at, row.window_ends_at = budget.window.starts_at, budget.window.ends_at
    row.bad, row.total = float(budget.bad), float(budget.total)
    row.expected_total = _float(budget.expected_total)
    row.target_ppm, row.allowed_seconds = budget.target_ppm, budget.allowed.total_seconds()
    row.availability = _float(budget.availability)
    row.burn = {name: float(rate) for name, rate in budget.burn.items()}
    row.exhausts_at, row.notes = budget.exhausts_at, list(budget.notes)


def _fail(batch: Sequence[ReadingWork], error: str, this: RefreshRound) -> None:
    """Keep the last values of objectives, and say since when and why nothing newer is known."""
    rows = [
        BudgetReading(objective_id=one.pk, tried_at=this.now, error=error[:2000]) for one in batch
    ]
    BudgetReading.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["objective"],
        update_fields=["tried_at", "error"],
    )


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


_FIELDS = [
    one.name
    for one in BudgetReading._meta.concrete_fields  # noqa: SLF001 - documented
    if one.name not in ("id", "objective")
]
