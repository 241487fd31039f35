"""What becomes of a notification: send it, cancel it, write it afresh, try again or give up.

Pure: the jitter comes from the notification's own id, so the same failure gives the same answer.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from andon.core.words import say_span
from andon.paging.types import Fault, NotificationState, PageState, TransportError
from andon.people import rules as people
from andon.people.types import CONTACT_KINDS

#: Put before the text of a message that may have arrived already.
REPEATED = "[may be repeated] "

#: The purpose of a message that only proves that it arrives.
TEST = "test"
#: The purpose of a message that tells somebody of an override which concerns them.
OVERRIDE = "override"

#: A page that is read hours late misleads; so does a notice of recovery, somewhat later.
_USEFUL_LIFE = {
    "resolved": timedelta(minutes=60),
    TEST: timedelta(minutes=1),
    OVERRIDE: timedelta(days=1),
}
_PAGE_LIFE = timedelta(minutes=15)

#: Seconds before a message is repeated of which nobody knows whether it arrived.
_REPEAT_AFTER = 2.0
#: What only we can mend may work again at any moment, so it is asked again soon; a text that was
#: refused will hardly be taken a second later. Seconds before the second attempt, and at most.
_UNTIL_IT_WORKS = {Fault.INSTALLATION: (2.0, 15.0), Fault.MESSAGE: (2.0, 30.0)}
#: Seconds that a server of ours may ask us to wait at most, while a page is open.
_LONGEST_ASKED = 300.0
_WANTED = {
    "page": (PageState.HELD, PageState.PAGING, PageState.UNANSWERED),
    "unanswered": (PageState.UNANSWERED,),
}


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at an instant."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Give up.

    `blames_contact` says that the address itself does not work, `hastens` that the page's next step
    need not wait for this message.
    """

    reason: str
    blames_contact: bool = False
    hastens: bool = True


class Treatment(StrEnum):
    """What to do with a notification whose turn has come."""

    SEND = "send"
    REPEAT = "repeat"
    AFRESH = "afresh"
    CANCEL = "cancel"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What to do with a notification whose turn has come, and why."""

    turn: Treatment
    reason: str = ""


def useful_life(*, purpose: str) -> timedelta:
    """Return how long after its making a notification is still worth reading."""
    return _USEFUL_LIFE.get(purpose, _PAGE_LIFE)


def is_wanted(*, purpose: str, page_state: str | None) -> bool:
    """Return whether a page in this state still needs such a message; a test has no page."""
    states = _WANTED.get(purpose)
    return states is None or page_state in states


def rule(
    *,
    purpose: str,
    page_state: str | None,
    state: str,
    unknowns: int,
    created_at: datetime,
    now: datetime,
) -> Ruling:
    """Decide about a notification whose turn has come.

    `unknowns` counts earlier attempts whose outcome nobody knows. A row found in `sending` was left
    by a worker that died: it may have been sent.
    """
    if not is_wanted(purpose=purpose, page_state=page_state):
        return Ruling(Treatment.CANCEL, f"the page is {page_state}")
    unknowns += state == NotificationState.SENDING
    pages = purpose in _WANTED
    if unknowns > (1 if pages or purpose == OVERRIDE else 0):
        return Ruling(Treatment.FAIL, "nobody knows whether it arrived; not sent again")
    if now - created_at <= useful_life(purpose=purpose):
        return Ruling(Treatment.REPEAT if unknowns else Treatment.SEND)
    if not pages:
        return Ruling(Treatment.CANCEL, "too old to be useful")
    return Ruling(Treatment.AFRESH, "too old to be useful, and the page is still open")


def next_attempt(
    *,
    uid: str,
    kind: str,
    purpose: str,
    attempts: int,
    unknowns: int,
    error: TransportError,
    now: datetime,
    created_at: datetime,
) -> Retry | Fail:
    """Decide what follows a failed attempt.

    `attempts` counts those made, this one included; `unknowns` those of unknown outcome before this
    one. Whatever happens, an unknown outcome is repeated at most once and nothing outlives its use.
    A test is one attempt: whoever made it reads what came of it.
    """
    if purpose == TEST:
        return Fail(str(error), blames_contact=error.fault is Fault.RECIPIENT)
    if error.unknown:
        return _after_unknown(uid=uid, purpose=purpose, unknowns=unknowns, error=error, now=now)
    if error.fault is Fault.RECIPIENT:
        return Fail(str(error), blames_contact=True)
    delay = _delay(kind=kind, purpose=purpose, attempts=attempts, fault=error.fault)
    if delay is None:
        return Fail(f"gave up after {attempts} attempts: {error}")
    wait = timedelta(seconds=delay * jitter(uid=uid, attempts=attempts))
    lasts = error.fault in _UNTIL_IT_WORKS and purpose != "resolved"
    if error.retry_after is not None:
        asked = min(error.retry_after, _LONGEST_ASKED) if lasts else error.retry_after
        wait = timedelta(seconds=max(1.0, asked))
    if not lasts and now + wait > created_at + useful_life(purpose=purpose):
        return Fail(f"no attempt left within its useful life: {error}")
    return Retry(now + wait, str(error))


def server(*, destination: str) -> str:
    """Return what a message leaves by: the host of a URL, or nothing for the one mail server."""
    if "://" not in destination:
        return ""
    try:
        parts = urlsplit(destination)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    except ValueError:
        return ""


def jitter(*, uid: str, attempts: int) -> float:
    """Return a factor from 0.8 to 1.2, the same each time for one attempt of one notification."""
    digest = hashlib.blake2b(f"{uid}/{attempts}".encode(), digest_size=4).digest()
    return 0.8 + 0.4 * int.from_bytes(digest, "big") / 0xFFFFFFFF


def late_note(*, due_at: datetime, now: datetime) -> str:
    """Return the line that a message written afresh starts with."""
    late = now - due_at
    late -= late % timedelta(minutes=1)
    return f"Sent {say_span(late)} late: it was due at {due_at:%Y-%m-%d %H:%M} UTC."


def _after_unknown(
    *, uid: str, purpose: str, unknowns: int, error: TransportError, now: datetime
) -> Retry | Fail:
    if purpose == "resolved":
        return Fail(f"it may have arrived; a notice is not repeated: {error}")
    if unknowns:
        # A defect of ours breaks every message alike: nothing is won by waking everybody at once.
        said = f"it may have arrived, twice; not sent a third time: {error}"
        return Fail(said, hastens=error.fault not in _UNTIL_IT_WORKS)
    wait = timedelta(seconds=_REPEAT_AFTER * jitter(uid=uid, attempts=1))
    return Retry(now + wait, f"it may have arrived; sent once more: {error}")


def _delay(*, kind: str, purpose: str, attempts: int, fault: Fault) -> float | None:
    """Return the seconds to wait after so many attempts, or None when there are no more."""
    if fault in _UNTIL_IT_WORKS:
        first, most = _UNTIL_IT_WORKS[fault]
        return people.doubled(first=first, most=most, attempts=attempts)
    delays = CONTACT_KINDS.of(kind).delays
    waits = delays.notices if purpose in ("resolved", OVERRIDE) else delays.pages
    return waits[attempts - 1] if attempts <= len(waits) else None
