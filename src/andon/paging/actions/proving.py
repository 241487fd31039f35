"""A real message to each of somebody's addresses, on the way that pages take: no page, no incident.

It leaves by the same queue, lanes and transports, whichever engine runs them; so it proves what a
check of the server alone cannot: that this very address is taken.
"""

import math
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from andon.core import audit, bulk, claims
from andon.core.errors import Refusal
from andon.paging import rules
from andon.paging.actions import queueing
from andon.paging.models import Notification
from andon.paging.rules.delivery import TEST
from andon.paging.types import NotificationState
from andon.people import actions as people_actions
from andon.people import queries as people
from andon.people.types import CONTACT_KINDS, Contact

#: One test of a person's addresses in so long, whoever asks: their phone rings each time.
PAUSE = timedelta(seconds=30)


class UnableToTest(Refusal):
    """No test of somebody's addresses can be made now."""

    code = "unable_to_test_addresses"


def send_test(*, person: str, by: str, now: datetime) -> list[UUID]:
    """Enqueue a message to each address of a person, those once refused included; return their ids.

    Raises UnableToTest when there is no such person, no address, or a test a moment ago.
    """
    return claims.retry(lambda: _send_test(person, by, now))


def give_up(*, uids: Collection[UUID]) -> int:
    """Cancel what has not left, so that it does not arrive when nobody waits for it any more."""
    rows = Notification.objects.filter(
        uid__in=uids, purpose=TEST, state=NotificationState.PENDING, lease_until__isnull=True
    )
    return rows.update(
        state=NotificationState.CANCELLED, next_at=None, error="no engine took it in time"
    )


def _send_test(slug: str, by: str, now: datetime) -> list[UUID]:
    with transaction.atomic():
        who = people_actions.lock_person(slug=slug)
        if who is None:
            raise UnableToTest(f"There is nobody called {slug!r} who works here.", person=slug)
        made = Notification.objects.filter(person_id=who.id, purpose=TEST).order_by("-pk").first()
        if made is not None and now - made.created_at < PAUSE:
            left = math.ceil((made.created_at + PAUSE - now).total_seconds())
            raise UnableToTest(
                f"The addresses of {who.name} were tested a moment ago: wait {left} s.", person=slug
            )
        every = people.contact_methods(person_id=who.id, viewer_id=who.id)
        methods = [one for one in every if one.kind in CONTACT_KINDS]
        if not methods:
            raise UnableToTest(
                f"{who.name} has no address: nothing can reach them. Addresses are written in the "
                "catalogue's files.",
                person=slug,
            )
        text = rules.text_of_test(name=who.name, by=by, timezone=who.timezone, at=now)
        rows = [
            queueing.row(
                to=Contact(one.kind, one.address, one.id),
                text=text,
                purpose=TEST,
                now=now,
                person_id=who.id,
            )
            for one in methods
        ]
        bulk.insert(Notification, rows)
        audit.record(actor=by, verb="tested", subject=f"person:{slug}", now=now)
        return [row["uid"] for row in rows]
