"""The heartbeat of each stage: written at most once a second, in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import andon
from andon.core import masking
from andon.core.models import Node, StageBeat

_EVERY = timedelta(seconds=1)
_NODE_EVERY = timedelta(seconds=20)
_ERROR = 2000


@dataclass(slots=True)
class Beat:
    """How a stage's last turn went, and what it has done since this engine started."""

    started_at: datetime
    took_ms: int = 0
    handled: int = 0
    failures: int = 0
    error: str = ""


class Beats:
    """Collects what stages did and writes it down."""

    def __init__(self, *, node: str) -> None:
        self._node = node
        self._beats: dict[str, Beat] = {}
        self._written_at: datetime | None = None
        self._node_at: datetime | None = None

    def note(
        self, stage: str, *, started_at: datetime, took_ms: int, handled: int, error: str = ""
    ) -> None:
        """Remember a stage's turn."""
        beat = self._beats.setdefault(stage, Beat(started_at))
        beat.started_at, beat.took_ms = started_at, took_ms
        beat.handled += handled
        beat.failures = beat.failures + 1 if error else 0
        # What went wrong may name an address or a key, and everybody reads how the engine is.
        beat.error = masking.text(error)[:_ERROR]

    def is_worth_a_line(self, stage: str) -> bool:
        """Return whether to log that a stage failed again: the 1st, 2nd, 4th, 8th... in a row."""
        beat = self._beats.get(stage)
        failures = beat.failures + 1 if beat is not None else 1
        return failures & (failures - 1) == 0

    def write(self, *, now: datetime, force: bool = False) -> None:
        """Write all beats down if the last time is long enough ago."""
        if not self._is_due(self._written_at, _EVERY, now) and not force:
            return
        StageBeat.objects.bulk_create(
            [
                StageBeat(
                    stage=stage,
                    node=self._node,
                    version=andon.__version__,
                    started_at=beat.started_at,
                    finished_at=now,
                    took_ms=beat.took_ms,
                    handled=beat.handled,
                    failures=beat.failures,
                    error=beat.error,
                )
                for stage, beat in sorted(self._beats.items())
            ],
            update_conflicts=True,
            unique_fields=["stage"],
            update_fields=[
                "node", "version", "started_at", "finished_at",
                "took_ms", "handled", "failures", "error",
            ],
        )  # fmt: skip
        self._written_at = now
        if self._is_due(self._node_at, _NODE_EVERY, now):
            Node.objects.filter(name=self._node).update(seen_at=now)
            self._node_at = now

    def _is_due(self, last: datetime | None, every: timedelta, now: datetime) -> bool:
        return last is None or not last <= now < last + every
