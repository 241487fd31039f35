"""Signs bodies as https://www.standardwebhooks.com says, and makes the secrets to do it with."""

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"


class UnusableSecret(ValueError):
    """The text is not a secret such as `whsec_...`, base64 of 16 bytes or more."""


def sign(*, secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the `webhook-signature` header. Raises UnusableSecret."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def derive_secret(*, installation_key: str, url: str) -> str:
    """Return the secret of one receiver, made from the installation's secret key and its URL.

    Receivers cannot compute each other's, and nothing needs to be stored.
    """
    digest = hmac.new(
        installation_key.encode(), b"andon.webhook\x00" + url.encode(), hashlib.sha256
    ).digest()
    return PREFIX + base64.b64encode(digest).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise UnusableSecret("a webhook secret is whsec_ and base64") from error
    if not secret.startswith(PREFIX) or len(key) < 16:
        raise UnusableSecret("a webhook secret is whsec_ and base64 of 16 bytes or more")
    return key
