"""The list of rotas."""

from collections.abc import Callable, Mapping
from datetime import datetime

from andon.catalogue.types import RotaCovers
from andon.oncall.types import OnCallNow
from andon.web.portal.listing import MINE, Column, Filter, Listing
from andon.web.portal.reads.lists import filters

#: state -> how it is called, and what is true of a rota in it. A gap is nobody where somebody
#: should be.
_STATES: Mapping[str, tuple[str, Callable[[OnCallNow], bool]]] = {
    "somebody": ("somebody", lambda now: now.shift is not None),
    "nobody": ("nobody", lambda now: now.shift is None),
    "gap": ("nobody, though it is asked", lambda now: now.is_gap),
}


def rotas() -> Listing:
    """Return what the list of rotas can do."""
    return Listing(
        noun="rota",
        nouns="rotas",
        usual="rota",
        columns=(
            Column(name="rota", title="Rota"),
            Column(name="on-call", title="On call", key=lambda row: row.name.lower() or None),
            Column(name="until", title="Until", key=lambda row: _until(row.now)),
            Column(name="then", title="Then", key=lambda row: row.next_name.lower() or None),
            Column(name="answers", title="Answers"),
        ),
        filters=(
            Filter(
                name="state",
                title="On call now",
                choices=[(value, words) for value, (words, _) in _STATES.items()],
                keep=lambda row, state: _STATES[state][1](row.now),
            ),
            Filter(
                name="answers",
                title="Answers",
                choices=[(str(one), str(one)) for one in RotaCovers],
            ),
            filters.team(),
            filters.domain(),
            MINE,
        ),
    )


def _until(now: OnCallNow) -> datetime | None:
    """Return until when somebody has a rota; until when nobody has, if nobody does."""
    if now.shift:
        return now.until
    return now.following.period.starts_at if now.following else None
