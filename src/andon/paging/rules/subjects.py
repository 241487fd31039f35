"""What a page is about, as one text: pages of one subject are one page, and one incident."""

from andon.alerts.types import AlertKind

_LONGEST = 540
_UNKNOWN = "unknown:"


def subject(*, kind: AlertKind, rest: str) -> str:
    """Return the subject of a page of this kind: `service:7`, `exercise-service:7`.

    An exercise or a test never shares one with what is real: whoever has taken the exercise must be
    woken by the outage that follows.
    """
    return (rest if kind.is_real else f"{kind}-{rest}")[:_LONGEST]


def named(*, subject: str) -> str:
    """Return the name an alert gave for a service nobody declared; empty for a known service."""
    return subject.partition(_UNKNOWN)[2]
