"""One's own account: the password, and the calendar addresses of one's own shifts."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from andon.core import clock
from andon.core.errors import Refusal
from andon.oncall import actions as oncall
from andon.paging import actions as paging
from andon.people import actions
from andon.web.portal import sessions
from andon.web.portal.pages import actor, render, viewer
from andon.web.portal.views import calendars, sign_in


@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Let somebody change their own password; everywhere else they are signed out."""
    person, now = viewer(request), clock.now()
    form = _form(request, now)
    if request.method != "POST":
        return _page(request, form)
    origin = sign_in.origin_of(request, person.slug)
    if wait := sign_in.why_not_now(origin, now):
        return _page(request, form, wait=wait, wait_for=wait.until - now, status=429)
    actions.begin_sign_in(name=origin.name, network=origin.network, device=origin.device, now=now)
    if not form.is_valid():
        return _page(request, form, status=422)
    actions.end_sign_in(name=origin.name, network=origin.network, device=origin.device)
    new = form.cleaned_data["new_password1"]
    actions.set_password(slug=person.slug, password=new, by=actor(request), now=now)
    account = _account(request)
    account.refresh_from_db(fields=["password"])
    update_session_auth_hash(request, account)
    sessions.begin(request, now=now)
    messages.success(request, "Your password is set. Everywhere else you are signed out.")
    return redirect("portal:person", slug=person.slug)


@require_POST
def prove_addresses(request: HttpRequest) -> HttpResponse:
    """Send a test to each of one's own addresses, as a page goes; what came of it is shown."""
    person = viewer(request)
    try:
        paging.send_test(person=person.slug, by=actor(request), now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('portal:person', args=[person.slug])}#h-contacts")


@require_POST
def make_feed(request: HttpRequest) -> HttpResponse:
    """Make a secret calendar address for one's own shifts, shown once."""
    person = viewer(request)
    secret = oncall.create_feed(person=person.slug, by=actor(request), now=clock.now())
    return calendars.made(request, secret, of="your own shifts", back=reverse("portal:me"))


@require_POST
def revoke_feed(request: HttpRequest, feed: int) -> HttpResponse:
    """Stop an address of one's own from working."""
    person = viewer(request)
    try:
        oncall.revoke_feed(feed_id=feed, person=person.slug, by=actor(request), now=clock.now())
        messages.success(request, "That calendar address no longer works.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("portal:person", slug=person.slug)


def _account(request: HttpRequest) -> Any:
    """Return Django's own account of whoever is signed in, which holds the password."""
    if not request.user.is_authenticated:
        raise TypeError("this view needs somebody who is signed in")
    return request.user


def _form(request: HttpRequest, now: datetime) -> "SetPasswordForm[Any]":
    """Return the form; who never had a password, or came in by a link, needs no old one."""
    account = _account(request)
    knows = account.has_usable_password() and not sessions.may_reset(request, now=now)
    kind = PasswordChangeForm if knows else SetPasswordForm
    return kind(account, request.POST if request.method == "POST" else None)


def _page(
    request: HttpRequest,
    form: "SetPasswordForm[Any]",
    status: int = 200,
    **context: object,
) -> HttpResponse:
    response = render(
        request, "password.html", {"section": "people", "form": form, **context}, status=status
    )
    response["Cache-Control"] = "no-store"
    return response
