"""Signing in and out: Django's own, with password managers and pasting left alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout, views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from andon.core import clock
from andon.core.ids import uuid7
from andon.people import actions, queries, rules
from andon.people.models import Person
from andon.people.types import Wait
from andon.web import peers
from andon.web.portal import sessions
from andon.web.portal.pages import render

#: Remembers that a name has signed in here, so that strangers' guesses do not count against it.
DEVICE_COOKIE = "andon_device"
_DEVICE_SALT = "andon.device"
_DEVICE_LIFE = 365 * 86400


@dataclass(frozen=True, slots=True)
class Origin:
    """Under which name somebody tries to sign in, and from where."""

    name: str
    address: str
    network: str
    #: Empty in a browser that this name has not signed in from before.
    device: str


class SignIn(views.LoginView):
    """Asks who is there. `people.rules` says how often one may be wrong, and for how long."""

    redirect_authenticated_user = True

    def render_to_response(self, context: dict[str, object], **_: object) -> HttpResponse:
        """Show the form in the portal's own clothes."""
        return _form(self.request, {"form": context["form"], "next": self.get_redirect_url()})

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Count the try, then look at the password, unless there were too many."""
        origin, now = origin_of(request, request.POST.get("username", "")), clock.now()
        if wait := why_not_now(origin, now):
            self._write_down(actions.HELD_BACK, origin)
            return locked_out(request, wait, now)
        actions.begin_sign_in(
            name=origin.name, network=origin.network, device=origin.device, now=now
        )
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, and remember the browser."""
        person = form.get_user()
        origin = origin_of(self.request, person.get_username())
        response = super().form_valid(form)
        actions.end_sign_in(name=origin.name, network=origin.network, device=origin.device)
        sessions.begin(self.request, now=clock.now())
        remember_device(response, origin)
        self._write_down(actions.SIGNED_IN, origin)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again, and write the failure down."""
        name = str(form.data.get("username", ""))
        self._write_down(actions.FAILED, origin_of(self.request, name))
        return super().form_invalid(form)

    def _write_down(self, verb: str, origin: Origin) -> None:
        actions.record_sign_in(verb=verb, name=origin.name, address=origin.address, now=clock.now())


def why_not_now(origin: Origin, now: datetime) -> Wait | None:
    """Return how long a try from here has to wait and why, or None."""
    return queries.sign_in_wait(
        name=origin.name, network=origin.network, device=origin.device, now=now
    )


def origin_of(request: HttpRequest, name: str) -> Origin:
    """Return who tries to sign in from where."""
    known = name.replace("\x00", "").strip().lower()[:63]
    address = peers.address_of(
        peer=request.META.get("REMOTE_ADDR") or "",
        forwarded_for=request.headers.get("X-Forwarded-For", ""),
        trusted=settings.ANDON_TRUSTED_PROXIES,
    )
    network = rules.network_of(address=address)
    return Origin(known, address, network, _device(request, known))


def remember_device(response: HttpResponse, origin: Origin) -> None:
    """Let this browser be known for who signed in here."""
    device = origin.device or uuid7().hex
    response.set_cookie(
        DEVICE_COOKIE,
        signing.Signer(salt=_DEVICE_SALT).sign(f"{origin.name}/{device}"),
        max_age=_DEVICE_LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def locked_out(request: HttpRequest, wait: Wait, now: datetime) -> HttpResponse:
    """Say that there were too many tries, how long to wait, and what works all the same."""
    form = AuthenticationForm(request, data=request.POST)
    response = _form(
        request, {"form": form, "wait": wait, "wait_for": wait.until - now}, status=429
    )
    response["Retry-After"] = str(int((wait.until - now).total_seconds()) + 1)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if isinstance(request.user, Person):
        origin = origin_of(request, request.user.slug)
        actions.record_sign_in(
            verb=actions.SIGNED_OUT, name=origin.name, address=origin.address, now=clock.now()
        )
    logout(request)
    return redirect("portal:sign-in")


@login_not_required
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the one form there is: the operator screens have none of their own."""
    if request.user.is_authenticated:
        raise PermissionDenied("The operator screens are for staff.")
    query = urlencode({"next": request.GET.get("next", "/admin/")})
    return redirect(f"{reverse('portal:sign-in')}?{query}")


def _device(request: HttpRequest, name: str) -> str:
    try:
        text = signing.Signer(salt=_DEVICE_SALT).unsign(request.COOKIES.get(DEVICE_COOKIE, ""))
        of, _, device = text.partition("/")
        return UUID(device).hex if of == name else ""
    except (signing.BadSignature, ValueError):
        return ""


def _form(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, "sign_in.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
