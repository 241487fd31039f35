"""Hands messages to an SMTP server. Each thread keeps one connection and looks after it."""

import re
import smtplib
import ssl
import threading
from collections.abc import Callable
from datetime import datetime
from email.utils import formataddr, parseaddr

from andon.integrations.smtp import mail
from andon.integrations.smtp.connection import Connection, Server, start_exchange, tls
from andon.paging.rules.delivery import InstallationFault
from andon.paging.types import Message, Receipt, TransportError

#: One address, nothing that could start another one or another header.
_ADDRESS = re.compile(
    r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x20\x7f]{1,253}"
)
#: Servers limit how many messages a connection may carry; a hundred is the strictest usual limit.
_PER_CONNECTION = 90
#: RFC 3463: a bad destination address, a disabled mailbox. 5.7 (policy) is not about the address.
_BAD_ADDRESS = re.compile(r"5\.(?:1\.[0-9]+|2\.1)\b")
_ENHANCED = re.compile(r"5\.[0-9]{1,3}\.[0-9]{1,3}\b")


class SmtpTransport:
    """Sends messages by mail. An address is a bare `name@host`."""

    def __init__(
        self, *, server: Server, sender: str, context: ssl.SSLContext | None = None
    ) -> None:
        name, address = parseaddr(sender)
        if not _ADDRESS.fullmatch(address) or not address.isascii():
            raise ValueError(f"ANDON_MAIL_FROM is {sender!r}; write NAME <address@host>")
        self._server = server
        self._context = tls(context)
        self._from = formataddr((name, address))
        self._envelope = address
        self._domain = address.rpartition("@")[2]
        self._kept = _Kept()

    def send(self, message: Message, now: datetime) -> Receipt:
        """Hand the message over once."""
        to = _address(message.contact.address)
        content = mail.compose(
            message=message, sender=self._from, to=to, domain=self._domain, now=now
        )
        start_exchange()
        connection = self._connection()
        try:
            answer = self._hand_over(connection, to, content)
        except BaseException:
            self._drop(connection)
            raise
        connection.sent += 1
        if connection.sent >= _PER_CONNECTION:
            self._drop(connection)
        return Receipt(provider_id=f"<{message.uid}@{self._domain}>", detail=answer)

    def leave(self) -> None:
        """Close the connection of the calling thread, which sends no more."""
        if self._kept.connection is not None:
            self._drop(self._kept.connection)

    def _connection(self) -> Connection:
        kept = self._kept.connection
        if kept is not None:
            if kept.is_alive():
                return kept
            self._drop(kept)
        opened = self._kept.connection = self._open()
        return opened

    def _open(self) -> Connection:
        server = self._server
        where = f"{server.host}:{server.port}"
        try:
            return Connection(server, self._context)
        except ssl.SSLCertVerificationError as error:
            raise InstallationFault(f"{where}: {error.verify_message}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise InstallationFault(f"{where}: {error}") from error
        except smtplib.SMTPResponseException as error:
            raise _refused(f"{where} refused us", error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(f"cannot connect to {where}: {error}", permanent=False) from error

    def _hand_over(self, connection: Connection, to: str, content: bytes) -> str:
        options = [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        if options and not connection.has_extn("smtputf8"):
            raise TransportError("the mail server cannot send to this address", permanent=True)
        _expect(lambda: connection.mail(self._envelope, options), "refused the sender")
        code, text = _ask(lambda: connection.rcpt(to))
        if code not in (250, 251):
            if code >= 500 and _blames_address(code, text):
                raise TransportError(_said("refused the address", code, text), permanent=True)
            raise _refused("refused the recipient", code, text)
        _expect(lambda: connection.docmd("DATA"), "refused the message", good=354)
        try:
            connection.send(_stuffed(content))
            code, text = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(
                f"the mail server went away while it took the message: {error}",
                permanent=False,
                unknown=True,
            ) from error
        if code != 250:
            raise _refused("refused the message", code, text)
        return _said("took it", code, text)

    def _drop(self, connection: Connection) -> None:
        """Close without a farewell: a server that hangs would make us wait for its answer."""
        connection.close()
        if self._kept.connection is connection:
            self._kept.connection = None


def transport(*, url: str, sender: str) -> SmtpTransport:
    """Return the transport of this installation."""
    return SmtpTransport(server=Server.parse(url), sender=sender)


class _Kept(threading.local):
    connection: Connection | None = None


def _address(text: str) -> str:
    """Return an address as it may stand in a command. Raises TransportError if it is not one."""
    if not _ADDRESS.fullmatch(text):
        raise TransportError("not a mail address; write name@host", permanent=True)
    local, _, domain = text.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise TransportError(f"no such mail domain: {error}", permanent=True) from error


def _ask(command: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
    """Return the answer to a command that comes before the message itself."""
    try:
        return command()
    except (OSError, smtplib.SMTPException) as error:
        raise TransportError(f"the mail server went away: {error}", permanent=False) from error


def _expect(command: Callable[[], tuple[int, bytes]], otherwise: str, *, good: int = 250) -> None:
    code, text = _ask(command)
    if code != good:
        raise _refused(otherwise, code, text)


def _refused(what: str, code: int, text: bytes | str) -> TransportError:
    if code >= 500:
        return InstallationFault(_said(what, code, text))
    return TransportError(_said(what, code, text), permanent=False)


def _said(what: str, code: int, text: bytes | str) -> str:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{what}: {code} {shown}"[:500]


def _blames_address(code: int, text: bytes) -> bool:
    shown = text.decode("utf-8", "replace")
    if _ENHANCED.match(shown):
        return bool(_BAD_ADDRESS.match(shown))
    return code in (550, 551, 553)


def _stuffed(content: bytes) -> bytes:
    """Return the message with its lines that start with a dot doubled, and its end."""
    body = content.replace(b"\r\n.", b"\r\n..")
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"
