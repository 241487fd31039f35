"""Time to restore to target: from the loss of an availability target until it is met again.

A measurement is the share of bad events of the `window` before it. The target is lost when `k1` of
them in a row miss it, and regained when `k2` in a row meet it; both are stamped with the start of
the first one's window. So a loss is never stamped after the fault that caused it, and at most one
window before. Measurements with too few events say nothing either way; across a gap nothing is in a
row, and a target that was lost stays lost until it is seen to be met.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

#: Ratios are of floating point: a miss by less than this is none.
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Parameters:
    """How a loss is told from noise; stored with each, since they may change."""

    window: timedelta = timedelta(minutes=5)
    #: How often there is a measurement; three times as long without one is a gap.
    every: timedelta = timedelta(minutes=1)
    #: Events a window must hold to count; 0 where time is counted.
    least_events: float = 10
    k1: int = 2
    k2: int = 2

    @property
    def method(self) -> str:
        """Return the name under which losses are stored."""
        return "sliding-window"

    def document(self) -> dict[str, float]:
        """Return them as they are stored; lengths in seconds."""
        return {
            "window": self.window.total_seconds(),
            "every": self.every.total_seconds(),
            "least_events": self.least_events,
            "k1": self.k1,
            "k2": self.k2,
        }


@dataclass(frozen=True, slots=True)
class Sample:
    """Bad and all events per second over the window that ends at an instant."""

    at: datetime
    bad: float
    total: float


@dataclass(frozen=True, slots=True)
class State:
    """Where an objective stands between two looks; everything the next look has to know."""

    #: The last measurement that was looked at.
    until: datetime | None = None
    #: Since when the target has been lost; None while it is met.
    lost_at: datetime | None = None
    #: How many measurements in a row have said the opposite, and the stamp they would give.
    streak: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """A target lost, and regained unless `regained_at` is None."""

    lost_at: datetime
    regained_at: datetime | None


def follow(
    *,
    state: State,
    samples: Iterable[Sample],
    target_at: Callable[[datetime], int],
    parameters: Parameters,
) -> tuple[State, tuple[Loss, ...]]:
    """Return the state after some measurements, and the losses that began or ended with them.

    Measurements not after `state.until` are passed over, so the same may be given twice.
    """
    changed: dict[datetime, Loss] = {}
    for sample in sorted(samples, key=lambda one: one.at):
        if state.until is not None and sample.at <= state.until:
            continue
        state, loss = _step(state, sample, target_at(sample.at), parameters)
        if loss is not None:
            changed[loss.lost_at] = loss
    return state, tuple(changed.values())


def misses(*, sample: Sample, target_ppm: int) -> bool:
    """Return whether a measurement misses a target; one that just meets it does not."""
    allowed = float(Decimal(1_000_000 - target_ppm) / 1_000_000)
    return sample.bad > sample.total * (allowed + _TOLERANCE)


def _step(
    state: State, sample: Sample, target_ppm: int, parameters: Parameters
) -> tuple[State, Loss | None]:
    if state.until is not None and sample.at - state.until > 3 * parameters.every:
        state = replace(state, streak=0, since=None)
    state = replace(state, until=sample.at)
    if _is_silent(sample, parameters):
        return state, None
    missed = misses(sample=sample, target_ppm=target_ppm)
    if missed is (state.lost_at is not None):
        return replace(state, streak=0, since=None), None
    since = state.since or sample.at - parameters.window
    streak = state.streak + 1
    if streak < (parameters.k1 if missed else parameters.k2):
        return replace(state, streak=streak, since=since), None
    return _turn(state, since, missed=missed)


def _turn(state: State, since: datetime, *, missed: bool) -> tuple[State, Loss | None]:
    if missed:
        return State(state.until, lost_at=since), Loss(since, None)
    assert state.lost_at is not None  # noqa: S101 - only what was lost is regained
    return State(state.until), Loss(state.lost_at, since)


def _is_silent(sample: Sample, parameters: Parameters) -> bool:
    events = sample.total * parameters.window.total_seconds()
    return sample.total <= 0 or events < parameters.least_events
