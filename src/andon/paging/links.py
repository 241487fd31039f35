"""Links in messages: to a page, and to acknowledge it without signing in.

An acknowledge link carries a notification's id, signed. It is stateless; that it works once, and
not for ever, is asked when it is used (`actions.use_ack_link`). What it leads to afterwards, a look
at that one incident, is signed for that alone: neither token is of use as the other.
"""

import uuid
from datetime import datetime, timedelta

from django.core import signing

_SALT, _LOOK_SALT = "andon.ack", "andon.look"

#: How long after its making a link acts. An open page outlives it; people then sign in.
LIFE = timedelta(days=7)
#: How long a link that can no longer act still shows what it was about: to whoever has just pressed
#: it, or came second. Later it is an old message that somebody may have forwarded.
SHOWS = timedelta(minutes=30)
#: How long after that act whoever pressed, or came second, may read without an account.
LOOKS = timedelta(hours=2)


def ack_link(*, base_url: str, uid: uuid.UUID | str) -> str:
    """Return the address that offers to acknowledge the page of a notification."""
    return f"{base_url}/a/{sign(uid=uid)}/"


def page_link(*, base_url: str, uid: uuid.UUID | str) -> str:
    """Return the address that shows a page, for people who sign in."""
    return f"{base_url}/p/{uid}/"


def look_path(*, uid: uuid.UUID | str) -> str:
    """Return the path that shows, for a while, the incident a notification was about."""
    return f"/look/{_sign(uid, _LOOK_SALT)}/"


def own_link(*, base_url: str) -> str:
    """Return the address of the reader's own page, for people who sign in."""
    return f"{base_url}/people/me/"


def sign(*, uid: uuid.UUID | str) -> str:
    """Return the token of a notification: its id in 22 characters and a signature."""
    return _sign(uid, _SALT)


def read_token(*, token: str) -> uuid.UUID | None:
    """Return the id of the notification a token was made for, or None when nobody here made it."""
    return _read(token, _SALT)


def read_look(*, token: str) -> uuid.UUID | None:
    """Return the id of the notification whose incident a token shows, or None."""
    return _read(token, _LOOK_SALT)


def _sign(uid: uuid.UUID | str, salt: str) -> str:
    raw = uuid.UUID(str(uid)).bytes
    return signing.Signer(salt=salt, sep=".").sign(signing.b64_encode(raw).decode("ascii"))


def _read(token: str, salt: str) -> uuid.UUID | None:
    try:
        text = signing.Signer(salt=salt, sep=".").unsign(token)
        return uuid.UUID(bytes=signing.b64_decode(text.encode("ascii")))
    except (signing.BadSignature, ValueError):
        return None


def is_expired(*, created_at: datetime, now: datetime) -> bool:
    """Return whether the link of a notification made at an instant no longer acts."""
    return now >= created_at + LIFE
