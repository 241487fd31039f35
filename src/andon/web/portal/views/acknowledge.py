"""The page behind the link in a message: no sign-in, one button, and then a look at the incident.

A link that acted on GET would be pressed by every mail scanner on its way, so only POST acts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from andon.alerts.types import AlertKind
from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.core.errors import Refusal
from andon.core.money import Money, per_minute
from andon.paging import actions, queries
from andon.paging.types import AckLink
from andon.web.portal.pages import render, zone_named, zone_of
from andon.web.portal.reads import looks

_UNKNOWN = "This link was not made here, or it was cut short on its way to you."
_NO_LOOK = "The while in which this could be read without signing in is over."
_OVER = "This link can no longer act: what it was for is over, or it has been used."


@dataclass(frozen=True, slots=True)
class About:
    """What somebody who was woken up has to know before pressing the button."""

    service: str
    kind: AlertKind
    summary: str
    state: str
    started_at: datetime
    per_minute: Money | None
    runbook: str
    uid: str
    #: (name, value) of the labels that say which instance, pod or region it is.
    labels: Sequence[tuple[str, str]] = ()
    #: Where the incident may be read without an account, and until when.
    look: str = ""
    look_until: datetime | None = None


# The signed address proves the right to act, not a cookie: a forged request from another site would
# have to know it. With Django's check, a browser that keeps no cookies could not acknowledge.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link is about; on POST acknowledge it."""
    response = _use(request, token) if request.method == "POST" else _ask(request, token)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@login_not_required
@require_safe
def look(request: HttpRequest, token: str) -> HttpResponse:
    """Show the incident behind a link that has acted, for a while, to be read and nothing else."""
    now = clock.now()
    asked = queries.find_look(token=token, now=now)
    if asked is None or asked.look_until is None:
        context: dict[str, object] = {"why": _NO_LOOK if asked else _UNKNOWN}
        response = render(request, "look.html", context, status=410 if asked else 404)
    else:
        found = looks.of_page(page=asked.page, now=now)
        context = {"look": found, "about": _about(asked), "until": asked.look_until}
        response = render(request, "look.html", context, zone=_zone(request, asked))
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _ask(request: HttpRequest, token: str) -> HttpResponse:
    asked = queries.find_by_token(token=token, now=clock.now())
    if asked is None:
        return render(request, "acknowledge.html", {"step": "refused", "why": _UNKNOWN}, status=404)
    if not asked.shows:
        return render(request, "acknowledge.html", {"step": "refused", "why": _OVER}, status=410)
    context = {
        "step": "over" if asked.why_not else "ask",
        "why": asked.why_not,
        "about": _about(asked),
    }
    return render(request, "acknowledge.html", context, zone=_zone(request, asked))


def _use(request: HttpRequest, token: str) -> HttpResponse:
    now = clock.now()
    try:
        actions.use_ack_link(token=token, now=now)
    except Refusal as refusal:
        asked = queries.find_by_token(token=token, now=now)
        context: dict[str, object] = {"step": "refused", "why": refusal.message}
        if asked is not None and asked.shows:
            context |= {"step": "over", "about": _about(asked)}
        elif asked is not None:
            context["why"] = _OVER
        zone = _zone(request, asked)
        return render(request, "acknowledge.html", context, status=refusal.status, zone=zone)
    asked = queries.find_by_token(token=token, now=now)
    context = {"step": "done", "about": _about(asked) if asked else None}
    return render(request, "acknowledge.html", context, zone=_zone(request, asked))


def _about(asked: AckLink) -> About:
    page = asked.page
    loaded = catalogue.load_services(ids=[page.service.id]) if page.service else {}
    service = loaded.get(page.service.id) if page.service else None
    exposure = service.exposure_per_hour if service and page.kind.is_real else None
    return About(
        service=service.title if service else page.subject.named,
        kind=page.kind,
        summary=page.summary,
        state=page.state,
        started_at=page.started_at,
        per_minute=per_minute(exposure) if exposure else None,
        runbook=service.runbook_url if service else "",
        uid=page.uid,
        labels=asked.labels,
        look=asked.look,
        look_until=asked.look_until,
    )


def _zone(request: HttpRequest, asked: AckLink | None) -> ZoneInfo:
    """Return the zone of whom the link was sent to: a phone that is not signed in has none."""
    return zone_named(asked.timezone) if asked and asked.timezone else zone_of(request)
