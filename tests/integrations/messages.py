"""Messages for tests of transports."""

from dataclasses import replace
from datetime import UTC, datetime

from andon.paging.types import Message
from andon.people.types import Contact, ContactKind

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PAGE = "0192f3c0-7c1e-7a51-9a0b-6a2f5f0b9d11"
UID = "0192f3c0-7c1e-7a51-9a0b-6a2f5f0b9d22"
#: Ten thousand characters of everything that ever broke a channel.
HOSTILE = (
    "Boom\r\nBcc: all@example.org\r\n\r\n.\r\n<script>alert(1)</script>\x00 "
    "\U0001f525\u202eevil\u2066 "
    "@everyone &amp; שלום \ud800 "
) * 150


def message(kind: ContactKind, address: str, **changes: object) -> Message:
    """Return a page for an address."""
    made = Message(
        uid=UID,
        contact=Contact(kind, address),
        subject="[critical] Checkout: 5xx above 1%",
        body="Checkout: 5xx above 1%\n\nMoney at risk: GBP 3,333 per minute",
        data={"page": PAGE, "purpose": "page", "service": "Checkout", "severity": "critical"},
        link="https://andon.example/p/7/",
        ack_link="https://andon.example/a/token/",
    )
    return replace(made, **changes)  # type: ignore[arg-type]
