"""Whom messages reached: said of what became of them, never of what was meant to be sent."""

from collections.abc import Iterable

from andon.core.words import say_list
from andon.paging.types import NotificationState, Told

_ON_THE_WAY = (NotificationState.PENDING, NotificationState.SENDING)


def say_reached(*, told: Iterable[Told]) -> str:
    """Return to whom something was handed over and to whom nothing was, in sentences.

    Handed over means that their server took it: nobody knows who reads. Empty without messages.
    """
    states: dict[str, set[NotificationState]] = {}
    for one in told:
        if one.purpose != "resolved":
            states.setdefault(one.whom, set()).add(one.state)
    sent = [whom for whom, found in states.items() if NotificationState.SENT in found]
    waiting = [whom for whom, found in states.items() if whom not in sent and _waits(found)]
    failed = [
        whom
        for whom, found in states.items()
        if whom not in (*sent, *waiting) and NotificationState.FAILED in found
    ]
    said = [f"Handed over for {say_list(sent)}."] if sent else []
    said += [f"Nothing has left yet for {say_list(waiting)}."] if waiting else []
    said += [f"Nothing could be handed over for {say_list(failed)}."] if failed else []
    return " ".join(said)


def _waits(found: set[NotificationState]) -> bool:
    return any(state in found for state in _ON_THE_WAY)
