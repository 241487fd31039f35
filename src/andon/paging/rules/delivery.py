"""What becomes of a notification: send it, cancel it, write it afresh, try again or give up.

Pure: the jitter comes from the notification's own id, so the same failure gives the same answer.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from andon.paging.types import NotificationState, PageState, TransportError
from andon.people.types import ContactKind

#: Put before the text of a message that may have arrived already.
REPEATED = "[may be repeated] "

#: A page that is read hours late misleads; so does a notice of recovery, somewhat later.
_USEFUL_LIFE = {"resolved": timedelta(minutes=60)}
_PAGE_LIFE = timedelta(minutes=15)

#: Seconds before the second, third and fourth attempt of a push or a webhook that pages somebody.
_PAGE_DELAYS = (2.0, 5.0, 15.0)
#: Mail is tried until its useful life ends: 10 s, doubling to 5 min, 20 attempts at the very most.
_MAIL_FIRST, _MAIL_ATTEMPTS, _SLOWEST = 10.0, 20, 300.0
#: Notices that page nobody: 5 s, doubling to 5 min, six attempts.
_NOTICE_FIRST, _NOTICE_ATTEMPTS = 5.0, 6
_WANTED = {
    "page": (PageState.HELD, PageState.PAGING, PageState.UNANSWERED),
    "unanswered": (PageState.UNANSWERED,),
}


class InstallationFault(TransportError):
    """Refused because of this installation or of the text: the address is not to blame."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at an instant."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Give up. `blames_contact` says that the address itself does not work."""

    reason: str
    blames_contact: bool = False


class Turn(StrEnum):
    """What to do with a notification whose turn has come."""

    SEND = "send"
    REPEAT = "repeat"
    AFRESH = "afresh"
    CANCEL = "cancel"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What to do with a notification whose turn has come, and why."""

    turn: Turn
    reason: str = ""


def useful_life(*, purpose: str) -> timedelta:
    """Return how long after its making a notification is still worth reading."""
    return _USEFUL_LIFE.get(purpose, _PAGE_LIFE)


def is_wanted(*, purpose: str, page_state: str) -> bool:
    """Return whether a page in this state still needs such a message."""
    states = _WANTED.get(purpose)
    return states is None or page_state in states


def rule(
    *,
    purpose: str,
    page_state: str,
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
        return Ruling(Turn.CANCEL, f"the page is {page_state}")
    unknowns += state == NotificationState.SENDING
    notice = purpose == "resolved"
    if unknowns > (0 if notice else 1):
        return Ruling(Turn.FAIL, "nobody knows whether it arrived; not sent again")
    if now - created_at <= useful_life(purpose=purpose):
        return Ruling(Turn.REPEAT if unknowns else Turn.SEND)
    if notice:
        return Ruling(Turn.CANCEL, "too old to be useful")
    return Ruling(Turn.AFRESH, "too old to be useful, and the page is still open")


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
    """
    if error.unknown:
        return _after_unknown(uid=uid, purpose=purpose, unknowns=unknowns, error=error, now=now)
    if error.permanent:
        return Fail(str(error), blames_contact=not isinstance(error, InstallationFault))
    delay = _delay(kind=kind, purpose=purpose, attempts=attempts)
    if delay is None:
        return Fail(f"gave up after {attempts} attempts: {error}")
    if error.retry_after is not None:
        wait = timedelta(seconds=max(1.0, error.retry_after))
    else:
        wait = timedelta(seconds=delay * jitter(uid=uid, attempts=attempts))
    if now + wait > created_at + useful_life(purpose=purpose):
        return Fail(f"no attempt left within its useful life: {error}")
    return Retry(now + wait, str(error))


def jitter(*, uid: str, attempts: int) -> float:
    """Return a factor from 0.8 to 1.2, the same each time for one attempt of one notification."""
    digest = hashlib.blake2b(f"{uid}/{attempts}".encode(), digest_size=4).digest()
    return 0.8 + 0.4 * int.from_bytes(digest, "big") / 0xFFFFFFFF


def late_note(*, created_at: datetime, now: datetime) -> str:
    """Return the line that a message written afresh starts with."""
    minutes = int((now - created_at).total_seconds() // 60)
    return f"Sent {minutes} min late: it was due at {created_at:%Y-%m-%d %H:%M} UTC."


def _after_unknown(
    *, uid: str, purpose: str, unknowns: int, error: TransportError, now: datetime
) -> Retry | Fail:
    if purpose == "resolved":
        return Fail(f"it may have arrived; a notice is not repeated: {error}")
    if unknowns:
        return Fail(f"it may have arrived, twice; not sent a third time: {error}")
    wait = timedelta(seconds=_PAGE_DELAYS[0] * jitter(uid=uid, attempts=1))
    return Retry(now + wait, f"it may have arrived; sent once more: {error}")


def _delay(*, kind: str, purpose: str, attempts: int) -> float | None:
    """Return the seconds to wait after so many attempts, or None when there are no more."""
    if kind == ContactKind.EMAIL:
        return _doubling(_MAIL_FIRST, attempts) if attempts < _MAIL_ATTEMPTS else None
    if purpose == "resolved":
        return _doubling(_NOTICE_FIRST, attempts) if attempts < _NOTICE_ATTEMPTS else None
    return _PAGE_DELAYS[attempts - 1] if attempts <= len(_PAGE_DELAYS) else None


def _doubling(first: float, attempts: int) -> float:
    return float(min(_SLOWEST, first * 2.0 ** min(attempts - 1, 16)))
