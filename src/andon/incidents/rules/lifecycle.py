"""What may be done to an incident, and where it stands after its pages moved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from andon.incidents.types import (
    ACTIVE_STATES,
    Act,
    ChangeLine,
    Followed,
    IncidentState,
    PageFacts,
    Standing,
)

_ACTIVE = frozenset(ACTIVE_STATES)
_OVER = frozenset({IncidentState.RESTORED, IncidentState.CLOSED})
_FROM = {
    Act.ACKNOWLEDGE: _ACTIVE,
    Act.NOTE: _ACTIVE | _OVER,
    Act.RESOLVE: _ACTIVE,
    Act.REOPEN: _OVER,
    Act.CLOSE: frozenset({IncidentState.RESTORED}),
}
_WHY_NOT = {
    IncidentState.OPEN: "it is still open",
    IncidentState.ACKNOWLEDGED: "it is still going on",
    IncidentState.RESTORED: "availability is already restored",
    IncidentState.CLOSED: "it is closed",
}


def allowed(*, state: IncidentState) -> tuple[Act, ...]:
    """Return what a person may do to an incident in this state, for buttons and menus."""
    return tuple(act for act, states in _FROM.items() if state in states)


def refusal(*, act: Act, state: IncidentState, unacknowledged_pages: int = 0) -> str | None:
    """Return why an act is refused in this state, or None when it may go ahead.

    A later page of an acknowledged incident can be unanswered: then acknowledging still helps.
    """
    if state not in _FROM[act]:
        return _WHY_NOT[state]
    if act is Act.ACKNOWLEDGE and state is IncidentState.ACKNOWLEDGED and not unacknowledged_pages:
        return "it is already acknowledged"
    return None


def follow(*, standing: Standing, pages: Sequence[PageFacts], now: datetime) -> Followed:
    """Return where an incident stands given all its pages, and what to write down about it.

    Looks at the pages as they are, not at events, so running it twice changes nothing. Reopening
    makes the pages that had ended `past`: only what happens later can acknowledge or restore it.
    """
    changes: list[ChangeLine] = []
    open_pages = [page for page in pages if page.is_open]
    current = [page for page in pages if page.is_open or not page.is_past]
    after = replace(
        standing,
        started_at=min([standing.started_at, *(page.started_at for page in pages)]),
        held_until=_held_until(open_pages),
    )
    if open_pages and after.state not in _ACTIVE:
        current = open_pages
        after = reopened(standing=after, now=now)
        changes.append(
            ChangeLine("reopened", "The problem is back: one of its pages opened again.")
        )
    if after.state is IncidentState.ACKNOWLEDGED and after.acknowledged_by_sender:
        after = _lapsed(after, current, changes)
    if after.state is IncidentState.OPEN:
        after = _acknowledged(after, current, changes)
    if after.state in _ACTIVE and current and not open_pages:
        after = _restored(after, current, changes, now)
    if after.held_until and after.held_until != standing.held_until:
        # Until when, and on whose clock, stands in the decision about its page.
        changes.append(ChangeLine("held", "Held: nobody is paged before working hours begin."))
    past = frozenset(page.id for page in pages) - {page.id for page in current}
    return Followed(after, tuple(changes), past)


def reopened(*, standing: Standing, now: datetime) -> Standing:
    """Return an incident that was over as it stands when it goes on.

    Its clock never stopped: reopening says that availability had not really come back.
    """
    return replace(
        standing,
        state=IncidentState.OPEN,
        restored_at=None,
        restored_by="",
        closed_at=None,
        reopened_at=now,
    )


def _held_until(open_pages: Sequence[PageFacts]) -> datetime | None:
    held = [page.held_until for page in open_pages if page.held_until is not None]
    return min(held) if held and len(held) == len(open_pages) else None


def _acknowledged(
    standing: Standing, pages: Sequence[PageFacts], changes: list[ChangeLine]
) -> Standing:
    taken = _taken(pages)
    if not taken:
        return standing
    # A person counts before any sender: somebody is really there.
    at, page = min(taken, key=lambda pair: (pair[1].acknowledged_by_sender, pair[0]))
    by = page.acknowledged_by
    changes.append(ChangeLine("acknowledged", f"{by or 'Somebody'} is looking at it.", by))
    state = replace(standing, state=IncidentState.ACKNOWLEDGED)
    if standing.acknowledged_at is not None:
        return state  # after a reopening: the first acknowledgement is the one that was timed
    return replace(
        state,
        acknowledged_at=at,
        acknowledged_by=by,
        acknowledged_person_id=page.acknowledged_person_id,
        acknowledged_by_sender=page.acknowledged_by_sender,
    )


def _taken(pages: Sequence[PageFacts]) -> list[tuple[datetime, PageFacts]]:
    """Return the pages that somebody has taken, and when.

    What a sender said of a page that is over says nothing of those that are open.
    """
    is_open = any(page.is_open for page in pages)
    return [
        (page.acknowledged_at, page)
        for page in pages
        if page.acknowledged_at is not None
        and (page.is_open or not is_open or not page.acknowledged_by_sender)
    ]


def _lapsed(standing: Standing, pages: Sequence[PageFacts], changes: list[ChangeLine]) -> Standing:
    """Return an incident that senders had taken without what no longer holds of that.

    A person who has taken one of its pages since takes their place; a page that nobody has taken
    any more makes it open again.
    """
    taken = [page for _, page in _taken(pages)]
    if not pages or (taken and all(page.acknowledged_by_sender for page in taken)):
        return standing
    if not taken:
        text = "Nobody has it any more: its sender's acknowledgement no longer holds."
        changes.append(ChangeLine("unacknowledged", text))
    return replace(
        standing,
        state=IncidentState.OPEN,
        acknowledged_at=None,
        acknowledged_by="",
        acknowledged_person_id=None,
        acknowledged_by_sender=False,
    )


def _restored(
    standing: Standing, pages: Sequence[PageFacts], changes: list[ChangeLine], now: datetime
) -> Standing:
    last = max(pages, key=lambda page: page.resolved_at or now)
    changes.append(ChangeLine("restored", "Restored: the last alert resolved.", last.resolved_by))
    return replace(
        standing,
        state=IncidentState.RESTORED,
        restored_at=min(max(last.resolved_at or now, standing.started_at), now),
        restored_by=last.resolved_by,
    )
