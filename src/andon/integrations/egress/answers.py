"""What an HTTP answer means for a message: handed over, try later, never, or nobody knows."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx2

from andon.integrations.egress.client import RefusedAddress
from andon.paging.rules.delivery import InstallationFault
from andon.paging.types import TransportError

_LATER = frozenset({408, 425, 429})
#: Refusals that say something about the address, so that it is marked as not working.
_ADDRESS = frozenset({401, 403, 404, 405, 410})


def exchange(send: Callable[[], httpx2.Response], *, now: datetime) -> httpx2.Response:
    """Return the answer if it is a 2xx. Raises TransportError of the right class otherwise."""
    try:
        response = send()
    except RefusedAddress as error:
        raise TransportError(str(error), permanent=True) from error
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError) as error:
        raise TransportError(f"cannot be asked: {error}", permanent=True) from error
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise TransportError(f"cannot connect: {_words(error)}", permanent=False) from error
    except (httpx2.WriteError, httpx2.WriteTimeout) as error:
        message = f"broke before the request was sent: {_words(error)}"
        raise TransportError(message, permanent=False) from error
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        # The request has left; whether it was acted upon is anybody's guess.
        message = f"no answer after the request was sent: {_words(error)}"
        raise TransportError(message, permanent=False, unknown=True) from error
    _judge(response, now=now)
    return response


def _judge(response: httpx2.Response, *, now: datetime) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    message = f"answered {status}"
    if status in _LATER or status >= 500:
        wait = _retry_after(response.headers.get("retry-after", ""), now=now)
        raise TransportError(message, permanent=False, retry_after=wait)
    if 300 <= status < 400:
        raise TransportError(f"{message}: redirects are not followed", permanent=True)
    if status in _ADDRESS:
        raise TransportError(message, permanent=True)
    raise InstallationFault(f"{message}: it refused this message, not the address")


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
