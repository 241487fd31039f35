"""How the engine is: when each stage last ran, and whether that is too long ago."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from andon.alerts import queries as alerts
from andon.core import aside, masking, process
from andon.core.models import Node, StageBeat
from andon.core.trouble import Trouble
from andon.paging import queries as paging

#: The engine goes round at least once a second; a stage that finished longer ago is stuck.
STALE_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Beat:
    """One stage's last run."""

    stage: str
    node: str
    finished_at: datetime | None
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


@dataclass(frozen=True, slots=True)
class Health:
    """The engine's stages in order, the processes seen, and what to say about it all."""

    beats: tuple[Beat, ...]
    nodes: tuple[Node, ...]
    #: What somebody has to mend besides.
    troubles: tuple[Trouble, ...] = ()

    @property
    def ill(self) -> tuple[Beat, ...]:
        """Return the stages that are not fresh."""
        return tuple(beat for beat in self.beats if beat.state != "fresh")

    @property
    def state(self) -> str:
        """Return the whole in one word, as `Beat.state` does; what does not get through failed."""
        if not self.beats:
            return "never"
        if any(beat.state in ("stale", "never") for beat in self.beats):
            return "stale"
        return "failed" if self.ill or self.troubles else "fresh"

    @property
    def words(self) -> str:
        """Return the whole in one sentence."""
        if not self.beats:
            return "The engine has never run: nobody is being paged."
        if self.ill:
            return f"{len(self.ill)} of {len(self.beats)} stages need a look: paging may be late."
        if self.troubles:
            return "Every stage of the engine is running, but not everything gets through."
        return f"All {len(self.beats)} stages of the engine are running."


def health(*, now: datetime) -> Health:
    """Return how the engine is."""
    beats = StageBeat.objects.order_by("stage")
    seen = Node.objects.filter(seen_at__gte=now - timedelta(days=1)).order_by("-seen_at")[:20]
    return Health(
        beats=tuple(_beat(row, now) for row in beats),
        nodes=tuple(seen),
        troubles=(
            *process.troubles(),
            *paging.troubles(now=now),
            *aside.troubles(),
            *alerts.troubles(now=now),
        ),
    )


def _beat(row: StageBeat, now: datetime) -> Beat:
    return Beat(
        stage=row.stage.replace("_", " "),
        node=row.node,
        finished_at=row.finished_at,
        age=now - row.finished_at if row.finished_at else None,
        took_ms=row.took_ms,
        handled=row.handled,
        failures=row.failures,
        error=masking.text(row.error),
    )
