"""The ledger line by line, the payroll, and on-call load: each as far as the reader may see it."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import BeforeValidator, Field

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.costing import queries
from andon.costing.queries import Only
from andon.costing.types import Books, Kind, Tag, Viewer
from andon.web.api.access import caller
from andon.web.api.schemas import (
    Given,
    Incident,
    Limit,
    Listed,
    MoneyOut,
    OrNull,
    Out,
    ShareOut,
    Slug,
    Span,
    answers,
)

router = Router(tags=["Costs"])

When = Annotated[
    str,
    Field(
        pattern=r"^((20|21)[0-9]{2}(-(Q[1-4]|0[1-9]|1[0-2]))?)?$",
        description="A month `2026-11`, a quarter `2026-Q4`, a year `2026`; else this quarter.",
        examples=["2026-Q4"],
    ),
]
Month = Annotated[
    str,
    Field(
        pattern=r"^((20|21)[0-9]{2}-(0[1-9]|1[0-2]))?$",
        description="A month such as `2026-11`; else this month.",
        examples=["2026-11"],
    ),
]
#: `-` asks for what belongs to none.
Part = Slug | Literal["", "-"]
BooksName = Annotated[str, BeforeValidator(str)]
#: Said where figures would.
_FEW = {"words": "fewer than four people carried it: figures would show who"}
Skip = Annotated[
    str, Field(pattern=r"^[0-9]{0,9}$", description="`next` of the last answer.", examples=["200"])
]


class PostingOut(Out):
    """A line of the ledger. Whose pay it is, only that person, staff and the budget holder see."""

    uid: Annotated[str | None, OrNull] = Field(
        description="Null where whose pay it is may not be shown."
    )
    kind: Kind
    tag: Tag
    amount: MoneyOut
    month: date = Field(description="First day of the month it happened in.")
    booked: date = Field(description="First day of the month in whose books it is.")
    starts_at: datetime = Field(validation_alias="period.starts_at")
    ends_at: datetime = Field(validation_alias="period.ends_at")
    service: str | None
    team: str | None
    domain: str | None
    budget_holder: str | None
    rota: str | None
    person: str | None
    incident: Incident | None
    evidence: str
    reason: str
    posted_at: datetime
    posted_by: str
    reversal: Given = Field(
        validation_alias="reversal_of", description="True: it takes another line back."
    )
    reversal_of: Annotated[str | None, OrNull] = Field(
        description="The line it takes back, where that may be shown."
    )


class PayrollRowOut(Out):
    """What one person is paid for a month."""

    person: str
    name: str
    standby: MoneyOut
    callout: MoneyOut
    total: MoneyOut
    postings: int


class PayrollOut(Out):
    """The payroll of a month, as far as the reader may see it."""

    books: BooksName
    closed: bool = Field(description="False: figures still change.")
    whole: bool = Field(description="False: only what the reader may see.")
    items: list[PayrollRowOut]


class LoadOut(Out):
    """What somebody carried for a rota. Facts, in no order of merit."""

    rota: str
    on_call: Span | None
    weekend: Span | None
    holiday: Span | None
    shifts: int
    callouts: int
    nights: int = Field(description="Callouts between 22:00 and 07:00 local time.")


class RestOut(Out):
    """Rest owed after work out of hours."""

    incident: Incident
    starts_at: datetime = Field(validation_alias="period.starts_at")
    ends_at: datetime = Field(validation_alias="period.ends_at")
    working: Span | None = Field(description="Working time that falls into it.")
    words: str


class PersonLoadOut(Out):
    """What a person carried in some books, by rota, and the rest owed now."""

    person: str
    books: BooksName
    items: list[LoadOut]
    rest: list[RestOut]


class FairnessOut(Out):
    """How evenly a rota was carried. Figures are null below four people: they would show who."""

    rota: str
    people: int | None = None
    even_share: ShareOut | None = None
    largest_share: ShareOut | None = None
    callouts: int | None = None
    nights: int | None = None
    words: str


class TeamLoadOut(Out):
    """How evenly the rotas of a team, and of domains it owns, were carried."""

    team: str
    books: BooksName
    items: list[FairnessOut]


@router.get(
    "/costs/postings", response=answers(Listed[PostingOut]), summary="List the ledger's lines"
)
def list_postings(
    request: HttpRequest,
    *,
    when: When = "",
    service: Part = "",
    team: Part = "",
    domain: Part = "",
    budget_holder: Part = "",
    kind: Kind | Literal[""] = "",
    limit: Limit = 50,
    after: Skip = "",
) -> Listed[PostingOut]:
    """Oldest first, reversals too. They add up to the statement of the same part."""
    skip = int(after or 0)
    only = Only(service=service, team=team, domain=domain, budget_holder=budget_holder, kind=kind)
    found = queries.list_postings(
        books=books_of(when), viewer=reader(request), only=only, limit=limit + 1, skip=skip
    )
    return Listed[PostingOut](
        items=[PostingOut.of(one) for one in found[:limit]],
        next=str(skip + limit) if len(found) > limit else None,
    )


@router.get("/costs/payroll", response=answers(PayrollOut), summary="Read the payroll of a month")
def get_payroll(request: HttpRequest, when: Month = "") -> PayrollOut:
    """For staff everybody; for others their own pay and what is charged to their budget."""
    viewer, books = reader(request), _month(when)
    return PayrollOut.of(
        {
            "books": books,
            "closed": queries.is_closed(books=books),
            "whole": viewer.is_staff,
            "items": queries.payroll(books=books, viewer=viewer),
        }
    )


@router.get(
    "/costs/load/people/{slug}",
    response=answers(PersonLoadOut, 404),
    summary="Read what a person carried",
)
def get_person_load(request: HttpRequest, slug: Slug, when: When = "") -> PersonLoadOut:
    """Only for that person and staff; 403 for everybody else. Shifts to come count as planned."""
    books = books_of(when)
    loads, rest = queries.person_load(
        person=slug, books=books, viewer=reader(request), now=clock.now()
    )
    items = [LoadOut.of({"rota": rota}, one) for rota, one in sorted(loads.items())]
    return PersonLoadOut.of({"person": slug.lower(), "books": books, "items": items, "rest": rest})


@router.get(
    "/costs/load/teams/{slug}",
    response=answers(TeamLoadOut, 404),
    summary="Read how evenly a team's rotas were carried",
)
def get_team_load(request: HttpRequest, slug: Slug, when: When = "") -> TeamLoadOut:
    """Nobody is named, and a rota of fewer than four people has no figures."""
    team = catalogue.find_team(slug=slug)
    if team is None:
        raise Http404("There is no such team.")
    books = books_of(when)
    found = queries.team_load(team=team.slug, books=books)
    items = [FairnessOut.of({"rota": rota}, one or _FEW) for rota, one in found.items()]
    return TeamLoadOut.of({"team": team.slug, "books": books, "items": items})


def reader(request: HttpRequest) -> Viewer:
    """Return who asks, as the ledger's rules of privacy know them."""
    who = caller(request)
    return Viewer(who.person_id, is_staff=who.is_staff)


def books_of(when: str) -> Books:
    """Return the books that are asked for; this quarter's unless said."""
    return Books.parse(when) if when else Books.quarter_of(_today())


def _month(when: str) -> Books:
    return Books.parse(when) if when else Books.month_of(_today())


def _today() -> date:
    return clock.now().astimezone(queries.ledger_zone()).date()
