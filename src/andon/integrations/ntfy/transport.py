"""Publishes to ntfy (https://docs.ntfy.sh/publish/#publish-as-json)."""

import base64
import json
import re
from datetime import datetime
from urllib.parse import SplitResult, unquote

from django.conf import settings

from andon.integrations import egress
from andon.integrations.egress import answers
from andon.integrations.egress.text import clean, cut, one_line
from andon.integrations.ntfy.kind import CONTACT
from andon.paging.types import Fault, Message, Receipt, TransportError

_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
#: The server turns longer messages into attachments, which nobody opens at 3 a.m.
_MESSAGE_BYTES, _TITLE_BYTES = 4096, 250


class NtfyTransport:
    """Sends messages to topics. An address is the topic's full URL: `https://ntfy.example/topic`.

    Credentials may stand in it: `https://user:password@...` or, for an access token, `https://:tk_...@`.
    """

    def __init__(self, *, client: egress.Client) -> None:
        self._client = client

    def check(self, address: str) -> str:
        """Connect to the server of an address, and ask it nothing."""
        return answers.check(self._client, address, shared=CONTACT.shared)

    def close(self) -> None:
        """Close the kept connections; nothing is sent any more."""
        self._client.close()

    def send(self, message: Message, now: datetime) -> Receipt:
        """Publish the message once."""
        url, topic, headers = _target(message.contact.address)
        content = json.dumps(_body(message, topic), ensure_ascii=False).encode()
        response = answers.exchange(
            lambda: self._client.post(url, content=content, headers=headers),
            now=now,
            shared=CONTACT.shared,
        )
        return Receipt(provider_id=_id(response.content), detail="published")


def transport() -> NtfyTransport:
    """Return the transport of this installation."""
    return NtfyTransport(client=egress.Client(egress.Guard(settings.ANDON_EGRESS_ALLOW)))


def _target(address: str) -> tuple[str, str, dict[str, str]]:
    """Return the server's URL, the topic and the headers for an address."""
    try:
        parts = egress.check_url(address)
    except egress.RefusedAddress as error:
        raise TransportError(str(error), fault=Fault.RECIPIENT) from error
    base, _, topic = parts.path.rpartition("/")
    if not _TOPIC.fullmatch(topic):
        raise TransportError(
            "the address names no ntfy topic; write https://HOST/TOPIC, the topic of 1 to 64 "
            "letters, digits, - and _",
            fault=Fault.RECIPIENT,
        )
    host = parts.netloc.rpartition("@")[2]
    headers = {"Content-Type": "application/json", **_credentials(parts)}
    return f"{parts.scheme}://{host}{base}/", topic, headers


def _credentials(parts: SplitResult) -> dict[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password.startswith("tk_"):
        return {"Authorization": f"Bearer {password}"}
    if user or password:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}


def _body(message: Message, topic: str) -> dict[str, object]:
    body: dict[str, object] = {
        "topic": topic,
        "title": cut(one_line(message.subject, limit=_TITLE_BYTES), limit=_TITLE_BYTES),
        "message": cut(clean(message.body).strip() or "(no text)", limit=_MESSAGE_BYTES),
        "priority": 5 if message.urgent else 3,
        "tags": ["rotating_light" if message.urgent else "white_check_mark"],
        "click": message.ack_link or message.link,
    }
    if message.ack_link:
        body["click"] = message.link
        # A link to the page with the button, not an `http` action: that would put a request which
        # acknowledges into a message that everybody who knows the topic can read and replay.
        body["actions"] = [{"action": "view", "label": "Acknowledge", "url": message.ack_link}]
    return body


def _id(content: bytes) -> str:
    """Return the server's id of the message.

    Raises TransportError (unknown) if the answer is not ntfy's, such as a sign-in page of a proxy.
    """
    try:
        answer = json.loads(content)
        return str(answer["id"])
    except (ValueError, TypeError, KeyError) as error:
        raise TransportError(
            "answered 2xx, but not as ntfy does", fault=Fault.INSTALLATION, unknown=True
        ) from error
