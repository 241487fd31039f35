"""What cover costs and protects: a service's working, the portfolio, the planner, the review."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from andon.catalogue import queries as catalogue
from andon.catalogue.types import Cover
from andon.core import clock
from andon.core.errors import Refusal
from andon.planning import actions
from andon.planning.actions import Patch
from andon.planning.queries import answers, moves, remembered
from andon.planning.rules.review import Proposal
from andon.planning.types import Insured
from andon.web.portal import charts, listing
from andon.web.portal.forms import FileForm, MoveForm
from andon.web.portal.pages import render
from andon.web.portal.reads.lists import planning as lists

#: Rotas, signals and services left out that one page shows; the API has them all.
_ROTAS = 100
_LEFT_OUT = 50
#: Services whose names the planner offers while somebody types.
_OFFERED = 500
#: Services moved in one plan: what fits into an address.
_MOVES = 30


@require_safe
def cover(request: HttpRequest, slug: str) -> HttpResponse:
    """Show whether a service needs cover out of hours, and how that was worked out."""
    now, service = clock.now(), catalogue.find_service(slug=slug)
    if service is None:
        raise Http404(slug)
    if service.slug != slug:
        return redirect("portal:service-cover", slug=service.slug)
    known = remembered.today(now=now)
    context = {
        "section": "services",
        "service": service,
        "found": answers.service_plan(found=known, slug=slug),
        "problems": [one for one in known.portfolio.problems if one.slug == slug],
    }
    return render(request, "cover.html", context)


@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show every service by what its cover costs and what it stands to lose."""
    found = remembered.today(now=clock.now())
    list_ = lists.portfolio(found.portfolio.services)
    asked = listing.ask(list_, request.GET)
    page = listing.of_rows(list_, asked, found.services, name=lambda row: row.service.slug)
    context = {
        "section": "portfolio",
        "found": found,
        "chart": charts.scatter(_dots(found.services)),
        "list": listing.ShownList(list_, asked, page),
        "rotas": found.premium.rotas[:_ROTAS],
        "more_rotas": max(len(found.premium.rotas) - _ROTAS, 0),
        "left_out": found.portfolio.problems[:_LEFT_OUT],
    }
    return render(request, "portfolio.html", context)


@require_safe
def planner(request: HttpRequest) -> HttpResponse:
    """Show what moved targets, covers and trading weeks would change. The address is the plan."""
    known = remembered.portfolio(now=clock.now())
    form = MoveForm(request.GET or None, portfolio=known)
    plan, found, refused = _plan(request, form), None, ""
    if plan and not (form.is_bound and form.errors):
        try:
            found = answers.moved(portfolio=known, plan=plan)
        except Refusal as refusal:
            refused = refusal.message
    context = {
        "section": "planner",
        "form": form,
        "chosen": answers.find(portfolio=known, slug=form.slug),
        "earlier": [one for one in plan if one.slug != form.slug],
        "plan": plan,
        "moved": found,
        "refused": refused,
        "chart": charts.bars((one.name, (one.before, one.after)) for one in found.difference.money)
        if found
        else None,
        "series": ("today", "planned"),
        "names": known.services[:_OFFERED],
        "levels": known.levels,
    }
    # What cannot be is explained with 200: an answer htmx puts in the place of the last one.
    return render(request, "planner.html", context)


@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Show what the quarter's figures propose, as a list of tasks."""
    proposals = remembered.proposals(now=clock.now())
    list_ = lists.reviews()
    asked = listing.ask(list_, request.GET)
    page = listing.of_rows(list_, asked, proposals, name=lambda one: f"{one.slug}/{_path(one)}")
    context = {"section": "reviews", "list": listing.ShownList(list_, asked, page)}
    return render(request, "reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, slug: str, move: str) -> HttpResponse:
    """Show one proposal; turn the file that declares its service into a patch that accepts it."""
    now = clock.now()
    one = next(
        (x for x in remembered.proposals(now=now) if (x.slug, _path(x)) == (slug, move)), None
    )
    service = answers.find(portfolio=remembered.portfolio(now=now), slug=slug)
    if one is None or service is None:
        raise Http404(f"{slug}/{move}")
    sent = request.method == "POST"
    form, patch = FileForm(request.POST, request.FILES) if sent else FileForm(), None
    if sent and form.is_valid():
        try:
            patch = _patch(one, service, form.cleaned_data["text"])
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    if patch and "download" in request.POST:
        return _download(patch, f"{slug}-{move}.patch")
    context = {"section": "reviews", "one": one, "service": service, "form": form, "patch": patch}
    status = 422 if sent and patch is None else 200
    return render(request, "proposal.html", context, status=status)


def _patch(one: Proposal, service: Insured, text: str) -> Patch:
    """Return the patch to a file somebody sent. It is read, changed in memory and forgotten."""
    with tempfile.TemporaryDirectory(prefix="andon-patch-") as folder:
        file = Path(folder) / "sent.yaml"
        file.write_text(text, encoding="utf-8")
        try:
            return actions.accept(proposal=one, service=service, folder=file)
        except actions.UnableToPatch as refusal:
            named = service.declared_at.rpartition(":")[0] or "the file"
            raise actions.UnableToPatch(refusal.message.replace(str(file), named)) from refusal


def _download(patch: Patch, name: str) -> HttpResponse:
    response = HttpResponse(patch.diff, content_type="text/x-diff; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _path(one: Proposal) -> str:
    return one.move.replace(" ", "-")


def _plan(request: HttpRequest, form: MoveForm) -> list[moves.ServiceMove]:
    """Return the moves of an address, the one in the form last; one move per service."""
    plan = {}
    for text in request.GET.getlist("move")[:_MOVES]:
        earlier = MoveForm.earlier(text, portfolio=form.portfolio)
        if earlier is not None:
            plan[earlier.slug] = earlier
    if form.is_bound and form.is_valid():
        asked = form.move()
        plan.pop(form.slug, None)
        if asked is not None:
            plan[asked.slug] = asked
    return list(plan.values())


def _dots(rows: Sequence[answers.Assessed]) -> list[charts.Dot]:
    # The dearest first, so that what costs nothing is not buried under what does.
    ordered = sorted(rows, key=lambda row: list(Cover).index(row.service.cover), reverse=True)
    return [
        charts.Dot(
            row.service.title, row.service.cover, row.service.exposure_per_hour, row.cost_per_year
        )
        for row in ordered
    ]
