"""What changes need from outside: when metrics say that services were deployed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol


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
        stands for each of the services (`slo.rules.documents.deployments`).
        """
        ...
