"""Posts signed messages to any URL."""

import json
from datetime import datetime
from urllib.parse import unquote

from django.conf import settings

from andon.core import wire
from andon.integrations import egress
from andon.integrations.egress import answers
from andon.integrations.egress.text import clean, cut, one_line
from andon.integrations.webhook import signature
from andon.paging.types import Fault, Message, Receipt, TransportError

_TYPES = {
    "page": "page.notified",
    "unanswered": "page.unanswered",
    "resolved": "page.resolved",
    "test": "test.ping",
    "override": "override.told",
}
_BODY_BYTES = 256 * 1024
_TEXT_BYTES = 64 * 1024


class WebhookTransport:
    """Sends messages to URLs, signed with a secret of each receiver's own.

    The secret may stand in the address, after `#`: `https://host/path#whsec_...`. Otherwise it is
    made from the installation's secret key and the URL.
    """

    def __init__(self, *, client: egress.Client, installation_key: str) -> None:
        self._client = client
        self._installation_key = installation_key

    def check(self, address: str) -> str:
        """Connect to the server of an address, and ask it nothing."""
        return answers.check(self._client, address)

    def close(self) -> None:
        """Close the kept connections; nothing is sent any more."""
        self._client.close()

    def send(self, message: Message, now: datetime) -> Receipt:
        """Post the message once."""
        url, secret = self._target(message.contact.address)
        content = _content(message, now)
        message_id, timestamp = f"msg_{message.uid}", int(now.timestamp())
        try:
            signed = signature.sign(
                secret=secret, message_id=message_id, timestamp=timestamp, body=content
            )
        except signature.UnusableSecret as error:
            raise TransportError(str(error), fault=Fault.RECIPIENT) from error
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Andon",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signed,
        }
        response = answers.exchange(
            lambda: self._client.post(url, content=content, headers=headers), now=now
        )
        return Receipt(provider_id=message_id, detail=f"answered {response.status_code}")

    def _target(self, address: str) -> tuple[str, str]:
        try:
            parts = egress.check_url(address)
        except egress.RefusedAddress as error:
            raise TransportError(str(error), fault=Fault.RECIPIENT) from error
        url = parts._replace(fragment="").geturl()
        if parts.fragment:
            return url, unquote(parts.fragment)
        return url, signature.derive_secret(installation_key=self._installation_key, url=url)


def transport() -> WebhookTransport:
    """Return the transport of this installation."""
    client = egress.Client(egress.Guard(settings.ANDON_EGRESS_ALLOW))
    return WebhookTransport(client=client, installation_key=settings.SECRET_KEY)


def _content(message: Message, now: datetime) -> bytes:
    """Return the body; facts that would make it too large are left out, the links never."""
    data: dict[str, object] = {
        "id": message.uid,
        "subject": one_line(message.subject, limit=1000),
        "text": cut(clean(message.body), limit=_TEXT_BYTES),
        "url": message.link,
        "acknowledge_url": message.ack_link,
        "facts": message.data,
    }
    content = _encode(message, now, data)
    if len(content) > _BODY_BYTES:
        data["facts"] = {"left_out": "too large"}
        content = _encode(message, now, data)
    return content


def _encode(message: Message, now: datetime, data: dict[str, object]) -> bytes:
    kind = _TYPES.get(str(message.data.get("purpose", "page")), "page.notified")
    body = {"type": kind, "timestamp": wire.instant(now), "data": data}
    return json.dumps(body, default=str, separators=(",", ":")).encode()
