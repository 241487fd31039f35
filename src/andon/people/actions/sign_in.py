"""Tries to sign in: counted before the password is looked at, forgotten when it was right."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Q

from andon.core import audit
from andon.core.models import AuditEntry
from andon.people import rules
from andon.people.models import Person, SignInLink, SignInTry
from andon.people.types import Door

#: What is written down about signing in.
SIGNED_IN, SIGNED_OUT = "signed in", "signed out"
FAILED, HELD_BACK = "failed to sign in", "was held back from signing in"


def begin_sign_in(
    *, name: str, network: str, device: str, now: datetime, door: Door = Door.PASSWORD
) -> None:
    """Count a try. Before the password is checked, so that tries at one moment count as well."""
    SignInTry.objects.create(at=now, name=name, network=network, device=device, door=door)


def end_sign_in(*, name: str, network: str, device: str) -> None:
    """Forget the tries of somebody who has now signed in: they were their own."""
    mine = Q(device=device) if device else Q(network=network, device="")
    SignInTry.objects.filter(mine, name=name).delete()


def record_sign_in(
    *, verb: str, name: str, address: str, now: datetime, how: str = "password"
) -> None:
    """Write down who signed in or out, failed to, or was held back, and from where and how.

    A name that nobody has is not kept: people type their password into the wrong field. Whoever is
    held back again within the time they wait is written down once.
    """
    person = Person.objects.filter(slug=name).first()
    actor = audit.Actor(person.name, person=person.slug) if person else "somebody unknown"
    subject = f"person:{person.slug}" if person else "person:unknown"
    again = AuditEntry.objects.filter(
        subject=subject, verb=verb, at__gt=now - rules.WINDOW, data__address=address
    )
    if verb == HELD_BACK and again.exists():
        return
    audit.record(actor=actor, verb=verb, subject=subject, now=now, address=address, how=how)


def forget(*, now: datetime, limit: int) -> int:
    """Delete sessions and links that are over, and tries that no longer count; return how many."""
    over = Session.objects.filter(expire_date__lt=now).order_by("expire_date")
    sessions = list(over.values_list("pk", flat=True)[:limit])
    old = SignInTry.objects.filter(at__lt=now - rules.WINDOW).order_by("at")
    tries = list(old.values_list("pk", flat=True)[:limit])
    ended = SignInLink.objects.filter(expires_at__lt=now - rules.SET_UP).order_by("expires_at")
    links = list(ended.values_list("pk", flat=True)[:limit])
    if links:
        SignInLink.objects.filter(pk__in=links).delete()
    if sessions:
        Session.objects.filter(pk__in=sessions).delete()
    if tries:
        SignInTry.objects.filter(pk__in=tries).delete()
    return len(sessions) + len(tries) + len(links)
