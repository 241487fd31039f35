"""What an HTTP answer means for a message: handed over, or whose fault it is that it was not."""

import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx2

from andon.integrations.egress.client import Client, RefusedAddress, check_url
from andon.paging.types import Fault, TransportError

T = TypeVar("T")
_LATER = frozenset({408, 425, 429})
#: Of a receiver of somebody's own: refusals that say that this address does not work.
_ADDRESS = frozenset({401, 403, 404, 405, 410})
#: Of a server that hands messages on to everybody: those of them that are about one address.
_TOPIC = frozenset({404, 410})
#: Refusals of what was said, not of whom it was for.
_MESSAGE = frozenset({400, 406, 411, 413, 414, 415, 422, 431})
#: Name resolution that failed by itself, not because there is no such name.
_RESOLVER = (socket.EAI_AGAIN, socket.EAI_FAIL)


def exchange(
    send: Callable[[], httpx2.Response], *, now: datetime, shared: bool = False
) -> httpx2.Response:
    """Return the answer if it is a 2xx. Raises TransportError with whose fault it is otherwise.

    A `shared` server stands between Andon and everybody's phones, as the mail server does: what it
    refuses or fails to do is the installation's fault, except for an address that is gone.
    """
    response = _outcome(send, shared=shared)
    if not 200 <= response.status_code < 300:
        wait = _retry_after(response.headers.get("retry-after", ""), now=now)
        fault, words = judge(status=response.status_code, shared=shared)
        raise TransportError(words, fault=fault, retry_after=wait)
    return response


def _outcome(send: Callable[[], T], *, shared: bool) -> T:
    """Do it; what goes wrong on the way becomes a TransportError."""
    other_side = Fault.INSTALLATION if shared else Fault.TEMPORARY
    try:
        return send()
    except RefusedAddress as error:
        raise TransportError(str(error), fault=Fault.INSTALLATION) from error
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError) as error:
        raise TransportError(f"cannot be asked: {error}", fault=Fault.RECIPIENT) from error
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        fault = Fault.INSTALLATION if _is_ours(error) else other_side
        raise TransportError(f"cannot connect: {_words(error)}", fault=fault) from error
    except (httpx2.WriteError, httpx2.WriteTimeout) as error:
        message = f"broke before the request was sent: {_words(error)}"
        raise TransportError(message, fault=other_side) from error
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        # The request has left; whether it was acted upon is anybody's guess.
        message = f"no answer after the request was sent: {_words(error)}"
        raise TransportError(message, fault=other_side, unknown=True) from error


def check(client: Client, url: str, *, shared: bool = False) -> str:
    """Return that the server of an address can be connected to. Raises TransportError."""
    try:
        parts = check_url(url)
    except RefusedAddress as error:
        raise TransportError(str(error), fault=Fault.RECIPIENT) from error
    _outcome(lambda: client.connect(url), shared=shared)
    return f"{parts.hostname} takes connections"


def judge(*, status: int, shared: bool) -> tuple[Fault, str]:
    """Return whose fault an answer other than 2xx is, and what it says."""
    said = f"answered {status}"
    if status in (_TOPIC if shared else _ADDRESS):
        return Fault.RECIPIENT, said
    if status in _LATER or status >= 500:
        return (Fault.INSTALLATION if shared else Fault.TEMPORARY), said
    if 300 <= status < 400:
        fault = Fault.INSTALLATION if shared else Fault.RECIPIENT
        return fault, f"{said}: redirects are not followed"
    if status in _MESSAGE or not shared:
        return Fault.MESSAGE, f"{said}: it refused this message, not the address"
    return Fault.INSTALLATION, said


def _is_ours(error: Exception) -> bool:
    """Return whether a connection failed by a certificate or by the resolution of names."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        if isinstance(cause, socket.gaierror) and cause.errno in _RESOLVER:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _retry_after(text: str, *, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header: a number of them, or a date."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 9:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return max(0.0, (at - now).total_seconds()) if at.tzinfo else None


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
