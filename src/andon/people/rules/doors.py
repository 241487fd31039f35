"""Links that open an account: for how long, how often, and who is meant by what somebody types."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from andon.people.rules.signing_in import WINDOW
from andon.people.types import DoorLink, Named, Wait

#: How long a link opens: one sent by mail, one made on the server, one that sets Andon up.
BY_MAIL, BY_COMMAND, SET_UP = timedelta(minutes=30), timedelta(hours=1), timedelta(hours=24)
#: Links mailed to one person within `signing_in.WINDOW`. All of them open until one is used, so
#: whoever asks for links in somebody's name takes none from them.
MOST_BY_MAIL = 5
#: How the secret of a link begins.
LINK_PREFIX = "andon_door_"
#: Characters of the longest mail address.
LONGEST_NAME = 254


def typed_name(text: str) -> str:
    """Return what somebody typed to say who they are, fit to be looked for in a database."""
    known = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    return " ".join(known.split())[:LONGEST_NAME]


def sign_in_link(*, base_url: str, plain: str) -> str:
    """Return the address that offers to sign somebody in."""
    return f"{base_url}/sign-in/link/{plain}/"


def set_up_link(*, base_url: str, plain: str) -> str:
    """Return the address that offers to make the first administrator."""
    return f"{base_url}/set-up/{plain}/"


def who_is_meant(*, typed: str, people: Collection[Named]) -> str:
    """Return the slug of the one person whom a text names, in any case; nothing if not just one."""
    found = {one.slug for one in all_meant(typed=typed, people=people)}
    return found.pop() if len(found) == 1 else ""


def all_meant(*, typed: str, people: Collection[Named]) -> list[Named]:
    """Return everybody whom a text names, in any case.

    A slug goes before an address, and an address before a name: names are what people share.
    """
    text = typed.casefold()
    if not text:
        return []
    by_slug = [one for one in people if one.slug.casefold() == text]
    by_mail = [one for one in people if text in (mail.casefold() for mail in one.emails)]
    return by_slug or by_mail or [one for one in people if _plain(one.name) == text]


def link_refusal(*, link: DoorLink, now: datetime) -> str:
    """Return why a link opens nothing any more, in words; nothing while it opens."""
    if link.ended_at is not None:
        return "This link has been used, or something newer took its place; it works once."
    if now >= link.expires_at:
        return "This link is too old; it works for a short while only."
    return ""


def mail_wait(*, made: Sequence[datetime], now: datetime) -> Wait | None:
    """Return how long a person gets no further link by mail, or None when one may be sent."""
    recent = sorted((at for at in made if at > now - WINDOW), reverse=True)
    if len(recent) < MOST_BY_MAIL:
        return None
    return Wait(recent[MOST_BY_MAIL - 1] + WINDOW, "Too many sign-in links to one person")


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
