"""Those whom an override concerns are told of it, on the way that pages take, and behind them."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from andon.core import bulk, claims
from andon.oncall import actions as oncall
from andon.oncall import queries as oncall_queries
from andon.oncall.types import OverrideNews
from andon.paging import rules
from andon.paging.actions import queueing
from andon.paging.models import Notification
from andon.paging.rules.delivery import OVERRIDE
from andon.people import queries as people
from andon.people.types import CONTACT_KINDS, Contact, Person


def tell_overrides(*, now: datetime, limit: int) -> int:
    """Enqueue what those concerned are told of overrides; return how many overrides that were.

    In one transaction with the note that they were told, so each is told once, or at least once
    when a worker dies while it sends.
    """
    # Asked before the transaction: on SQLite that would take the one writer's place for nothing.
    return claims.retry(lambda: _tell(now, limit)) if oncall_queries.has_news() else 0


def _tell(now: datetime, limit: int) -> int:
    with transaction.atomic():
        found, taken = oncall.take_news(now=now, limit=limit)
        slugs = {slug for one in found for slug in (one.person, *one.displaced)}
        names = people.names(slugs=slugs | {one.made_by for one in found})
        everybody = people.contacts(slugs=slugs, whole=True)
        rows = [
            row
            for news in found
            for slug in (news.person, *news.displaced)
            if slug in everybody
            for row in _rows(news, everybody[slug], names, now)
        ]
        bulk.insert(Notification, rows)
    return taken


def _ways(person: Person) -> list[Contact]:
    """Return where somebody is told: by what wakes nobody, or for want of it by all they have."""
    quiet = [one for one in person.contacts if not CONTACT_KINDS.of(one.kind).rings]
    return quiet or list(person.contacts)


def _rows(
    news: OverrideNews, person: Person, names: dict[str, str], now: datetime
) -> Iterator[queueing.Row]:
    text = rules.override_text(news=news, to=person.slug, names=names, timezone=person.timezone)
    for contact in _ways(person):
        yield queueing.row(to=contact, text=text, purpose=OVERRIDE, now=now, person_id=person.id)
