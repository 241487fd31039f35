"""The iCalendar feed of a rota or a person. The address is the secret; calendars cannot sign in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from andon.core import clock
from andon.core.ids import Secret
from andon.oncall import actions
from andon.web.portal.pages import render


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar."""
    found = actions.use_feed(token=token, now=clock.now())
    if found is None:
        raise Http404
    body, tag = found
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=300"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def made(request: HttpRequest, secret: Secret, *, of: str, back: str) -> HttpResponse:
    """Show a new address, this once. It begins with ANDON_URL, whatever the request called us."""
    address = f"{settings.ANDON_URL}{reverse('portal:calendar', args=[secret.plain])}"
    response = render(request, "feed.html", {"address": address, "of": of, "back": back})
    response["Cache-Control"] = "no-store"
    return response
