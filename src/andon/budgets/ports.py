"""What budgets need from outside: recorded measurements, asked for many objectives at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from andon.budgets.types import Sample, Sums


class Measurements(Protocol):
    """Reads what the generated rules record. Everything raises UnableToMeasure.

    Objectives are slugs; one that nothing is recorded of is missing in the answer. `every` is how
    often a measurement is recorded. Periods do not hold their start and hold their end.
    """

    @property
    def source(self) -> str:
        """Return where measurements come from, as it may be shown."""
        ...

    def sums(
        self, *, objectives: Sequence[str], until: datetime, span: timedelta, every: timedelta
    ) -> Mapping[str, Sums]:
        """Return what the time `span` before `until` held."""
        ...

    def cells(
        self,
        *,
        objectives: Sequence[str],
        first: datetime,
        last: datetime,
        step: timedelta,
        every: timedelta,
    ) -> Mapping[str, Sequence[tuple[datetime, Sums]]]:
        """Return what each step held, named by its end, from `first` to `last`, both included."""
        ...

    def ratios(
        self, *, objectives: Sequence[str], at: datetime
    ) -> Mapping[str, Mapping[str, float]]:
        """Return the recorded shares of bad events, by the name of their window (`1h`)."""
        ...

    def samples(
        self, *, objectives: Sequence[str], until: datetime, span: timedelta
    ) -> Mapping[str, Sequence[Sample]]:
        """Return every measurement of a stretch of time, in order."""
        ...
