"""Rows made directly, for tests of stages and of the web: the rest is chosen here."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from andon.alerts.models import Alert, IntegrationKey
from andon.alerts.types import AlertState
from andon.catalogue import models as catalogue
from andon.core.ids import new_secret
from andon.paging.models import Decision, Notification, Page, PagedAlert
from andon.paging.types import PageState
from andon.people.models import ApiKey, ContactMethod, Membership, Person, Team

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
_numbers = count(1)


def person(slug: str = "", *, name: str = "", staff: bool = False, **fields: Any) -> Person:
    """Make somebody who can sign in with `PASSWORD` and has an e-mail address."""
    slug = slug or f"person-{next(_numbers)}"
    made = Person(slug=slug, name=name or slug.title(), is_staff=staff, **fields)
    made.set_unusable_password()
    made.save()
    ContactMethod.objects.create(person=made, kind="email", address=f"{slug}@example.org")
    return made


def api_key(who: Person | None, *, name: str = "test", now: datetime = NOW) -> str:
    """Make a key for the REST API and return it in plain."""
    secret = new_secret("andon_api_")
    ApiKey.objects.create(
        name=name, digest=secret.digest, hint=secret.hint, person=who, created_at=now
    )
    return secret.plain


def team(slug: str = "", *, members: Sequence[Person] = (), **fields: Any) -> Team:
    """Make a team with members."""
    slug = slug or f"team-{next(_numbers)}"
    made = Team.objects.create(slug=slug, title=fields.pop("title", slug.title()), **fields)
    Membership.objects.bulk_create(Membership(team=made, person=one) for one in members)
    return made


def service(
    slug: str = "",
    *,
    owner: Team | None = None,
    ppm: int = 999_000,
    exposure: int | None = 20_000_000,
    currency: str = "GBP",
    **fields: Any,
) -> catalogue.Service:
    """Make a service at a target (99.9%) with an exposure in minor units (GBP 200,000 an hour)."""
    slug = slug or f"service-{next(_numbers)}"
    made = catalogue.Service.objects.create(
        slug=slug,
        title=fields.pop("title", slug.title()),
        owner=owner or team(),
        exposure_minor=exposure,
        exposure_currency=currency if exposure is not None else "",
        **fields,
    )
    catalogue.AvailabilityTarget.objects.create(
        service=made, ppm=ppm, starts_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    return made


def key(*, kind: str = "generic", **fields: Any) -> IntegrationKey:
    """Make an integration key whose secret nobody knows."""
    secret = new_secret("andon_key_")
    return IntegrationKey.objects.create(
        name=fields.pop("name", f"key {next(_numbers)}"),
        kind=kind,
        digest=secret.digest,
        hint=secret.hint,
        created_at=fields.pop("created_at", NOW),
        **fields,
    )


def alert(
    of: catalogue.Service | None = None,
    *,
    by: IntegrationKey | None = None,
    at: datetime = NOW,
    **fields: Any,
) -> Alert:
    """Make an open alert that paging has already seen."""
    defaults: dict[str, Any] = {
        "dedup_key": f"dedup-{next(_numbers)}",
        "severity": "critical",
        "summary": f"{of.slug if of else 'something'} is down",
        "service_ref": of.slug if of else "nobody-knows",
        "starts_at": at,
        "received_at": at,
        "last_received_at": at,
        "unseen": False,
    }
    return Alert.objects.create(key=by or key(), service=of, **{**defaults, **fields})


def page(
    of: catalogue.Service | None = None,
    *,
    alerts: Sequence[Alert] | None = None,
    at: datetime = NOW,
    **fields: Any,
) -> Page:
    """Make a page in flight for a service (or for a name nobody declared) with its one alert."""
    ref = fields.pop("ref", "nobody-knows")
    defaults: dict[str, Any] = {
        "subject_kind": "service" if of else "unknown",
        "subject_ref": str(of.pk) if of else ref,
        "state": PageState.PAGING,
        "severity": "critical",
        "summary": f"{of.slug if of else ref} is down",
        "opened_at": at,
        "started_at": at,
        "reason": "In working hours: the owning team is paged.",
    }
    made = Page.objects.create(service=of, **{**defaults, **fields})
    for one in alerts if alerts is not None else [alert(of, at=made.started_at)]:
        PagedAlert.objects.create(page=made, alert=one, joined_at=at)
    Decision.objects.create(page=made, at=at, kind="route", reason=made.reason)
    return made


def notification(of: Page, *, to: Person, at: datetime = NOW, **fields: Any) -> Notification:
    """Make a message of a page to a person, already sent."""
    defaults: dict[str, Any] = {
        "step": 0,
        "kind": "email",
        "destination": f"{to.slug}@example.org",
        "subject": of.summary,
        "body": of.summary,
        "state": "sent",
        "created_at": at,
        "sent_at": at + timedelta(seconds=1),
    }
    return Notification.objects.create(page=of, person=to, **{**defaults, **fields})


def touch(made: Page, **fields: Any) -> Page:
    """Change a page as paging does: what incidents must look at again."""
    for name, value in fields.items():
        setattr(made, name, value)
    made.unseen = True
    made.revision += 1
    made.save()
    return made


def end(made: Page, *, at: datetime) -> Page:
    """Resolve a page and all of its alerts."""
    Alert.objects.filter(
        id__in=PagedAlert.objects.filter(page=made).values("alert_id"), state=AlertState.OPEN
    ).update(state=AlertState.RESOLVED, resolved_at=at)
    return touch(made, state=PageState.RESOLVED, resolved_at=at, next_at=None)


def rota(
    slug: str = "",
    *,
    of: Team | None = None,
    people: Sequence[Person] = (),
    covers: str = "always",
    starts_on: str = "2026-01-05",
) -> catalogue.Rota:
    """Make a weekly rota that hands over on Mondays at 09:00 in London."""
    slug = slug or f"rota-{next(_numbers)}"
    made = catalogue.Rota.objects.create(slug=slug, title=slug.title(), team=of, covers=covers)
    catalogue.RotaVersion.objects.create(
        rota=made,
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        document={
            "timezone": "Europe/London",
            "rotation": {
                "unit": "week",
                "every": 1,
                "handover": "09:00",
                "starts_on": starts_on,
                "participants": [one.slug for one in people],
            },
        },
    )
    return made
