"""Search, from every page; and the page for an address that leads nowhere, which searches too."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults
from django.views.decorators.http import require_safe

from andon.core import folding
from andon.web.portal.pages import render
from andon.web.portal.reads import search


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show what a search finds."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[: folding.LONGEST]
    context = {"section": "search", "asked": text, "answer": search.search(text=text)}
    return render(request, "results.html", context)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show what a wrong address may have meant; to strangers only that there is no such page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return defaults.page_not_found(request, exception)
    text, answer = search.of_address(request.path)
    context = {"section": "", "asked": text, "answer": answer}
    return render(request, "not_found.html", context, status=404)
