"""What cover really cost: statements from the ledger, and pay for those who may see it."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from andon.core import clock
from andon.costing import queries
from andon.costing.queries import Only
from andon.costing.types import Dimension, Kind
from andon.web.api.ledger import BooksName, PostingOut, When, books_of, reader
from andon.web.api.schemas import Lacking, MoneyOut, Out, Search, ShareOut, Slug, answers

router = Router(tags=["Costs"])


class LineOut(Out):
    """What one service, team, ... cost; `-` is what belongs to none."""

    key: str
    title: str
    by_kind: dict[Kind, MoneyOut]
    cost: MoneyOut
    loss: MoneyOut = Field(description="Beside the cost, never in it.")


class StatementOut(Out):
    """What the books cost in one currency. Lines add up to the ledger."""

    currency: str
    cost: MoneyOut
    loss: MoneyOut
    by_kind: dict[Kind, MoneyOut]
    lines: list[LineOut]


class ProtectionOut(Out):
    """What targets tolerate to lose, what was lost, and so what was protected."""

    tolerated: MoneyOut
    lost: MoneyOut
    protected: MoneyOut
    effectiveness: ShareOut | None
    cost: MoneyOut
    working: str


class ServiceProtectionOut(ProtectionOut):
    """The same of one service, named by its slug."""

    name: str


class UnbookedOut(Out):
    """An incident that goes on: its loss is in no books yet."""

    incident: str
    affected: str
    started_at: datetime
    loss: MoneyOut | None = Field(description="So far, if what is affected is fully down.")


class CostsOut(Out):
    """The statements of some books, one per currency."""

    books: BooksName
    by: Dimension
    closed: bool = Field(description="False: figures still change.")
    statements: list[StatementOut]
    protection: ProtectionOut
    services: list[ServiceProtectionOut] = Field(description="The same of each service.")
    unbooked: list[UnbookedOut] = Field(
        description="Incidents that go on: what one cost is booked once it is over."
    )


class PitfallOut(Out):
    """A pitfall, its figure, and what to do when it shows."""

    name: str
    measured: Lacking = Field(
        validation_alias="needs", description="False: nothing tells of it yet; see `needs`."
    )
    value: float | None
    threshold: float | None
    shows: bool
    words: str
    fix: str
    needs: str = Field(description="What Andon would have to know to measure it.")


class PitfallsOut(Out):
    """The pitfalls: those that show, those that do not, and those nothing tells of yet."""

    items: list[PitfallOut]


class PayOut(Out):
    """What a person is paid for being on call."""

    person: str
    name: str
    books: BooksName
    standby: MoneyOut
    callout: MoneyOut
    total: MoneyOut
    note: str = Field(description="Says so when only a part may be shown.")
    postings: list[PostingOut]


@router.get("/costs/statements", response=answers(CostsOut), summary="Read what cover cost")
def get_statements(
    request: HttpRequest, *, when: When = "", by: Dimension = Dimension.TEAM, team: Search = ""
) -> CostsOut:
    """By team unless said otherwise; `team` narrows it down to one. Pay of people is elsewhere."""
    now, books = clock.now(), books_of(when)
    statements = queries.list_statements(books=books, dimension=by, only=Only(team=team))
    together, each = queries.protections(books=books, now=now, team=team)
    return CostsOut.of(
        {
            "books": books,
            "by": by,
            "closed": queries.is_closed(books=books),
            "statements": statements,
            "protection": together,
            "services": each,
            "unbooked": queries.unbooked(books=books, now=now, team=team),
        }
    )


@router.get("/costs/pitfalls", response=answers(PitfallsOut), summary="Read the pitfalls")
def get_pitfalls(request: HttpRequest, when: When = "") -> PitfallsOut:
    """What the books and the rotas of a period show, each with what to do."""
    found = queries.find_signals(books=books_of(when), now=clock.now())
    return PitfallsOut.of({"items": found})


@router.get("/costs/people/{slug}", response=answers(PayOut, 404), summary="Read a person's pay")
def get_pay(request: HttpRequest, slug: Slug, when: When = "") -> PayOut:
    """Only for that person, staff, and the holder of the budget; 403 for everybody else."""
    found = queries.person_statement(person=slug, books=books_of(when), viewer=reader(request))
    return PayOut.of(found)
