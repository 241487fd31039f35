"""What is said about messages that cannot be handed over."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from andon.core.words import say_list
from andon.paging.types import Fault, Undelivered
from andon.people.types import CONTACT_KINDS

#: How long a fault lasts before somebody is told: a hiccup wakes nobody.
_ALARM_AFTER = {
    Fault.INSTALLATION: timedelta(seconds=10),
    Fault.MESSAGE: timedelta(seconds=10),
    Fault.TEMPORARY: timedelta(minutes=5),
}
_SAID = {
    Fault.RECIPIENT: "are refused for their address",
    Fault.MESSAGE: "are refused for what they say",
    Fault.INSTALLATION: "cannot be sent",
    Fault.TEMPORARY: "are put off again and again",
}


def is_alarming(*, fault: Fault, since: datetime, now: datetime) -> bool:
    """Return whether messages have failed by such a fault for so long that somebody must be told.

    A recipient's fault is no alarm: the address is marked, and the page has gone on.
    """
    return now - since >= _ALARM_AFTER.get(fault, timedelta.max)


def say_waiting(*, kind: str, to: Sequence[str], error: str) -> str:
    """Return what a page's trail says when a message has to wait for something of ours."""
    return (
        f"The {called(kind=kind)} to {_names(to)} cannot be sent: {error}. No address is blamed; "
        "it is tried again while the page is open"
    )


def say_left(*, kind: str, to: Sequence[str], since: datetime) -> str:
    """Return what a page's trail says when such a message has left at last."""
    what, whom = called(kind=kind), _names(to)
    return f"The {what} to {whom} has left; it could not be sent since {_clock(since)}"


def say_failing(*, failing: Undelivered) -> str:
    """Return one sentence about messages of a kind that cannot be sent, fit for strangers."""
    what = f"Some {many(kind=failing.kind)} {_SAID[failing.fault]}"
    found = CONTACT_KINDS.get(failing.kind)
    if failing.fault is Fault.INSTALLATION and found is not None and found.server:
        what = f"{found.one[:1].upper()}{found.one[1:]} cannot be sent"
    waits = "1 message waits" if failing.waiting == 1 else f"{failing.waiting} messages wait"
    return f"{what} since {_clock(failing.since)}; {waits}"


def say_unreached(*, pages: int, since: datetime) -> str:
    """Return one sentence about pages of which nobody has been told, fit for strangers."""
    some = "1 page is" if pages == 1 else f"{pages} pages are"
    return f"{some} not known to have reached anybody since {_clock(since)}"


def many(*, kind: str) -> str:
    """Return what messages of a kind are called."""
    found = CONTACT_KINDS.get(kind)
    return found.many if found else f"messages of kind {kind}"


def called(*, kind: str) -> str:
    """Return what a message of a kind is called."""
    found = CONTACT_KINDS.get(kind)
    return found.one if found else f"message of kind {kind}"


def _names(people: Collection[str]) -> str:
    return say_list(sorted(set(people)))


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
