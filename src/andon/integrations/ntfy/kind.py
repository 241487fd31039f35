"""What the rest of Andon knows of ntfy."""

from dataclasses import replace

from andon.core.addresses import URL
from andon.people.rules import doubling
from andon.people.types import ContactKind, Delays

CONTACT = ContactKind(
    name="ntfy",
    one="push message",
    many="push messages",
    what="An ntfy topic",
    form=replace(URL, example="https://ntfy.sh/TOPIC"),
    workers=16,
    delays=Delays(pages=(2.0, 5.0, 15.0), notices=doubling(first=5.0, most=300.0, attempts=6)),
)
