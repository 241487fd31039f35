"""The way to tools that the installation's own settings name: Prometheus, vmalert, Alertmanager.

Who can set them can do anything here, and such tools stand in private networks, so every address is
permitted. Everything else of the way out holds: one deadline, no redirects, no proxies.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import httpx2
import msgspec

from andon.integrations.egress.client import Client, Guard, RefusedAddress
from andon.integrations.egress.text import one_line
from andon.paging.types import Fault, TransportError

#: Seconds that an exchange may take as a whole, and bytes that an answer may have.
TOTAL, MAX_ANSWER = 20.0, 64 * 1024 * 1024
_EVERYWHERE = ("0.0.0.0/0", "::/0")
_LATER = frozenset({408, 425, 429})
#: Shorter values of headers name a tenant, and are words that answers need.
_SHORTEST_SECRET = 8
Params = Mapping[str, str] | Sequence[tuple[str, str]]


class Tool:
    """Asks one tool. Safe between threads; every error is a TransportError that names the tool.

    Its fault is the installation's where asking again cannot help, else temporary.
    """

    def __init__(
        self,
        *,
        name: str,
        url: str,
        headers: Sequence[tuple[str, str]] = (),
        total: float = TOTAL,
        limit: int = MAX_ANSWER,
    ) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._headers = (("User-Agent", "Andon"), ("Accept", "application/json"), *headers)
        self._secrets = _secrets(url, headers)
        self._limit = limit
        self._client = Client(Guard(_EVERYWHERE), total=total)

    @property
    def url(self) -> str:
        """Return its address as it may be shown: without a password."""
        return public_url(self._url)

    def get(self, path: str, params: Params = ()) -> bytes:
        """Return what it answers. Raises TransportError."""
        query = f"?{urlencode(_pairs(params))}" if params else ""
        return self._ask("GET", f"{path}{query}", None, ())

    def post(self, path: str, form: Params = ()) -> bytes:
        """Post a form and return what it answers. Raises TransportError."""
        content = urlencode(_pairs(form)).encode()
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        return self._ask("POST", path, content, (kind,))

    def read(self, body: bytes) -> Any:
        """Return the value of a JSON answer. Raises TransportError when it is none."""
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise self.trouble(
                f"its answer is not JSON ({error})", fault=Fault.INSTALLATION
            ) from error

    def trouble(self, words: str, *, fault: Fault = Fault.TEMPORARY) -> TransportError:
        """Return an error that names this tool, and none of what opens it."""
        for secret in self._secrets:
            words = words.replace(secret, "...")
        return TransportError(f"{self.name} at {self.url}: {words}", fault=fault)

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def _ask(
        self, method: str, path: str, content: bytes | None, extra: Sequence[tuple[str, str]]
    ) -> bytes:
        headers = [*self._headers, *extra]
        try:
            response = self._client.ask(
                method, self._url + path, content=content, headers=headers, limit=self._limit
            )
        except (RefusedAddress, httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise self.trouble(f"cannot be asked: {error}", fault=Fault.INSTALLATION) from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise self.trouble(_words(error)) from error
        return self._judged(response, path)

    def _judged(self, response: httpx2.Response, path: str) -> bytes:
        status, place = response.status_code, path.partition("?")[0]
        if len(response.content) > self._limit:
            raise self.trouble(
                f"its answer to {place} is over {self._limit} bytes", fault=Fault.INSTALLATION
            )
        if 200 <= status < 300:
            return response.content
        said = one_line(_said(response.content), limit=500) if response.content else ""
        words = f"answered {status} to {place}" + (f": {said}" if said else "")
        later = status >= 500 or status in _LATER
        raise self.trouble(words, fault=Fault.TEMPORARY if later else Fault.INSTALLATION)


def public_url(url: str) -> str:
    """Return an address without user, password and query, fit for messages and pages."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()


def _secrets(url: str, headers: Sequence[tuple[str, str]]) -> list[str]:
    """Return what a tool or a proxy before it may say again of how it was asked; longest first."""
    parts = urlsplit(url)
    password = parts.password or ""
    values = [value for _, value in headers]
    found = {password, unquote(password), *values, *(value.split(" ")[-1] for value in values)}
    return sorted((one for one in found if len(one) >= _SHORTEST_SECRET), key=len, reverse=True)


def _pairs(params: Params) -> list[tuple[str, str]]:
    return list(params.items()) if isinstance(params, Mapping) else list(params)


def _said(body: bytes) -> str:
    """Return the reason in an answer: the `error` of the tools' JSON, else its text."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return body[:2000].decode("utf-8", "replace")
    if isinstance(document, dict):
        document = document.get("error") or document.get("message") or document
    return document if isinstance(document, str) else msgspec.json.encode(document)[:2000].decode()


def _words(error: Exception) -> str:
    known = {
        httpx2.ConnectTimeout: "cannot connect in time",
        httpx2.ReadTimeout: "did not answer in time",
        httpx2.ConnectError: "cannot connect",
    }
    what = next((words for kind, words in known.items() if isinstance(error, kind)), "broke off")
    return f"{what} ({str(error) or type(error).__name__})"
