"""Hands messages to an SMTP server."""

import re
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.utils import formataddr, parseaddr

from django.conf import settings

from andon.integrations.smtp import answers, mail
from andon.integrations.smtp.answers import SmtpStep
from andon.integrations.smtp.connection import MailConnection, MailServer, start_exchange, tls
from andon.integrations.smtp.pool import MailPool
from andon.paging.types import Fault, Message, Receipt, TransportError

#: One address, nothing that could start another one or another header.
_ADDRESS = re.compile(
    r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x20\x7f]{1,253}"
)
#: Servers limit how many messages a connection may carry; a hundred is the strictest usual limit.
_PER_CONNECTION = 90


class SmtpTransport:
    """Sends messages by mail. An address is a bare `name@host`."""

    def __init__(
        self, *, server: MailServer, sender: str, context: ssl.SSLContext | None = None
    ) -> None:
        name, address = parseaddr(sender)
        if not _ADDRESS.fullmatch(address) or not address.isascii():
            raise ValueError(f"ANDON_MAIL_FROM is {sender!r}; write NAME <address@host>")
        self._server = server
        self._context = tls(context)
        self._from = formataddr((name, address))
        self._envelope = address
        self._domain = address.rpartition("@")[2]
        self._pool = MailPool(self._open)

    def send(self, message: Message, now: datetime) -> Receipt:
        """Hand the message over once."""
        to = _address(message.contact.address)
        content = mail.compose(
            message=message, sender=self._from, to=to, domain=self._domain, now=now
        )
        start_exchange()
        connection = self._pool.take()
        try:
            answer = self._hand_over(connection, to, content)
        except BaseException:
            self._pool.drop(connection)
            raise
        connection.sent += 1
        if connection.sent >= _PER_CONNECTION:
            self._pool.drop(connection)
        else:
            self._pool.give_back(connection)
        return Receipt(provider_id=f"<{message.uid}@{self._domain}>", detail=answer)

    def check(self, address: str) -> str:  # noqa: ARG002 - one server takes all mail
        """Greet the server, sign in and name the sender, as for a mail, and send none."""
        start_exchange()
        connection = self._pool.take()
        try:
            _expect(lambda: connection.mail(self._envelope), SmtpStep.SENDER)
            _expect(connection.rset, SmtpStep.CONNECTION)
            _expect(connection.noop, SmtpStep.CONNECTION)
        except BaseException:
            self._pool.drop(connection)
            raise
        self._pool.give_back(connection)
        return f"{self._server.host}:{self._server.port} takes mail from {self._envelope}"

    def close(self) -> None:
        """Close the kept connections; nothing is sent any more."""
        self._pool.close_idle()

    def _open(self) -> MailConnection:
        server = self._server
        where = f"{server.host}:{server.port}"
        try:
            return MailConnection(server, self._context)
        except ssl.SSLCertVerificationError as error:
            said = f"{where}: {error.verify_message}"
            raise TransportError(said, fault=Fault.INSTALLATION) from error
        except smtplib.SMTPResponseException as error:
            raise answers.refusal(
                step=SmtpStep.CONNECTION, code=error.smtp_code, text=error.smtp_error, where=where
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            said = f"cannot connect to {where}: {error}"
            raise TransportError(said, fault=Fault.INSTALLATION) from error

    def _hand_over(self, connection: MailConnection, to: str, content: bytes) -> str:
        options = [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        if options and not connection.has_extn("smtputf8"):
            said = "the mail server cannot send to this address"
            raise TransportError(said, fault=Fault.RECIPIENT)
        _expect(lambda: connection.mail(self._envelope, options), SmtpStep.SENDER)
        _expect(lambda: connection.rcpt(to), SmtpStep.RECIPIENT, good=(250, 251))
        _expect(lambda: connection.docmd("DATA"), SmtpStep.MESSAGE, good=(354,))
        try:
            connection.send(_stuffed(content))
            code, text = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(
                f"the mail server went away while it took the message: {error}",
                fault=Fault.INSTALLATION,
                unknown=True,
            ) from error
        if code != 250:
            raise answers.refusal(step=SmtpStep.MESSAGE, code=code, text=text)
        return f"took it: {code} {text.decode('utf-8', 'replace')}"[:500]


def transport() -> SmtpTransport:
    """Return the transport of this installation. Raises TransportError where none is set up."""
    if not settings.ANDON_SMTP_URL:
        said = "no SMTP server is configured: set ANDON_SMTP_URL"
        raise TransportError(said, fault=Fault.INSTALLATION)
    server = MailServer.parse(settings.ANDON_SMTP_URL)
    return SmtpTransport(server=server, sender=settings.ANDON_MAIL_FROM)


def _address(text: str) -> str:
    """Return an address as it may stand in a command. Raises TransportError if it is not one."""
    if not _ADDRESS.fullmatch(text):
        raise TransportError("not a mail address; write name@host", fault=Fault.RECIPIENT)
    local, _, domain = text.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise TransportError(f"no such mail domain: {error}", fault=Fault.RECIPIENT) from error


def _expect(
    command: Callable[[], tuple[int, bytes]], step: SmtpStep, *, good: tuple[int, ...] = (250,)
) -> None:
    """Give a command that comes before the message itself. Raises TransportError if refused."""
    try:
        code, text = command()
    except (OSError, smtplib.SMTPException) as error:
        said = f"the mail server went away: {error}"
        raise TransportError(said, fault=Fault.INSTALLATION) from error
    if code not in good:
        raise answers.refusal(step=step, code=code, text=text)


def _stuffed(content: bytes) -> bytes:
    """Return the message with its lines that start with a dot doubled, and its end."""
    body = content.replace(b"\r\n.", b"\r\n..")
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"
