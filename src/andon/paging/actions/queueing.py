"""A message as a row of the queue: whatever it says, it leaves on the same way."""

from datetime import datetime
from typing import Any

from andon.core.ids import uuid7
from andon.paging.rules.delivery import server
from andon.paging.types import Text
from andon.people.types import Contact

#: Behind every message about a page.
LAST = 9

#: A row of a table that is not written yet, by column attribute.
Row = dict[str, Any]


def row(
    *, to: Contact, text: Text, purpose: str, now: datetime, step: int = 0, priority: int = LAST,
    **whose: object,
) -> Row:  # fmt: skip
    """Return a notification that is due at once; `whose` are the columns of whom it belongs to."""
    return {
        "uid": uuid7(),
        "step": step,
        "contact_method_id": to.id,
        "kind": to.kind,
        "destination": to.address,
        "server": server(destination=to.address),
        "purpose": purpose,
        "subject": text.subject,
        "body": text.body,
        "data": text.data,
        "priority": priority,
        "created_at": now,
        "next_at": now,
        **whose,
    }
