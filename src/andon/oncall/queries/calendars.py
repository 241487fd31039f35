"""Calendar feeds: the shifts of one rota or of one person as an iCalendar document."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

import andon
from andon.core.ids import digest
from andon.core.periods import Period
from andon.oncall import ical, models, rules
from andon.oncall.queries.rotas import load_rotas
from andon.oncall.types import LONGEST_TURN, FeedRow, Rota, Shift
from andon.people import queries as people

#: An address nobody has read for this long stops working.
UNUSED_FOR = timedelta(days=180)


def feed(token: str, now: datetime) -> tuple[bytes, str] | None:
    """Return a calendar and its entity tag; None for an unknown, revoked or expired address.

    One of somebody's own shifts stops working when they leave.

    The web calls `actions.use_feed`, which also notes the use; this one only reads.
    """
    found = find_feed(token=token, now=now)
    if found is None:
        return None
    shown = ical.window(now)
    if found.rota is not None:
        rotas = load_rotas(period=shown, slugs=[found.rota.slug])
        name, only = found.rota.title, None
    else:
        rotas = load_rotas(period=shown)
        name, only = str(found.person), found.person.slug if found.person else None
    body = ical.render(
        name=f"On call: {name}",
        entries=_entries(rotas, shown, only),
        shown=shown,
        host=urlsplit(settings.ANDON_URL).hostname or "andon",
        version=andon.__version__,
    )
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def find_feed(*, token: str, now: datetime) -> models.CalendarFeed | None:
    """Return the live feed of a secret."""
    since = now - UNUSED_FOR
    return (
        models.CalendarFeed.objects.select_related("rota", "person")
        .filter(
            Q(person__isnull=True) | Q(person__is_active=True, person__retired_at__isnull=True),
            Q(last_used_at__gt=since) | Q(last_used_at__isnull=True, created_at__gt=since),
            digest=digest(token),
            revoked_at__isnull=True,
        )
        .first()
    )


def list_feeds(*, person: str | None = None, rota: str | None = None) -> list[FeedRow]:
    """Return the live feeds of a person or a rota, newest first, with their hint and last use."""
    rows = models.CalendarFeed.objects.filter(revoked_at__isnull=True)
    rows = rows.filter(person__slug=person) if person else rows.filter(rota__slug=rota)
    return [
        FeedRow(row.pk, row.hint, row.created_at, row.last_used_at)
        for row in rows.order_by("-created_at")
    ]


def _entries(
    rotas: Mapping[str, Rota], shown: Period, only: str | None
) -> list[ical.CalendarShift]:
    found = [
        (rota, shift)
        for rota in rotas.values()
        for shift in rules.shifts(rota=rota, period=shown)
        if only is None or shift.person == only
    ]
    names = people.names(slugs={shift.person for _, shift in found})
    changes = _override_changes(rotas.values(), shown)
    return [
        ical.CalendarShift(
            shift=shift,
            rota=rota.slug,
            rota_title=rota.title,
            person_name=names.get(shift.person, shift.person),
            changed_at=_changed_at(rota, shift, changes.get(rota.id, [])),
        )
        for rota, shift in sorted(found, key=lambda f: (f[1].period, f[0].slug))
    ]


_Changes = list[tuple[datetime, datetime, datetime]]


def _override_changes(rotas: Iterable[Rota], shown: Period) -> dict[int, _Changes]:
    """Return (starts, ends, changed) of every override of rotas, cancelled ones too."""
    rows = models.Override.objects.filter(
        rota__in=[rota.id for rota in rotas],
        starts_at__lt=shown.ends_at + LONGEST_TURN,
        ends_at__gt=shown.starts_at - LONGEST_TURN,
    ).values_list("rota_id", "starts_at", "ends_at", "created_at", "cancelled_at")
    found: dict[int, _Changes] = defaultdict(list)
    for rota_id, starts_at, ends_at, created_at, cancelled_at in rows:
        found[rota_id].append((starts_at, ends_at, cancelled_at or created_at))
    return found


def _changed_at(rota: Rota, shift: Shift, changes: _Changes) -> datetime:
    """Return when a shift last changed: its version's start, or an override near it made or ended.

    "Near" is generous (a longest turn before its end): an event that says it changed when it did
    not costs nothing, one that hides a change stays wrong in the reader's calendar.
    """
    start, end = shift.period.starts_at, shift.period.ends_at
    known = [v.period.starts_at for v in rota.versions if start in v.period]
    known += [at for s, e, at in changes if s <= end and e >= end - LONGEST_TURN]
    known += [d.at for d in rota.departures if d.at is not None and d.at <= end]
    return max(known, default=start)
