"""A real SMTP server on loopback that answers as it is told: plain, STARTTLS and TLS.

Tests that use it ignore `PytestUnraisableExceptionWarning`: aiosmtpd forgets to close transports of
connections that clients left.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from andon.integrations.smtp.connection import MailServer
from tests.support.components import free_port

AUTHORITY = trustme.CA()
_EXPIRED = {
    "not_before": datetime(2019, 1, 1, tzinfo=UTC),
    "not_after": datetime(2020, 1, 1, tzinfo=UTC),
}


class Box:
    """Keeps mails and answers as it is told; what is not `250` is refused."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage, bytes]] = []
        self.sessions: set[int] = set()
        self.mail = "250 ok"
        self.rcpt = "250 ok"
        self.data = "250 kept as 42"
        #: What signing in with the password `right` comes to.
        self.opens = True
        #: Connections that may be open at once, and how many are and were refused.
        self.limit = 1000
        self.open = self.refused = 0

    async def handle_MAIL(  # noqa: N802 - its name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.mail.startswith("250"):
            envelope.mail_from = address
        return self.mail

    async def handle_RCPT(  # noqa: N802 - its name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802 - its name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        self.sessions.add(session.peer[1])
        if not self.data:
            server.transport.abort()
            return "250 never seen"
        if self.data.startswith("250"):
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            self.mails.append((envelope.rcpt_tos[0], parsed, envelope.content))  # type: ignore[arg-type]
        return self.data

    def authenticate(self, *asked: Any) -> AuthResult:
        """Judge a password."""
        return AuthResult(success=self.opens and asked[-1].password == b"right", handled=False)


class _Limited(SMTP):
    """Refuses connections beyond the box's limit, as servers do: with 421."""

    def connection_made(self, transport: Any) -> None:
        self.box.open += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.box.open -= 1
        super().connection_lost(error)

    @property
    def box(self) -> Box:
        return self.event_handler  # type: ignore[no-any-return]

    async def _handle_client(self) -> None:
        if self.box.open > self.box.limit:
            self.box.refused += 1
            await self.push("421 4.7.0 too many connections")
            self.transport.close()
            return
        await super()._handle_client()


class Mailer(Controller):
    """The server's thread."""

    def __init__(
        self, box: Box, scheme: str, *, port: int = 0, expired: bool = False, **options: Any
    ) -> None:
        self._scheme = scheme
        self._options = options
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        dates = _EXPIRED if expired else {}
        AUTHORITY.issue_cert("localhost", **dates).configure_cert(context)
        self._tls = context
        self._served: list[_Limited] = []
        super().__init__(
            box,
            hostname="localhost",
            port=port or free_port(),
            ssl_context=context if scheme == "smtps" else None,
        )

    def factory(self) -> SMTP:
        """Return what talks to one client."""
        starttls = self._tls if self._scheme == "smtp+starttls" else None
        one = _Limited(
            self.handler,
            tls_context=starttls,
            require_starttls=starttls is not None,
            enable_SMTPUTF8=True,
            **self._options,
        )
        self._served.append(one)
        return one

    def stop(self, no_assert: bool = False) -> None:
        """End it; what clients left open is closed first, which its loop ends too soon to do."""
        asyncio.run_coroutine_threadsafe(self._close_all(), self.loop).result(10)
        super().stop(no_assert)

    async def _close_all(self) -> None:
        for one in self._served:
            if one.transport is not None:
                one.transport.abort()
        for _ in range(4):  # a connection with TLS closes in two steps
            await asyncio.sleep(0)

    def _trigger_server(self) -> None:
        if self._scheme == "smtps":
            # The controller's own check would use the server's context as a client's.
            context = ssl.create_default_context()
            AUTHORITY.configure_trust(context)
            with socket.create_connection((self.hostname, self.port), 5) as plain:
                context.wrap_socket(plain, server_hostname="localhost").close()
            return
        super()._trigger_server()


@contextmanager
def mailer(box: Box, scheme: str = "smtp", **options: Any) -> Iterator[MailServer]:
    """Run a server, and say where it is."""
    controller = Mailer(box, scheme, **options)
    controller.start()
    try:
        yield MailServer(host="localhost", port=controller.port, scheme=scheme)
    finally:
        controller.stop()
