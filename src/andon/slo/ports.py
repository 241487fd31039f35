"""What budgets need from outside: recorded measurements, asked for many objectives at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from andon.slo.types import Sample, Sums


class UnableToMeasure(Exception):
    """The measurements could not be read; the message names the source and says why.

    `too_much` says that fewer objectives, or less time, at once may be answered; `down` that the
    source as a whole does not answer, so that the next question need not be asked.
    """

    def __init__(self, message: str, *, too_much: bool = False, down: bool = False) -> None:
        super().__init__(message)
        self.too_much = too_much
        self.down = down


class Deployments(Protocol):
    """Reads when services were deployed. Raises UnableToMeasure."""

    def deployed(
        self,
        *,
        query: str,
        services: Sequence[str],
        first: datetime,
        last: datetime,
        step: timedelta,
    ) -> Mapping[str, Sequence[datetime]]:
        """Return the instants, in order, at which a query was above 0, by the slug of a service.

        Looked at is every step from `first` to `last`, both included. `$service` in the query
        stands for each of the services (`slo.documents.deployments`).
        """
        ...


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
