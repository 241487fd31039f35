"""Services: the list with its search, and the page that is read at 3 a.m."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.paging import queries as paging
from andon.slo import queries as slo
from andon.web.portal import listing
from andon.web.portal.pages import render, viewer
from andon.web.portal.reads import budgets, oncall, services
from andon.web.portal.reads.lists import catalogue as lists

#: Changes of a service that its page shows.
_CHANGES = 5


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the services, a page at a time."""
    list_, now = lists.services(), clock.now()
    asked = listing.ask(list_, request.GET)
    found = listing.of_stored(list_, asked, services.listed(viewer_id=viewer(request).id, now=now))
    context = {"section": "services", "list": listing.ShownList(list_, asked, found), "now": now}
    return render(request, "services.html", context)


@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a service in the order in which somebody woken up needs it."""
    now, organisation = clock.now(), catalogue.organisation()
    found = catalogue.find_service(slug=slug)
    if found is None:
        raise Http404(slug)
    if found.slug != slug:
        return redirect("portal:service", slug=found.slug)
    context = {
        "section": "services",
        "now": now,
        "service": found,
        "details": catalogue.find_details(slug=found.slug),
        "team": catalogue.find_team(slug=found.owner.slug),
        "situation": services.situation(service=found, organisation=organisation, now=now),
        "budgets": budgets.of_service(service_id=found.id, organisation=organisation, now=now),
        "answering": oncall.answering(service=found, organisation=organisation, now=now),
        "upstream": services.upstream(service_id=found.id, now=now),
        "downstream": services.downstream(service_id=found.id, now=now),
        "changes": slo.changes_of(service_id=found.id, until=now, limit=_CHANGES),
        "quiet": paging.quiet_alerts(service_id=found.id),
        "findings": catalogue.findings_of(kind="service", slug=found.slug),
        "period": organisation.period,
    }
    return render(request, "service.html", context)
