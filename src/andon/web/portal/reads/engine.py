"""How the engine is: when each stage last ran, and whether that is too long ago."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from andon.alerts import queries as alerts
from andon.core import aside, beats, nodes, process
from andon.core.beats import Beat
from andon.core.nodes import RunningNode
from andon.core.trouble import Trouble
from andon.paging import queries as paging


@dataclass(frozen=True, slots=True)
class Health:
    """The engine's stages in order, the processes seen, and what to say about it all."""

    beats: tuple[Beat, ...]
    nodes: tuple[RunningNode, ...]
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
    return Health(
        beats=tuple(
            replace(one, stage=one.stage.replace("_", " ")) for one in beats.list_beats(now=now)
        ),
        nodes=tuple(nodes.list_seen(since=now - timedelta(days=1))),
        troubles=(
            *process.troubles(),
            *paging.troubles(now=now),
            *aside.troubles(),
            *alerts.troubles(now=now),
        ),
    )
