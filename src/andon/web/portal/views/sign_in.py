"""Signing in and out: Django's own, with password managers and pasting left alone.

This is one door; `views/doors.py` holds the others. Whoever comes in by any of them goes through
`enter`, which is all that a further one (single sign-on) has to call.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, views
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from andon.core import clock
from andon.core.ids import uuid7
from andon.people import actions, queries, rules
from andon.people.types import Door, Wait
from andon.web import peers
from andon.web.portal import sessions
from andon.web.portal.pages import render

#: Remembers that a name has signed in here, so that strangers' guesses do not count against it.
DEVICE_COOKIE = "andon_device"
_DEVICE_SALT = "andon.device"
_DEVICE_LIFE = 365 * 86400
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class Origin:
    """Under which name somebody tries to sign in, and from where."""

    #: As it was typed, in small letters: what tries are counted by. Were they counted by the person
    #: it means, the count would tell which names are one person's.
    name: str
    address: str
    network: str
    #: Whom the name means; nobody need be called that.
    slug: str
    #: Empty in a browser that this person has not signed in from before.
    device: str


class SignInForm(AuthenticationForm):
    """Takes a name, a mail address or a slug, in any case. Nobody learns which of them exist."""

    _REFUSED = (
        "That name and password do not go together. Passwords mind capitals. "
        "If somebody shares your name, write your e-mail address."
    )
    error_messages = {"invalid_login": _REFUSED, "inactive": _REFUSED}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"] = forms.CharField(max_length=254)

    def clean(self) -> dict[str, object]:
        """Look at the password of the one person who is meant, or spend as long on nobody's."""
        typed = str(self.cleaned_data.get("username") or "")
        password = str(self.cleaned_data.get("password") or "")
        slug = queries.account_of(typed=typed)
        self.user_cache = authenticate(self.request, username=slug, password=password)
        if self.user_cache is None:
            raise self.get_invalid_login_error()
        return self.cleaned_data


class SignIn(views.LoginView):
    """Asks who is there. `people.rules` says how often one may be wrong, and for how long."""

    redirect_authenticated_user = True
    authentication_form = SignInForm

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
        typed = str(form.data.get("username", ""))
        return enter(self.request, form.get_user(), typed=typed, to=self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again, and write the failure down."""
        name = str(form.data.get("username", ""))
        self._write_down(actions.FAILED, origin_of(self.request, name))
        return super().form_invalid(form)

    def _write_down(self, verb: str, origin: Origin) -> None:
        actions.record_sign_in(verb=verb, name=origin.slug, address=origin.address, now=clock.now())


def enter(
    request: HttpRequest,
    person: AbstractBaseUser,
    *,
    to: str,
    typed: str = "",
    how: str = "password",
) -> HttpResponse:
    """Sign somebody in and lead them on, in a session of its own; remember their browser.

    `to` has been checked: it leads nowhere else. `typed` is what their tries were counted by.
    """
    slug = person.get_username()
    now, origin = clock.now(), origin_of(request, typed or slug)
    login(request, cast("Any", person), backend=_BACKEND)
    actions.end_sign_in(name=origin.name, network=origin.network, device=origin.device)
    sessions.begin(request, now=now, by_link=how != "password")
    response = HttpResponseRedirect(to)
    remember_device(response, origin)
    actions.record_sign_in(
        verb=actions.SIGNED_IN, name=slug, address=origin.address, now=now, how=how
    )
    return response


def why_not_now(origin: Origin, now: datetime, door: Door = Door.PASSWORD) -> Wait | None:
    """Return how long a try from here has to wait and why, or None."""
    return queries.sign_in_wait(
        name=origin.name, network=origin.network, device=origin.device, now=now, door=door
    )


def origin_of(request: HttpRequest, name: str) -> Origin:
    """Return who tries to sign in from where."""
    typed, slug = rules.typed_name(name).lower()[:63], queries.account_of(typed=name)
    address = peers.address_of(
        peer=request.META.get("REMOTE_ADDR") or "",
        forwarded_for=request.headers.get("X-Forwarded-For", ""),
        trusted=settings.ANDON_TRUSTED_PROXIES,
    )
    network = rules.network_of(address=address)
    return Origin(typed, address, network, slug, _device(request, slug))


def remember_device(response: HttpResponse, origin: Origin) -> None:
    """Let this browser be known for who signed in here."""
    device = origin.device or uuid7().hex
    response.set_cookie(
        DEVICE_COOKIE,
        signing.Signer(salt=_DEVICE_SALT).sign(f"{origin.slug}/{device}"),
        max_age=_DEVICE_LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def locked_out(request: HttpRequest, wait: Wait, now: datetime) -> HttpResponse:
    """Say that there were too many tries, how long to wait, and what works all the same."""
    form = SignInForm(request, data=request.POST)
    response = _form(
        request, {"form": form, "wait": wait, "wait_for": wait.until - now}, status=429
    )
    response["Retry-After"] = str(int((wait.until - now).total_seconds()) + 1)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.user.is_authenticated:
        origin = origin_of(request, request.user.slug)
        actions.record_sign_in(
            verb=actions.SIGNED_OUT, name=request.user.slug, address=origin.address, now=clock.now()
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


def _device(request: HttpRequest, slug: str) -> str:
    try:
        text = signing.Signer(salt=_DEVICE_SALT).unsign(request.COOKIES.get(DEVICE_COOKIE, ""))
        of, _, device = text.partition("/")
        return UUID(device).hex if slug and of == slug else ""
    except (signing.BadSignature, ValueError):
        return ""


def _form(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    mails = bool(settings.ANDON_SMTP_URL)
    response = render(request, "sign_in.html", {"mails": mails, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response
