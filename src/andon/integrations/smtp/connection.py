"""One connection to the SMTP server, bounded in time whatever the server does."""

import smtplib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

CONNECT, TOTAL = 3.0, 8.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class UnusableServer(ValueError):
    """ANDON_SMTP_URL is not one; says what to write."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and how."""

    host: str
    port: int
    #: `smtp`, `smtp+starttls` or `smtps`.
    scheme: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> "MailServer":
        """Read `smtp://[user:password@]host[:port]`. Raises UnusableServer."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            # The parser's own words would quote what may be half of the password.
            raise UnusableServer(
                "ANDON_SMTP_URL is not a URL: percent-encode what is special in the password"
            ) from error
        if parts.scheme not in _PORTS or not parts.hostname:
            raise UnusableServer(
                "ANDON_SMTP_URL must be smtp://, smtp+starttls:// or smtps://, then "
                "[USER:PASSWORD@]HOST[:PORT]"
            )
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            scheme=parts.scheme,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class _Deadline(threading.local):
    at: float = float("inf")


_deadline = _Deadline()


def start_exchange(seconds: float = TOTAL) -> None:
    """Give the running thread so many seconds for all that follows on its connection."""
    _deadline.at = time.perf_counter() + seconds


def _left() -> float:
    left = _deadline.at - time.perf_counter()
    if left <= 0:
        raise TimeoutError("the mail server took too long")
    return min(left, TOTAL)


class _Bounded(socket.socket):
    """A socket of which each operation gets only what is left of the exchange's time.

    A plain timeout bounds one operation: a server that drips bytes would hold us for ever.
    """

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(_left())
        super().sendall(*args, **kwargs)


class _BoundedTls(ssl.SSLSocket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(_left())
        super().sendall(*args, **kwargs)


def tls(context: ssl.SSLContext | None = None) -> ssl.SSLContext:
    """Return a context whose connections are bounded in time; SSL_CERT_FILE names authorities."""
    context = context or ssl.create_default_context()
    context.sslsocket_class = _BoundedTls
    return context


class MailConnection(smtplib.SMTP):
    """An open, greeted, encrypted and signed-in connection, as its server asks for."""

    def __init__(self, server: MailServer, context: ssl.SSLContext) -> None:
        self._server = server
        self._context = context
        self.sent = 0
        # A name must be given: to find its own, smtplib would ask the DNS, without a timeout.
        super().__init__(server.host, server.port, local_hostname=_own_name(), timeout=CONNECT)
        self._ready()

    def _ready(self) -> None:
        try:
            self.ehlo_or_helo_if_needed()
            if self._server.scheme == "smtp+starttls":
                self.starttls(context=self._context)
                self.ehlo_or_helo_if_needed()
            if self._server.user:
                self.login(self._server.user, self._server.password)
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), min(timeout, _left()))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bounded = _Bounded(plain.family, plain.type, plain.proto, fileno=plain.detach())
        bounded.settimeout(_left())
        if self._server.scheme != "smtps":
            return bounded
        try:
            return self._context.wrap_socket(bounded, server_hostname=host)
        except BaseException:
            bounded.close()
            raise

    def is_alive(self) -> bool:
        """Return whether the server still answers on it."""
        try:
            return self.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False


def _own_name() -> str:
    name = socket.gethostname()
    return name if name.isascii() and name else "localhost"
