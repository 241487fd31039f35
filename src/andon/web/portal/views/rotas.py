"""Rotas: who has them now, a picture of the coming weeks, overrides and the calendar feed."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.core.errors import Refusal
from andon.core.periods import Period
from andon.oncall import actions, queries, rules
from andon.oncall.types import Rota
from andon.people import queries as people
from andon.people.types import Named
from andon.web.portal import calendar_grid, listing
from andon.web.portal.forms import OverrideForm
from andon.web.portal.pages import actor, render, viewer, zone_named, zone_of
from andon.web.portal.reads import oncall
from andon.web.portal.reads.lists import rotas as lists
from andon.web.portal.views import calendars

_WEEKS = 6


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the rotas and who has each now."""
    now = clock.now()
    list_, person = lists.rotas(), viewer(request)
    asked = listing.ask(list_, request.GET)
    rows = catalogue.rows_of_rotas(mine=lambda: oncall.rotas_of(person=person, now=now))
    shown = rows.shown_as(lambda slugs: oncall.in_order(slugs=slugs, now=now))
    found = listing.of_stored(list_, asked, shown, name=lambda row: row.rota.slug)
    context = {"section": "rotas", "now": now, "list": listing.ShownList(list_, asked, found)}
    return render(request, "rotas.html", context)


@require_safe
def rota(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a rota's coming weeks."""
    return _rota(request, slug, OverrideForm(zone=zone_of(request)))


@require_POST
def add_override(request: HttpRequest, slug: str) -> HttpResponse:
    """Let somebody take a rota for a while."""
    form = OverrideForm(request.POST, zone=zone_of(request))
    if not form.is_valid() or "change" in request.POST:
        return _rota(request, slug, form, status=422 if form.errors else 200)
    meant = people.people_meant(typed=form.cleaned_data["person"])
    if not meant:
        form.add_error(
            "person",
            f"Nobody here is called {form.cleaned_data['person']}. Write their name, short name or "
            "e-mail address.",
        )
        return _rota(request, slug, form, status=422)
    asked = _ask(request, slug, form, meant)
    return asked or _make(request, slug, form, meant[0])


def _ask(
    request: HttpRequest, slug: str, form: OverrideForm, meant: Sequence[Named]
) -> HttpResponse | None:
    """Ask who is meant, and about what is allowed but often a slip; None when all is agreed to."""
    found, said = _find(slug), form.cleaned_data
    context = {"section": "rotas", "rota": found, "form": form, "meant": meant}
    if len(meant) > 1 or not meant[0].is_called(said["person"]):
        return render(request, "override_asked.html", context)
    doubts = queries.doubts_about(
        rota=slug,
        person=meant[0].slug,
        period=Period(said["starts_at"], said["ends_at"]),
        timezone=zone_of(request).key,
    )
    if {one.code for one in doubts} <= set(said["agreed"].split()):
        return None
    return render(request, "override_asked.html", {**context, "doubts": doubts})


def _make(request: HttpRequest, slug: str, form: OverrideForm, who: Named) -> HttpResponse:
    wanted = form.wanted()
    try:
        actions.add_override(
            rota=slug, person=who.slug, by=actor(request), now=clock.now(), **wanted
        )
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _rota(request, slug, form, status=refusal.status)
    said = f"The override is in place: {who.name} takes the rota. Those concerned are told."
    messages.success(request, said)
    return redirect("portal:rota", slug=slug)


@require_POST
def cancel_override(request: HttpRequest, slug: str, override: int) -> HttpResponse:
    """Give a rota back to its rotation."""
    try:
        actions.cancel_override(override=override, by=actor(request), now=clock.now())
        messages.success(request, "The override is cancelled.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("portal:rota", slug=slug)


@require_POST
def make_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a secret calendar address for this rota, shown once."""
    found = _find(slug)
    secret = actions.create_feed(rota=slug, by=actor(request), now=clock.now())
    return calendars.made(request, secret, of=found.title, back=reverse("portal:rota", args=[slug]))


@require_POST
def revoke_feed(request: HttpRequest, slug: str, feed: int) -> HttpResponse:
    """Stop a calendar address of this rota from working."""
    try:
        actions.revoke_feed(feed_id=feed, rota=slug, by=actor(request), now=clock.now())
        messages.success(request, "That calendar address no longer works.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("portal:rota", slug=slug)


def _rota(request: HttpRequest, slug: str, form: OverrideForm, status: int = 200) -> HttpResponse:
    now, found = clock.now(), _find(slug)
    zone = zone_named(found.versions[-1].timezone) if found.versions else zone_of(request)
    grid = calendar_grid.weeks(now=now, zone=zone, count=_WEEKS)
    shown = Period(grid[0].starts_at, grid[-1].ends_at)
    shifts = rules.shifts(rota=found, period=shown)
    names = queries.names_on(rota=found, shifts=shifts)
    context = {
        "section": "rotas",
        "now": now,
        "rota": found,
        "on_call": next(iter(oncall.on_call(slugs=[slug], now=now)), None),
        "answers": rules.say_answers(found.answers, at=now),
        "weeks": calendar_grid.draw(
            weeks=grid,
            shifts=shifts,
            answered=rules.answered(answers=found.answers, period=shown),
            names=names,
            zone=zone,
            now=now,
            known_from=found.versions[0].period.starts_at if found.versions else None,
        ),
        "rota_zone": zone.key,
        "shifts": rules.served(rota=found, period=Period(now, shown.ends_at), names=names),
        "names": names,
        "overrides": oncall.overrides(rota=found, names=names, now=now),
        "edit": oncall.last_edit(rota=found, names=names, now=now),
        "findings": catalogue.findings_of(kind="rota", slug=slug),
        "feeds": queries.list_feeds(rota=slug),
        "form": form,
    }
    return render(request, "rota.html", context, status=status)


def _find(slug: str) -> Rota:
    now = clock.now()
    period = Period(now - timedelta(days=8), now + timedelta(weeks=_WEEKS + 1))
    found = queries.load_rotas(period=period, slugs=[slug]).get(slug)
    if found is None:
        raise Http404(slug)
    return found
