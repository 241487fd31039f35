"""Which transport answers for which kind of contact, as this installation is set up."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from andon.paging.ports import Transport
from andon.paging.types import Fault, Message, Receipt, TransportError
from andon.people.types import ContactKind


class NoTransport:
    """Stands in where this installation cannot send, and says what is missing."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def send(self, message: Message, now: datetime) -> Receipt:  # noqa: ARG002 - the port's shape
        """Refuse, without blaming the address."""
        raise TransportError(self._reason, fault=Fault.INSTALLATION)

    def check(self, address: str) -> str:  # noqa: ARG002 - the port's shape
        """Refuse as `send` does."""
        raise TransportError(self._reason, fault=Fault.INSTALLATION)


def transports() -> dict[str, Transport]:
    """Return a transport for every kind of contact, as this installation's settings say."""
    return {kind: make() for kind, make in _FACTORIES.items()}


def _email() -> Transport:
    if not settings.ANDON_SMTP_URL:
        return NoTransport("no SMTP server is configured: set ANDON_SMTP_URL")
    from andon.integrations.smtp.transport import transport  # noqa: PLC0415 - when it is needed

    return transport(url=settings.ANDON_SMTP_URL, sender=settings.ANDON_MAIL_FROM)


def _ntfy() -> Transport:
    from andon.integrations.ntfy.transport import transport  # noqa: PLC0415 - when it is needed

    return transport(allow=settings.ANDON_EGRESS_ALLOW)


def _webhook() -> Transport:
    from andon.integrations.webhook.transport import transport  # noqa: PLC0415 - when it is needed

    return transport(allow=settings.ANDON_EGRESS_ALLOW, installation_key=settings.SECRET_KEY)


_FACTORIES: dict[str, Callable[[], Transport]] = {
    ContactKind.EMAIL: _email,
    ContactKind.NTFY: _ntfy,
    ContactKind.WEBHOOK: _webhook,
}
