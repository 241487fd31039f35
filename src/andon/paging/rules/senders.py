"""What it means for a page that the senders of its alerts say somebody is on it.

A sender speaks for its own alert and for no other. So it takes a page only together with the
senders of all other open alerts on it, and only for as long as that holds.
"""

from collections.abc import Sequence

from andon.alerts.types import KEY_KINDS
from andon.core.words import say_list
from andon.paging.types import UNTAKEN_STATES, Claim, PageState

_GOES_ON = {
    PageState.HELD: "the page stays held",
    PageState.UNANSWERED: "the page stays unanswered",
}


def claim(
    *, state: PageState, by_sender: bool, alerts: int, acknowledged: int, news: bool
) -> Claim:
    """Return what senders' acknowledgements come to for a page in a state.

    `alerts` are those open on it, `acknowledged` those of them that their sender acknowledges.
    `by_sender` says that no person has taken the page, `news` that an acknowledgement just came.
    """
    if not alerts:
        return Claim.NOTHING
    if state in UNTAKEN_STATES:
        if acknowledged == alerts:
            return Claim.TAKE
        return Claim.GO_ON if acknowledged and news else Claim.NOTHING
    taken = state is PageState.ACKNOWLEDGED and by_sender
    return Claim.AGAIN if taken and acknowledged < alerts else Claim.NOTHING


def say_key(*, kind: str, name: str) -> str:
    """Return how a sender is called: `PagerDuty key production`."""
    found = KEY_KINDS.get(kind)
    return f"{found.title if found else kind} key {name}"


def say_sender(*, keys: Sequence[str]) -> str:
    """Return who acknowledged when no person did: `the sender (PagerDuty key production)`."""
    return f"the {'senders' if len(keys) > 1 else 'sender'} ({say_list(keys)})"


def say_claim(
    *, verdict: Claim, state: PageState, keys: Sequence[str], alerts: int, acknowledged: int
) -> str:
    """Return the decision about a page in words."""
    if verdict is Claim.TAKE:
        every = "its alert" if alerts == 1 else f"all {alerts} alerts"
        return f"{say_list(keys)} acknowledged {every}: everything pending is cancelled"
    rest = alerts - acknowledged
    other = "the other" if rest == 1 and acknowledged else f"the other {rest}"
    if not acknowledged:
        none = "the alert" if alerts == 1 else f"any of the {alerts} alerts"
        said = f"No sender acknowledges {none} any more"
    else:
        said = f"{say_list(keys)} acknowledged {acknowledged} of {alerts} alerts"
        said = f"{said}; nobody has acknowledged {other}"
    if verdict is Claim.AGAIN:
        return f"{said}: the page is decided anew, from the first step"
    return f"{said}: {_GOES_ON.get(state, 'paging goes on')}"


def say_taken_at_once(*, keys: Sequence[str], alerts: int) -> str:
    """Return why a new page calls nobody."""
    every = "the alert" if alerts == 1 else f"all {alerts} alerts"
    return f"{say_list(keys)} acknowledged {every} before anybody was paged: nobody is called"
