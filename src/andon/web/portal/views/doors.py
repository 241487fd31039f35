"""Getting in without a password: a link by mail, and the link that sets Andon up.

A link that acted on GET would be used up by every mail scanner on its way, so only POST acts; it
acts on any device, because the mail may be read on another one than asked.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from andon.core import clock
from andon.core.errors import Refusal
from andon.people import actions, queries, rules
from andon.people.types import Door, LinkPurpose
from andon.web.portal import mailing
from andon.web.portal.forms import SetUpForm
from andon.web.portal.pages import render, zone_named
from andon.web.portal.views import sign_in

_BY_LINK, _BY_SET_UP = "a link", "the set-up link"
_LONGEST_PATH = 500


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a sign-in link; say the same to everybody, whether or not they are known."""
    name = rules.typed_name(request.POST.get("name", ""))
    path = _inside(request, request.POST.get("next") or request.GET.get("next", ""))
    context: dict[str, object] = {"next": path, "mails": bool(settings.ANDON_SMTP_URL)}
    if request.method != "POST" or not settings.ANDON_SMTP_URL or not name:
        return _page(request, "sign_in_link.html", {"step": "ask", **context})
    origin, now = sign_in.origin_of(request, name), clock.now()
    if wait := sign_in.why_not_now(origin, now, Door.LINK):
        context |= {"step": "ask", "wait": wait, "wait_for": wait.until - now}
        response = _page(request, "sign_in_link.html", context, status=429)
        response["Retry-After"] = str(int((wait.until - now).total_seconds()) + 1)
        return response
    actions.begin_sign_in(
        name=origin.name,
        network=origin.network,
        device=origin.device,
        now=now,
        door=Door.LINK,
    )
    mailing.soon(lambda: mailing.send_link(typed=name, next_path=path, now=now))
    context |= {"step": "sent", "life": rules.BY_MAIL, "most": rules.MOST_BY_MAIL}
    return _page(request, "sign_in_link.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, token: str) -> HttpResponse:
    """Say whom a link signs in; on POST sign them in."""
    now = clock.now()
    link = queries.find_door_link(plain=token, purpose=LinkPurpose.SIGN_IN)
    try:
        if request.method == "POST":
            person = actions.use_sign_in_link(plain=token, now=now)
            if not person.has_usable_password():
                messages.info(request, "You have no password yet. You can set one on your page.")
            path = _inside(request, link.next_path if link else "")
            to = path or resolve_url(settings.LOGIN_REDIRECT_URL)
            return _guarded(sign_in.enter(request, person, to=to, how=_BY_LINK))
    except Refusal as refusal:
        context = {"step": "over", "why": refusal.message, "mails": bool(settings.ANDON_SMTP_URL)}
        return _page(request, "sign_in_link.html", context, status=refusal.status)
    why = rules.link_refusal(link=link, now=now) if link else _UNKNOWN
    if link is None or why:
        context = {"step": "over", "why": why, "mails": bool(settings.ANDON_SMTP_URL)}
        return _page(request, "sign_in_link.html", context, status=410 if link else 404)
    return _page(request, "sign_in_link.html", {"step": "use", "link": link})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Ask who will administer this Andon; on POST make them and sign them in."""
    now = clock.now()
    link = queries.find_door_link(plain=token, purpose=LinkPurpose.SET_UP)
    why = rules.link_refusal(link=link, now=now) if link else _UNKNOWN
    if link is None or why:
        return _page(request, "set_up.html", {"why": why}, status=410 if link else 404)
    form = SetUpForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return _page(request, "set_up.html", {"form": form, "link": link}, status=status)
    try:
        person = actions.set_up(plain=token, now=now, **form.wanted())
    except actions.UnableToUseLink as refusal:
        return _page(request, "set_up.html", {"why": refusal.message}, status=refusal.status)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _page(request, "set_up.html", {"form": form, "link": link}, status=422)
    messages.success(request, "You administer this Andon now, and are signed in.")
    to = resolve_url(settings.LOGIN_REDIRECT_URL)
    return _guarded(sign_in.enter(request, person, to=to, how=_BY_SET_UP))


_UNKNOWN = "This link was not made here, or it was cut short on its way to you."


def _inside(request: HttpRequest, path: str) -> str:
    """Return a path of this portal to go on to; nothing for what leads elsewhere."""
    path = path[:_LONGEST_PATH]
    own = url_has_allowed_host_and_scheme(
        path, allowed_hosts=None, require_https=request.is_secure()
    )
    return path if own and path.startswith("/") and "\x00" not in path else ""


def _page(
    request: HttpRequest, template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    return _guarded(render(request, template, context, zone=zone_named("UTC"), status=status))


def _guarded(response: HttpResponse) -> HttpResponse:
    """Keep the secret in the address out of caches, indexes and other sites' logs.

    `strict-origin` and not `no-referrer`: then browsers would send `Origin: null` with the form,
    which Django refuses.
    """
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "strict-origin"
    return response
