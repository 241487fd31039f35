"""How long somebody stays signed in: while they come back, and never for ever.

A phone that is left on a train must not stay signed in for two weeks. Whoever is signed out at
night needs no password to take a page: the link in the message acts without one.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from andon.core import clock, process

#: Signed out when nothing was opened for so long, and after so long whatever was opened.
IDLE, LONGEST = timedelta(hours=24), timedelta(days=14)
#: The last use is written down this often at most: a write for every page would be too many.
_NOTED_EVERY = timedelta(minutes=10)
_BEGAN, _USED, _BY_LINK = "began_at", "used_at", "by_link"
#: How long somebody who came in by a link may set a password without knowing the old one.
RESETS = timedelta(minutes=30)


def begin(request: HttpRequest, *, now: datetime, by_link: bool = False) -> None:
    """Note that somebody has signed in, and whether by a link instead of their password."""
    request.session[_BEGAN] = request.session[_USED] = now.timestamp()
    request.session[_BY_LINK] = by_link


def may_reset(request: HttpRequest, *, now: datetime) -> bool:
    """Return whether somebody has just come in by a link, as those do who forgot a password."""
    began_at = _read(request, _BEGAN)
    by_link = request.session.get(_BY_LINK) is True
    return by_link and began_at is not None and now - began_at < RESETS


def is_over(*, began_at: datetime, used_at: datetime, now: datetime) -> bool:
    """Return whether a session has ended: unused for too long, or too old."""
    return now - used_at >= IDLE or now - began_at >= LONGEST


class EndOfSessions:
    """Signs out whoever has been away for too long, before anything is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if request.user.is_authenticated:
            _look_at(request, clock.now())
        return self._get_response(request)


def _look_at(request: HttpRequest, now: datetime) -> None:
    began_at, used_at = (_read(request, name) for name in (_BEGAN, _USED))
    if began_at is None or used_at is None:
        begin(request, now=now)
    elif is_over(began_at=began_at, used_at=used_at, now=now):
        logout(request)
    elif now - used_at >= _NOTED_EVERY:
        request.session[_USED] = now.timestamp()
        with process.incidental():
            request.session.save()
        request.session.modified = False  # who reads needs nothing more written


def _read(request: HttpRequest, name: str) -> datetime | None:
    value = request.session.get(name)
    return datetime.fromtimestamp(value, tz=UTC) if isinstance(value, int | float) else None
