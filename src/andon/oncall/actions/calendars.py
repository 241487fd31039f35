"""Secret calendar addresses: made, revoked, and read by calendar programs."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from andon.catalogue import queries as catalogue
from andon.core import audit, process
from andon.core.errors import Refusal
from andon.core.ids import Secret, digest, new_secret
from andon.oncall import queries
from andon.oncall.models import CalendarFeed
from andon.people import queries as people

#: Calendar programs ask many times a day; the last use is written down this often at most.
_USE_NOTED_EVERY = timedelta(hours=1)


class UnableToShareCalendar(Refusal):
    """A calendar address could not be made or revoked."""

    code = "unable_to_share_calendar"
    status = 404


@transaction.atomic
def create_feed(
    *, by: str, now: datetime, rota: str | None = None, person: str | None = None
) -> Secret:
    """Return a new secret for the address of one rota's or one person's calendar, by slug."""
    if (rota is None) == (person is None):
        raise ValueError("a calendar is of one rota or of one person")
    of_rota = catalogue.find_rota(slug=rota) if rota else None
    of_person = people.find_people(slugs=[person]).get(person) if person else None
    if of_rota is None and of_person is None:
        raise UnableToShareCalendar(f"There is no rota or person called {rota or person!r}.")
    secret = new_secret("andon_cal_")
    CalendarFeed.objects.create(
        digest=secret.digest,
        hint=secret.hint,
        rota_id=of_rota.id if of_rota else None,
        person_id=of_person.id if of_person else None,
        created_at=now,
    )
    _record(verb="create calendar", by=by, now=now, rota=rota, person=person, hint=secret.hint)
    return secret


@transaction.atomic
def revoke_feed(
    *, feed_id: int, by: str, now: datetime, rota: str | None = None, person: str | None = None
) -> None:
    """Stop an address of a rota's or a person's calendar from working.

    Raises UnableToShareCalendar when that rota or person has no such live address.
    """
    rows = CalendarFeed.objects.filter(pk=feed_id, revoked_at__isnull=True)
    feed = rows.filter(rota__slug=rota) if rota else rows.filter(person__slug=person)
    found = feed.values_list("hint", flat=True).first()
    if found is None:
        raise UnableToShareCalendar("There is no such calendar address any more.")
    rows.update(revoked_at=now)
    _record(verb="revoke calendar", by=by, now=now, rota=rota, person=person, hint=found)


def use_feed(*, token: str, now: datetime) -> tuple[bytes, str] | None:
    """Return what `queries.feed` does, and note the use, which keeps the address alive."""
    found = queries.feed(token, now)
    if found is not None:
        with process.incidental():
            CalendarFeed.objects.filter(
                Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USE_NOTED_EVERY),
                digest=digest(token),
            ).update(last_used_at=now)
    return found


def _record(
    *, verb: str, by: str, now: datetime, rota: str | None, person: str | None, hint: str
) -> None:
    subject = f"rota:{rota}" if rota else f"person:{person}"
    audit.record(actor=by, verb=verb, subject=subject, now=now, hint=hint)
