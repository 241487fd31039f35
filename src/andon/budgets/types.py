"""The values budgets speak in: what was measured."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sums:
    """What a stretch of time held: bad and all events (or seconds), and how many measurements."""

    bad: float = 0.0
    total: float = 0.0
    samples: float = 0.0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.bad + other.bad, self.total + other.total, self.samples + other.samples)

    def __sub__(self, other: "Sums") -> "Sums":
        """Return the rest; below zero is only the rounding of large sums."""
        return Sums(
            max(self.bad - other.bad, 0.0),
            max(self.total - other.total, 0.0),
            max(self.samples - other.samples, 0.0),
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """Bad and all events per second over the window that ends at an instant."""

    at: datetime
    bad: float
    total: float
