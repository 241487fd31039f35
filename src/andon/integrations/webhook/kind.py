"""What the rest of Andon knows of webhooks."""

from andon.core.addresses import URL
from andon.people.rules import doubling
from andon.people.types import ContactKind, Delays

CONTACT = ContactKind(
    name="webhook",
    one="webhook",
    many="webhooks",
    what="A signed webhook",
    form=URL,
    workers=32,
    delays=Delays(pages=(2.0, 5.0, 15.0), notices=doubling(first=5.0, most=300.0, attempts=6)),
    shared=False,
)
