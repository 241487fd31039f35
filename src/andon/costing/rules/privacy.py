"""Who may see what a person is paid: that person, staff, and who holds the budget it came from."""

from dataclasses import replace
from datetime import UTC, datetime, time

from andon.costing.types import Books, Callout, CalloutLine, Kind, Posting, Viewer

#: Kinds that are about one person's pay or hours of work.
_PERSONAL = frozenset((Kind.STANDBY, Kind.CALLOUT, Kind.RESPONSE))
HIDDEN = "whose pay this is, that person, staff and the budget holder may see"


def may_see_pay(*, viewer: Viewer, person_id: int | None, budget_holder_id: int | None) -> bool:
    """Return whether a reader may see a posting as a person's pay."""
    if viewer.is_staff or person_id is None:
        return True
    return viewer.person_id is not None and viewer.person_id in (person_id, budget_holder_id)


def may_see_load(*, viewer: Viewer, person_id: int | None) -> bool:
    """Return whether a reader may see what somebody carried: that person and staff."""
    return viewer.is_staff or (person_id is not None and viewer.person_id == person_id)


def veiled_callout(*, callout: Callout) -> Callout:
    """Return what a callout costs without whose pay it is and how it was worked out."""
    return replace(callout, lines=(CalloutLine(whom="", reason=HIDDEN, pay=callout.total),))


def veiled(*, posting: Posting) -> Posting:
    """Return a posting without what tells whose pay it is: amount, service, team and month stay.

    Who was on call for a rota at a time, and who took an incident, everybody can look up: so the
    rota, the incident and every exact time go too. A `uid` holds the time it was made at.
    """
    if posting.kind not in _PERSONAL:
        return posting
    return replace(
        posting,
        uid="",
        reversal_of=None if posting.reversal_of is None else "",
        posted_at=datetime.combine(posting.booked, time(0), UTC),
        person=None,
        rota=None,
        incident=None,
        period=Books.month_of(posting.month).period("UTC"),
        reason=HIDDEN,
        evidence="",
    )
