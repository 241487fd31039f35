"""What the rest of Andon knows of mail."""

from andon.core.addresses import MAIL
from andon.people.rules import doubling
from andon.people.types import EMAIL, ContactKind, Delays

CONTACT = ContactKind(
    name=EMAIL,
    one="mail",
    many="mails",
    what="Mail",
    form=MAIL,
    # As many connections to its server at most.
    workers=8,
    # What was put off is tried until its useful life ends, but not more often than this.
    delays=Delays(
        pages=doubling(first=2.0, most=30.0, attempts=60),
        notices=doubling(first=5.0, most=300.0, attempts=60),
    ),
    rings=False,
    server="the mail server",
    is_public=True,
    is_case_blind=True,
)
