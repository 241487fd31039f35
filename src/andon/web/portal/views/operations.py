"""What operators look at: catalogue gaps, the engine's health, integration keys."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from andon.alerts import actions
from andon.alerts import queries as alerts
from andon.alerts.types import KeyUse
from andon.core import clock, zones
from andon.core.errors import Refusal
from andon.web.portal import usage
from andon.web.portal.forms import KeyForm
from andon.web.portal.pages import actor, render, viewer
from andon.web.portal.reads import engine as engine_reads

_GAPS = 100


@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """Show the open alerts whose service nobody declared."""
    return render(request, "gaps.html", {"gaps": alerts.gaps(limit=_GAPS), "limit": _GAPS})


@require_safe
def engine(request: HttpRequest) -> HttpResponse:
    """Show how the engine is."""
    now = clock.now()
    context = {
        "health": engine_reads.health(now=now),
        "now": now,
        "zone_data": zones.used(),
        "open_to_others": settings.ANDON_OPEN_TO_OTHERS if viewer(request).is_staff else (),
    }
    return render(request, "engine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Show the integration keys to staff, and make new ones. A new key is shown once."""
    _require_staff(request)
    form = KeyForm(request.POST or None)
    made = _make_key(request, form) if request.method == "POST" and form.is_valid() else None
    rows = [
        (one, _uses(str(one["kind"]), usage.shown(str(one["hint"])))) for one in alerts.list_keys()
    ]
    uses = _uses(form.cleaned_data["kind"], made) if made else ()
    context = {"form": form, "rows": rows, "made": made, "made_uses": uses}
    status = 422 if request.method == "POST" and made is None else 200
    response = render(request, "keys.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_key(request: HttpRequest, key: int) -> HttpResponse:
    """Shut a key out for good."""
    _require_staff(request)
    try:
        actions.revoke_key(key=str(key), by=actor(request), now=clock.now())
        messages.success(request, "The key is revoked: its sender gets 401 from now on.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("portal:keys")


def _make_key(request: HttpRequest, form: KeyForm) -> str | None:
    wanted = form.cleaned_data
    try:
        secret = actions.create_key(
            name=wanted["name"],
            kind=wanted["kind"],
            service_slug=wanted["service"] or None,
            by=actor(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        form.add_error("service", refusal.message)
        return None
    return secret.plain


def _uses(kind: str, key: str) -> tuple[KeyUse, ...]:
    return usage.uses(kind=kind, url=settings.ANDON_URL, key=key)


def _require_staff(request: HttpRequest) -> None:
    if not viewer(request).is_staff:
        raise PermissionDenied
