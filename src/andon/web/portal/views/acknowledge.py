"""The page behind the link in a message: no sign-in, one button.

A link that acted on GET would be pressed by every mail scanner on its way, so only POST acts.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from andon.core import clock
from andon.core.errors import Refusal
from andon.paging import actions, queries
from andon.web.portal.pages import render, zone_named


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link is about; on POST acknowledge it."""
    try:
        if request.method == "POST":
            actions.use_ack_link(token=token, now=clock.now())
            response = _page(request, token, "done", 200)
        else:
            response = _page(request, token, "ask", 200)
    except Refusal as refusal:
        response = render(
            request, "acknowledge.html", {"step": "refused", "why": refusal.message}, status=refusal.status
        )
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # The address itself is the secret: it must not leak to a runbook or a dashboard that is opened.
    response["Referrer-Policy"] = "no-referrer"
    return response
