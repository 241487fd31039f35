"""What cover really cost: statements from the ledger, and a person's own pay."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.core.money import Money
from andon.costing import queries
from andon.costing.queries import Only
from andon.costing.types import (
    COST_KINDS,
    Books,
    Dimension,
    Kind,
    Statement,
    UnreadableBooks,
    Viewer,
)
from andon.web.portal import charts
from andon.web.portal.pages import render, viewer
from andon.web.portal.reads import entities

#: Bars a reader still takes in.
_BARS = 12
#: Lines of the ledger on one page.
_LINES = 100
#: What lines may be narrowed down to. Not a rota, a person or an incident: that tells whose pay.
_PARTS = ("service", "team", "domain", "budget_holder", "kind", "tag")
#: What a statement's line opens its postings by.
_OPENS: dict[Dimension, str] = {
    one: one.value.replace("-", "_") for one in Dimension if one is not Dimension.ROTA
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show what a quarter cost, by team or by something else, beside the loss it avoided."""
    now = clock.now()
    books, wrong = _books(request, now)
    dimension = _dimension(request)
    team = catalogue.find_team(slug=_text(request, "team"))
    only = Only(team=team.slug if team else "")
    together, _ = queries.protections(books=books, now=now, team=only.team)
    statements = queries.list_statements(books=books, dimension=dimension, only=only)
    context = {
        "section": "costs",
        "books": books,
        "wrong": wrong,
        "by": dimension,
        "opens": _OPENS.get(dimension, ""),
        "dimensions": list(Dimension),
        "kinds": COST_KINDS,
        "team": team,
        "tables": [_table(request, one) for one in statements],
        "chart": _bars(statements[0]) if statements else None,
        "together": together,
        "unbooked": queries.unbooked(books=books, now=now, team=only.team),
        "closed": queries.is_closed(books=books),
        "signals": () if team else queries.find_signals(books=books, now=now),
        "series": ("cost",),
    }
    return render(request, "costs.html", context)


@require_safe
def pay(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what somebody is paid: to themselves, to staff, and to the holder of the budget."""
    now, reader = clock.now(), viewer(request)
    books, wrong = _books(request, now, month=True)
    try:
        found = queries.person_statement(
            person=slug, books=books, viewer=Viewer(reader.id, is_staff=reader.is_staff)
        )
    except queries.UnableToShowPay as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except queries.UnableToFindPerson as refusal:
        raise Http404(refusal.message) from refusal
    context = {"section": "costs", "books": books, "wrong": wrong, "found": found}
    return _private(render(request, "pay.html", context))


@require_safe
def postings(request: HttpRequest) -> HttpResponse:
    """Show the lines of the ledger behind a cost, reversals too, as far as the reader may see."""
    now, reader = clock.now(), viewer(request)
    books, wrong = _books(request, now)
    only = _part(request)
    skip = _skip(request)
    found = queries.list_postings(
        books=books,
        viewer=Viewer(reader.id, is_staff=reader.is_staff),
        only=only,
        limit=_LINES + 1,
        skip=skip,
    )
    context = {
        "section": "costs",
        "books": books,
        "wrong": wrong,
        "parts": [(name, name.replace("_", " "), getattr(only, name)) for name in _PARTS],
        "chosen": {name: getattr(only, name) for name in _PARTS if getattr(only, name)},
        "kinds": list(Kind),
        "kind": only.kind,
        "statements": queries.list_statements(books=books, dimension=Dimension.KIND, only=only),
        "lines": found[:_LINES],
        "skip": skip,
        "unbooked": queries.unbooked(books=books, now=now, team=only.team),
        "next": skip + _LINES if len(found) > _LINES else None,
    }
    return _private(render(request, "postings.html", context))


@require_safe
def payroll(request: HttpRequest) -> HttpResponse:
    """Show what people are paid for a month: all to staff, else one's own and one's budget's."""
    now, reader = clock.now(), viewer(request)
    books, wrong = _books(request, now, month=True)
    rows = queries.payroll(books=books, viewer=Viewer(reader.id, is_staff=reader.is_staff))
    if _text(request, "as") == "csv" and not wrong:
        response = HttpResponse(
            queries.payroll_csv(books=books, rows=rows), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="payroll-{books}.csv"'
        return _private(response)
    nothing = Money.zero(catalogue.organisation().currency)
    context = {
        "section": "costs",
        "books": books,
        "wrong": wrong,
        "rows": rows,
        "total": sum((one.total for one in rows), nothing),
        "closed": queries.is_closed(books=books),
        "whole": reader.is_staff,
    }
    return _private(render(request, "payroll.html", context))


def of_team(*, slug: str, now: datetime) -> dict[str, object]:
    """Return what the page of a team says about its costs in the quarter that is going on."""
    books = Books.quarter_of(_today(now))
    statement = queries.find_statement(books=books, dimension=Dimension.KIND, only=Only(team=slug))
    together, _ = queries.protections(books=books, now=now, team=slug)
    unbooked = queries.unbooked(books=books, now=now, team=slug)
    return {"books": books, "statement": statement, "together": together, "unbooked": unbooked}


def _table(request: HttpRequest, statement: Statement) -> dict[str, object]:
    after = _text(request, "after")
    behind = [line for line in statement.lines if line.key > after]
    page = entities.cut(behind[: entities.PAGE + 1], lambda line: line.key)
    nothing = Money.zero(statement.currency)
    rows = [
        (line, [(kind, line.by_kind.get(kind, nothing)) for kind in COST_KINDS])
        for line in page.rows
    ]
    sums = [statement.by_kind.get(kind, nothing) for kind in COST_KINDS]
    return {"statement": statement, "rows": rows, "sums": sums, "next": page.next_after}


def _bars(statement: Statement) -> charts.Bars | None:
    dearest = sorted(statement.lines, key=lambda line: (-line.cost.minor, line.key))[:_BARS]
    return charts.bars((line.title[:20], (line.cost,)) for line in dearest)


def _books(request: HttpRequest, now: datetime, *, month: bool = False) -> tuple[Books, str]:
    text = _text(request, "when")
    usual = Books.month_of(_today(now)) if month else Books.quarter_of(_today(now))
    try:
        return (Books.parse(text), "") if text else (usual, "")
    except UnreadableBooks as error:
        return usual, str(error)


def _today(now: datetime) -> date:
    return now.astimezone(queries.ledger_zone()).date()


def _dimension(request: HttpRequest) -> Dimension:
    try:
        return Dimension(_text(request, "by") or Dimension.TEAM)
    except ValueError as error:
        raise Http404(str(error)) from error


def _part(request: HttpRequest) -> Only:
    service, team, domain, holder, kind, tag = (_text(request, name) for name in _PARTS)
    return Only(service=service, team=team, domain=domain, budget_holder=holder, kind=kind, tag=tag)


def _skip(request: HttpRequest) -> int:
    text = _text(request, "after")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:200]
