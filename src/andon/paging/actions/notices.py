"""Those whom an override concerns are told of it, on the way that pages take, and behind them."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import transaction

from andon.core import claims
from andon.core.ids import uuid7
from andon.oncall import actions as oncall
from andon.oncall import queries as oncall_queries
from andon.oncall.types import OverrideNews
from andon.paging import rules
from andon.paging.models import Notification
from andon.paging.rules.delivery import OVERRIDE, server
from andon.people import queries as people
from andon.people.models import ContactMethod
from andon.people.types import CONTACT_KINDS

#: Behind every message about a page.
_PRIORITY = 9


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
        methods = _methods(slugs)
        Notification.objects.bulk_create(
            row
            for news in found
            for slug in (news.person, *news.displaced)
            for row in _rows(news, slug, methods.get(slug, ()), names, now)
        )
    return taken


def _methods(slugs: Collection[str]) -> dict[str, list[ContactMethod]]:
    """Return where people are told: by what wakes nobody, or for want of it by all they have."""
    rows = ContactMethod.objects.filter(
        person__slug__in=slugs,
        person__is_active=True,
        person__retired_at__isnull=True,
        kind__in=CONTACT_KINDS.names(),
        fault="",
    ).select_related("person")
    every: dict[str, list[ContactMethod]] = {}
    quiet: dict[str, list[ContactMethod]] = {}
    for row in rows.order_by("position", "id"):
        every.setdefault(row.person.slug, []).append(row)
        if not CONTACT_KINDS.of(row.kind).rings:
            quiet.setdefault(row.person.slug, []).append(row)
    return every | quiet


def _rows(
    news: OverrideNews,
    slug: str,
    methods: Collection[ContactMethod],
    names: dict[str, str],
    now: datetime,
) -> Iterator[Notification]:
    for method in methods:
        text = rules.override_text(news=news, to=slug, names=names, timezone=method.person.timezone)
        yield Notification(
            uid=uuid7(),
            step=0,
            person=method.person,
            contact_method=method,
            kind=method.kind,
            destination=method.address,
            server=server(destination=method.address),
            purpose=OVERRIDE,
            subject=text.subject,
            body=text.body,
            data=text.data,
            priority=_PRIORITY,
            created_at=now,
            next_at=now,
        )
