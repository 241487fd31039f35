"""How the portal renders a page: its own templates, in the reader's time zone, cached by nobody."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import DjangoTemplates
from django.utils import timezone

from andon.core import clock
from andon.core.audit import Actor
from andon.people import queries as people
from andon.people.types import SignedIn

HERE = Path(__file__).resolve().parent


@cache
def engine() -> DjangoTemplates:
    """Return the portal's template engine: Django's, with the portal's own words built in."""
    return DjangoTemplates(
        {
            "NAME": "portal",
            "DIRS": [str(HERE / "templates")],
            "APP_DIRS": False,
            "OPTIONS": {
                "builtins": ["andon.web.portal.tags", "django.templatetags.static"],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    )


def viewer(request: HttpRequest) -> SignedIn:
    """Return who is signed in. Only for views that require it."""
    if not request.user.is_authenticated:
        raise TypeError("this view needs somebody who is signed in")
    return people.signed_in(person=request.user)


def actor(request: HttpRequest) -> Actor:
    """Return who is signed in, for what is written down. Only for views that require it."""
    person = viewer(request)
    return Actor(person.name, person=person.slug, via="the portal")


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Return the time zone the reader lives in; UTC for those who are not signed in."""
    user = getattr(request, "user", None)
    return zone_named(user.timezone) if user and user.is_authenticated else ZoneInfo("UTC")


def zone_named(name: str) -> ZoneInfo:
    """Return a zone by its IANA name; UTC when there is no such zone: a page still comes."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    *,
    zone: ZoneInfo | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return a page, with times in `zone`, else the reader's. `now` is in every context."""
    shown_in = zone or zone_of(request)
    with timezone.override(shown_in):
        content = (
            engine()
            .get_template(f"portal/{template}")
            .render(
                {
                    "now": clock.now(),
                    "zone": shown_in.key,
                    "sample": settings.ANDON_SAMPLE,
                    **context,
                },
                request,
            )
        )
    response = HttpResponse(content, status=status)
    # Pages hold who is on call and how to reach them: shared caches must not keep them.
    response["Cache-Control"] = "private, no-cache"
    return response
