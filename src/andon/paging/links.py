"""Links in messages: to a page, and to acknowledge it without signing in.

An acknowledge link carries a notification's id, signed. It is stateless; that it works once, and
not for ever, is asked when it is used (`actions.use_ack_link`).
"""

import uuid
from datetime import datetime, timedelta

from django.core import signing

_SALT = "andon.ack"

#: How long after its making a link acts. An open page outlives it; people then sign in.
LIFE = timedelta(days=7)
#: How long a link that can no longer act still shows what it was about: to whoever has just pressed
#: it, or came second. Later it is an old message that somebody may have forwarded.
SHOWS = timedelta(minutes=30)


def ack_link(*, base_url: str, uid: uuid.UUID | str) -> str:
    """Return the address that offers to acknowledge the page of a notification."""
    return f"{base_url}/a/{sign(uid=uid)}/"


def page_link(*, base_url: str, uid: uuid.UUID | str) -> str:
    """Return the address that shows a page, for people who sign in."""
    return f"{base_url}/p/{uid}/"


def sign(*, uid: uuid.UUID | str) -> str:
    """Return the token of a notification: its id in 22 characters and a signature."""
    raw = uuid.UUID(str(uid)).bytes
    return signing.Signer(salt=_SALT, sep=".").sign(signing.b64_encode(raw).decode("ascii"))


def read_token(*, token: str) -> uuid.UUID | None:
    """Return the id of the notification a token was made for, or None when nobody here made it."""
    try:
        text = signing.Signer(salt=_SALT, sep=".").unsign(token)
        return uuid.UUID(bytes=signing.b64_decode(text.encode("ascii")))
    except (signing.BadSignature, ValueError):
        return None


def is_expired(*, created_at: datetime, now: datetime) -> bool:
    """Return whether the link of a notification made at an instant no longer acts."""
    return now >= created_at + LIFE
