"""Keys for the API: made for oneself, shown once, listed with their last use, revoked."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from andon.alerts.types import KeyUse
from andon.core import clock
from andon.people import actions, queries
from andon.web.portal import usage
from andon.web.portal.forms import ApiKeyForm
from andon.web.portal.pages import actor, render, viewer


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Show somebody their keys and make new ones; to staff the organisation's too."""
    person, now = viewer(request), clock.now()
    form = ApiKeyForm(request.POST if request.method == "POST" else None, staff=person.is_staff)
    made = _make(request, form) if request.method == "POST" and form.is_valid() else ""
    rows = queries.list_api_keys(person_id=person.id, organisation=person.is_staff)
    context = {
        "section": "people",
        "form": form,
        "made": made,
        "made_uses": _uses(made) if made else (),
        "rows": [(one, _uses(usage.shown(one.hint))) for one in rows],
        "now": now,
    }
    status = 422 if request.method == "POST" and not made else 200
    response = render(request, "api_keys.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request: HttpRequest, key: int) -> HttpResponse:
    """Shut out a key of one's own, or as staff one of the organisation's."""
    person = viewer(request)
    done = actions.revoke_api_key(
        key_id=key,
        person_id=person.id,
        organisation=person.is_staff,
        by=actor(request),
        now=clock.now(),
    )
    if done:
        messages.success(request, "The key is revoked: it opens nothing from now on.")
    else:
        messages.error(request, "You have no such key that still opens anything.")
    return redirect("portal:api-keys")


def _make(request: HttpRequest, form: ApiKeyForm) -> str:
    wanted, person = form.cleaned_data, viewer(request)
    days = int(wanted["days"])
    secret = actions.create_api_key(
        name=wanted["name"],
        person=None if wanted["whom"] == form.ORGANISATION else person.slug,
        life=timedelta(days=days) if days else None,
        by=actor(request),
        now=clock.now(),
    )
    return secret.plain


def _uses(key: str) -> tuple[KeyUse, ...]:
    return usage.uses(kind="api", url=settings.ANDON_URL, key=key)
