"""The one way out to URLs that people configure: guarded against reaching into our own network.

A name is resolved once, every address is judged, and the connection is made to a judged address: a
name that answers differently the second time (DNS rebinding) gains nothing. Redirects are never
followed, proxies of the environment never used, and one exchange never takes longer than `TOTAL`.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore2
import httpx2

from andon.integrations.egress import networks

CONNECT, TOTAL = 3.0, 8.0
_MAX_ANSWER = 64 * 1024
Resolve = Callable[[str, int], Sequence[str]]


def resolve_name(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order the system prefers, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class RefusedAddress(Exception):
    """A configured URL leads to where it may not: a strange scheme, or our own network."""


class Guard:
    """Says which addresses configurable URLs may reach; `allow` lists private networks too."""

    def __init__(self, allow: Iterable[str] = (), *, resolve: Resolve = resolve_name) -> None:
        self._allow = tuple(ipaddress.ip_network(text, strict=False) for text in allow)
        self._resolve = resolve

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host that may be reached. Raises RefusedAddress if none may."""
        found = list(self._resolve(host, port))
        good = [text for text in found if self.permits(text)]
        if not good:
            raise RefusedAddress(
                f"{host} leads to {', '.join(found) or 'no address'}, inside our own network; "
                "an administrator can allow it with ANDON_EGRESS_ALLOW"
            )
        return good

    def permits(self, text: str) -> bool:
        """Return whether an address may be reached."""
        address = ipaddress.ip_address(text.split("%", 1)[0])
        place = networks.inside(address)
        return networks.is_public(address) or self._is_allowed(address) or self._is_allowed(place)

    def _is_allowed(self, address: networks.Address) -> bool:
        return any(address in net for net in self._allow if net.version == address.version)


def check_url(url: str) -> SplitResult:
    """Return the parts of a URL that may be configured. Raises RefusedAddress with the reason."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises when it is not a number
    except ValueError as error:
        # The parser's own words would quote what may be half of a password.
        raise RefusedAddress("not a URL: percent-encode what is special in a password") from error
    if parts.scheme not in ("http", "https"):
        raise RefusedAddress("only http and https URLs can be reached")
    if not parts.hostname:
        raise RefusedAddress("the URL names no host")
    return parts


class Client:
    """Asks configured URLs: once, bounded in time, never redirected. Safe between threads."""

    def __init__(
        self, guard: Guard, *, verify: ssl.SSLContext | None = None, total: float = TOTAL
    ) -> None:
        self._deadline = _Deadline()
        self._total = total
        self._transport = _Transport(guard, self._deadline, verify)
        self._client = httpx2.Client(
            transport=self._transport,
            timeout=httpx2.Timeout(total, connect=min(CONNECT, total)),
            follow_redirects=False,
            trust_env=False,
        )

    def post(self, url: str, *, content: bytes, headers: dict[str, str]) -> httpx2.Response:
        """Post once and return the answer, up to 64 KiB of it.

        Raises RefusedAddress and the errors of httpx2.
        """
        return self.ask("POST", url, content=content, headers=headers, limit=_MAX_ANSWER)

    def ask(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Sequence[tuple[str, str]] | dict[str, str] = (),
        limit: int,
    ) -> httpx2.Response:
        """Ask once and return the answer; reading ends soon after `limit` bytes of it.

        Raises RefusedAddress and the errors of httpx2.
        """
        self._deadline.at = time.perf_counter() + self._total
        sent = dict(headers)
        with self._client.stream(method, url, content=content, headers=sent) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > limit:
                    break
        plain = _plain(response.headers)
        return httpx2.Response(response.status_code, headers=plain, content=bytes(body))

    def connect(self, url: str) -> None:
        """Connect to the server of a URL as for asking it, encrypted if so, and ask nothing.

        Raises RefusedAddress and the errors of httpx2.
        """
        parts = check_url(url)
        self._deadline.at = time.perf_counter() + self._total
        self._transport.connect(parts, min(CONNECT, self._total))

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()


def _plain(headers: httpx2.Headers) -> list[tuple[str, str]]:
    coded = ("content-encoding", "content-length", "transfer-encoding")
    return [(name, value) for name, value in headers.multi_items() if name not in coded]


class _Deadline(threading.local):
    """When the exchange of the running thread must have ended."""

    at: float = float("inf")

    def left(self, timeout: float | None) -> float:
        left = self.at - time.perf_counter()
        return left if timeout is None else min(timeout, left)


class _Transport(httpx2.HTTPTransport):
    """httpx2's transport over a pool that connects to judged addresses only."""

    def __init__(self, guard: Guard, deadline: _Deadline, verify: ssl.SSLContext | None) -> None:
        self._context = verify or httpx2.create_ssl_context(trust_env=True)
        self._backend = _Backend(guard, deadline)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=self._context,
            max_connections=200,
            max_keepalive_connections=50,
            keepalive_expiry=10.0,
            network_backend=self._backend,
        )

    def connect(self, parts: SplitResult, timeout: float) -> None:
        """Connect, encrypted where the URL says so, and close again."""
        host, tls = parts.hostname or "", parts.scheme == "https"
        try:
            stream = self._backend.connect_tcp(host, parts.port or (443 if tls else 80), timeout)
            with closing(stream):
                if tls:
                    stream = stream.start_tls(self._context, host, timeout)
        except httpcore2.TimeoutException as error:
            raise httpx2.ConnectTimeout(f"{error}") from error
        except httpcore2.NetworkError as error:
            raise httpx2.ConnectError(f"{error}") from error


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, guard: Guard, deadline: _Deadline) -> None:
        self._guard = guard
        self._deadline = deadline
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first permitted address of a host that answers."""
        try:
            addresses = self._guard.addresses(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(f"cannot resolve {host}: {error}") from error
        problem: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses[:3]:
            left = self._deadline.left(timeout)
            if left <= 0:
                raise httpcore2.ConnectTimeout(f"no time left to connect to {host}")
            try:
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
            else:
                return _Stream(stream, self._deadline)
        raise problem


class _Stream(httpcore2.NetworkStream):
    """A connection that gives up when the deadline of the running exchange has come."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer took too long")
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore2.WriteTimeout("the request took too long")
        self._stream.write(buffer, left)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Return the same connection under TLS."""
        left = max(0.001, self._deadline.left(timeout))
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known about the connection."""
        return self._stream.get_extra_info(info)
