"""Incidents: the list, one with everything that was decided, and what people may do to it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.core.errors import Refusal
from andon.costing import queries as costing
from andon.costing.types import Viewer
from andon.incidents import actions, queries, rules
from andon.incidents.types import Incident
from andon.paging import queries as paging
from andon.paging.rules import reached
from andon.web.portal import listing
from andon.web.portal.pages import actor, render, viewer, zone_of
from andon.web.portal.reads import alerts, budgets, fires
from andon.web.portal.reads.lists import incidents as lists

_LONGEST_NOTE = 10_000


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show incidents, newest first unless somebody says otherwise."""
    now, organisation = clock.now(), catalogue.organisation()
    severities = queries.list_severities(organisation=organisation)
    list_ = lists.incidents(severities=severities)
    asked = listing.ask(list_, request.GET)
    rows = queries.rows_of_incidents(
        severities=severities, viewer_id=viewer(request).id, zone=zone_of(request), now=now
    ).shown_as(
        lambda found: [
            fires.fire(incident=one, organisation=organisation, now=now) for one in found
        ]
    )
    found = listing.of_stored(list_, asked, rows)
    context = {"section": "incidents", "now": now, "list": listing.ShownList(list_, asked, found)}
    return render(request, "incidents.html", context)


@require_safe
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """Show one incident: where it stands, what it costs, what was decided and why."""
    now, found, reader = clock.now(), _find(number), viewer(request)
    pages = queries.list_page_ids(incident=found)
    told = paging.notifications(page_ids=pages, viewer_id=reader.id)
    context = {
        "section": "incidents",
        "now": now,
        "live": request.GET.get("live") != "off" and found.is_active,
        "fire": fires.fire(incident=found, organisation=catalogue.organisation(), now=now),
        "acts": {str(act) for act in rules.allowed(state=found.state)},
        "untaken": paging.list_untaken(page_ids=pages),
        "alerts": alerts.of_pages(page_ids=pages, service_id=found.service_id),
        "changes": queries.changes_before(incident=found),
        "losses": budgets.losses_of(incident=found, now=now),
        "callout": costing.callout_cost(
            incident_id=found.id,
            now=now,
            viewer=Viewer(reader.id, is_staff=reader.is_staff),
        ),
        "decisions": paging.decisions(page_ids=pages),
        "notifications": told,
        "reached": reached.say_reached(told=told),
        "timeline": queries.timeline(incident=found),
    }
    return render(request, "incident.html", context)


@require_safe
def page(_request: HttpRequest, uid: UUID) -> HttpResponse:
    """Lead from the link in a message to the incident; to the service while there is none yet."""
    found = paging.find_page(uid=uid)
    if found is None:
        raise Http404(str(uid))
    its = queries.find_of_page(page_id=found.id)
    if its is not None:
        return redirect("portal:incident", number=its.number)
    if found.service is not None:
        return redirect("portal:service", slug=found.service.slug)
    return redirect("portal:home")


@require_POST
def act(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """Do something to an incident, then show it again."""
    do = _ACTS.get(act)
    if do is None:
        raise Http404(act)
    try:
        messages.success(request, do(request, number))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("portal:incident", number=number)


def _acknowledge(request: HttpRequest, number: int) -> str:
    person = viewer(request)
    actions.acknowledge(number=number, by=actor(request), person_id=person.id, now=clock.now())
    return "Acknowledged: nobody else will be called about this."


def _note(request: HttpRequest, number: int) -> str:
    text = request.POST.get("text", "").strip()[:_LONGEST_NOTE]
    if not text:
        raise Refusal("The note was empty, so nothing was written down.")
    actions.add_note(number=number, by=actor(request), text=text, now=clock.now())
    return "Your note is in the timeline."


def _resolve(request: HttpRequest, number: int) -> str:
    actions.resolve(number=number, by=actor(request), now=clock.now())
    return "Resolved: availability counts as restored from now."


def _reopen(request: HttpRequest, number: int) -> str:
    actions.reopen(number=number, by=actor(request), now=clock.now())
    return "Reopened: the incident is active again."


def _close(request: HttpRequest, number: int) -> str:
    actions.close(number=number, by=actor(request), now=clock.now())
    return "Closed: nothing is left to do."


_ACTS: dict[str, Callable[[HttpRequest, int], str]] = {
    "acknowledge": _acknowledge,
    "note": _note,
    "resolve": _resolve,
    "reopen": _reopen,
    "close": _close,
}


def _find(number: int) -> Incident:
    found = queries.find(number=number)
    if found is None:
        raise Http404(f"INC-{number}")
    return found
