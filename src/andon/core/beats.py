"""The heartbeat of each stage and duty: written at most once a second, in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import andon
from andon.core import masking, nodes
from andon.core.models import StageBeat

#: The engine goes round at least once a second; a stage silent for this long is stuck or gone.
STALE_AFTER = timedelta(seconds=30)
#: What has failed this often in a row is not just unlucky.
FAILING_AFTER = 3
_EVERY = timedelta(seconds=1)
_NODE_EVERY = timedelta(seconds=20)
_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Beat:
    """The last turn of a stage or a duty, on whatever node, and how it went."""

    stage: str
    node: str
    finished_at: datetime | None
    #: Since it finished; None when it never did.
    age: timedelta | None
    took_ms: int
    handled: int
    failures: int
    error: str

    @property
    def state(self) -> str:
        """Return `never`, `stale`, `failed` or `fresh`."""
        if self.age is None:
            return "never"
        if self.age > STALE_AFTER:
            return "stale"
        return "failed" if self.error else "fresh"


@dataclass(slots=True)
class Noted:
    """How a stage's last turn went, and what it has done since this engine started."""

    started_at: datetime
    took_ms: int = 0
    handled: int = 0
    failures: int = 0
    error: str = ""


def list_beats(*, now: datetime) -> list[Beat]:
    """Return what every stage and duty did last, by name. One query."""
    return [_beat(row, now) for row in StageBeat.objects.order_by("stage")]


def say_alive(*, stage: str, node: str, every: timedelta, now: datetime) -> None:
    """Renew a beat that is older than `every`, if the last turn was this node's."""
    rows = StageBeat.objects.filter(stage=stage, node=node)
    if rows.filter(finished_at__lt=now - every).exists():
        rows.update(finished_at=now)


def take_away(*, stage: str, node: str) -> None:
    """Take a node's beat away: what was ended on purpose is not missing."""
    StageBeat.objects.filter(stage=stage, node=node).delete()


def forget(*, before: datetime) -> None:
    """Throw away the beats of what has not begun a turn since."""
    StageBeat.objects.filter(started_at__lt=before).delete()


def _beat(row: StageBeat, now: datetime) -> Beat:
    return Beat(
        stage=row.stage,
        node=row.node,
        finished_at=row.finished_at,
        age=max(timedelta(), now - row.finished_at) if row.finished_at else None,
        took_ms=row.took_ms,
        handled=row.handled,
        failures=row.failures,
        error=masking.text(row.error),
    )


class Beats:
    """Collects what stages did and writes it down."""

    def __init__(self, *, node: str) -> None:
        self._node = node
        self._beats: dict[str, Noted] = {}
        self._written_at: datetime | None = None
        self._node_at: datetime | None = None

    def note(
        self, stage: str, *, started_at: datetime, took_ms: int, handled: int, error: str = ""
    ) -> None:
        """Remember a stage's turn."""
        beat = self._beats.setdefault(stage, Noted(started_at))
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
            nodes.note_seen(name=self._node, now=now)
            self._node_at = now

    def _is_due(self, last: datetime | None, every: timedelta, now: datetime) -> bool:
        return last is None or not last <= now < last + every
