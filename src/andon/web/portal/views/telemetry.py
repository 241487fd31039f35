"""Telemetry: the pipeline that makes alerts out of targets, and the budgets it measures."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from andon.core import clock
from andon.web.portal.pages import render
from andon.web.portal.reads import telemetry


@require_safe
def pipeline(request: HttpRequest) -> HttpResponse:
    """Show what is generated of what, when it last came into force, and what is missing."""
    context = {"section": "telemetry", "found": telemetry.pipeline(now=clock.now())}
    return render(request, "telemetry.html", context)


@require_safe
def budgets(request: HttpRequest) -> HttpResponse:
    """Show the error budgets of all services."""
    return render(request, "budgets.html", {"section": "budgets"})
