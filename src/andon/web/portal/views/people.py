"""People: how to reach them, which teams they are in, what they are on call for."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.oncall import queries as calendars
from andon.paging import queries as paging
from andon.paging.types import NotificationState
from andon.people import queries
from andon.people.types import Profile
from andon.web.portal import listing
from andon.web.portal.pages import render, viewer
from andon.web.portal.reads.lists import catalogue as lists

#: How long the result of a test is shown, and for how long the page looks for it by itself.
_SHOWN, _PATIENCE = timedelta(days=1), timedelta(seconds=30)
_WAITING = (NotificationState.PENDING, NotificationState.SENDING)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the people."""
    list_ = lists.people()
    asked = listing.ask(list_, request.GET)
    found = listing.of_stored(list_, asked, catalogue.rows_of_people(viewer_id=viewer(request).id))
    context = {"section": "people", "list": listing.ShownList(list_, asked, found)}
    return render(request, "people.html", context)


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Go to one's own page."""
    return redirect("portal:person", slug=viewer(request).slug)


@require_safe
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a person: their addresses whole, and what is wrong with them, to themselves only."""
    row = _find(slug)
    now, reader = clock.now(), viewer(request)
    slugs = calendars.rotas_naming(person=row.slug, now=now)
    own = row.id == reader.id
    context = {
        "section": "people",
        "now": now,
        "person": row,
        "own": own,
        "has_password": own and row.has_password,
        "feeds": calendars.list_feeds(person=row.slug) if own else [],
        "contacts": queries.contact_methods(person_id=row.id, viewer_id=reader.id),
        "teams": queries.teams_of(person_id=row.id),
        "shifts": calendars.coming_shifts(person=row.slug, slugs=slugs, now=now),
    }
    tests = paging.latest_test(person_id=row.id, since=now - _SHOWN) if own else []
    soon = bool(tests) and now - tests[0].created_at < _PATIENCE
    context |= {"tests": tests, "soon": soon}
    response = render(request, "person.html", context)
    if soon and any(one.state in _WAITING for one in tests):
        # Without a script: the result is there in a second or two.
        # With its address: one with a fragment would only be scrolled to, not loaded again.
        response["Refresh"] = f"2; url={request.path}"
    return response


def _find(slug: str) -> Profile:
    found = queries.find_profile(slug=slug)
    if found is None:
        raise Http404(slug)
    return found
