"""Time to restore to target: from the loss of an availability target until it is met again.

A measurement is the share of bad events of the `window` before it. The target is lost when `k1` of
them in a row miss it, and regained when `k2` in a row meet it; both are stamped with the start of
the first one's window. So a loss is never stamped after the fault that caused it, and at most one
window before. Measurements with too few events say nothing either way; across a gap nothing is in a
row, and a target that was lost stays lost until it is seen to be met.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from andon.budgets.types import Sample

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
    walk = _Walk(state, parameters)
    for sample in sorted(samples, key=lambda one: one.at):
        if walk.until is None or sample.at > walk.until:
            walk.take(sample, target_at(sample.at))
    return State(walk.until, walk.lost_at, walk.streak, walk.since), tuple(walk.losses.values())


def misses(*, sample: Sample, target_ppm: int) -> bool:
    """Return whether a measurement misses a target; one that just meets it does not."""
    return sample.bad > sample.total * _limit(target_ppm)


@lru_cache(maxsize=256)
def _limit(target_ppm: int) -> float:
    return float(Decimal(1_000_000 - target_ppm) / 1_000_000) + _TOLERANCE


class _Walk:
    """A state that goes from measurement to measurement."""

    __slots__ = ("_gap", "_least", "_parameters", "losses", "lost_at", "since", "streak", "until")

    def __init__(self, state: State, parameters: Parameters) -> None:
        self.until, self.lost_at = state.until, state.lost_at
        self.streak, self.since = state.streak, state.since
        self.losses: dict[datetime, Loss] = {}
        self._parameters = parameters
        self._gap = 3 * parameters.every
        self._least = parameters.least_events / parameters.window.total_seconds()

    def take(self, sample: Sample, target_ppm: int) -> None:
        """Go on to the next measurement."""
        if self.until is not None and sample.at - self.until > self._gap:
            self.streak, self.since = 0, None
        self.until = sample.at
        if sample.total <= 0 or sample.total < self._least:
            return
        missed = misses(sample=sample, target_ppm=target_ppm)
        if missed is (self.lost_at is not None):
            self.streak, self.since = 0, None
        else:
            self._against(sample.at, missed=missed)

    def _against(self, at: datetime, *, missed: bool) -> None:
        """Note a measurement that says the opposite of the state, and turn when it is enough."""
        self.since = self.since or at - self._parameters.window
        self.streak += 1
        if self.streak < (self._parameters.k1 if missed else self._parameters.k2):
            return
        lost_at = self.since if self.lost_at is None else self.lost_at
        self.losses[lost_at] = Loss(lost_at, None if missed else self.since)
        self.lost_at = lost_at if missed else None
        self.streak, self.since = 0, None
