"""What cover really cost: statements from the ledger, and pay for those who may see it."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from andon.core import clock
from andon.costing import queries, types
from andon.costing.queries import Only
from andon.costing.types import Dimension, Kind
from andon.web.api.ledger import PostingOut, When, books_of, posting_out, reader
from andon.web.api.schemas import Money, Search, Slug, answers, share

router = Router(tags=["Costs"])


class LineOut(Schema):
    """What one service, team, ... cost; `-` is what belongs to none."""

    key: str
    title: str
    by_kind: dict[Kind, Money]
    cost: Money
    loss: Money = Field(description="Beside the cost, never in it.")


class StatementOut(Schema):
    """What the books cost in one currency. Lines add up to the ledger."""

    currency: str
    cost: Money
    loss: Money
    by_kind: dict[Kind, Money]
    lines: list[LineOut]


class ProtectionOut(Schema):
    """What targets tolerate to lose, what was lost, and so what was protected."""

    tolerated: Money
    lost: Money
    protected: Money
    effectiveness: float | None
    cost: Money
    working: str


class UnbookedOut(Schema):
    """An incident that goes on: its loss is in no books yet."""

    incident: str
    affected: str
    started_at: datetime
    loss: Money | None = Field(description="So far, if what is affected is fully down.")


class CostsOut(Schema):
    """The statements of some books, one per currency."""

    books: str
    by: Dimension
    closed: bool = Field(description="False: figures still change.")
    statements: list[StatementOut]
    protection: ProtectionOut
    unbooked: list[UnbookedOut] = Field(
        description="Incidents that go on: what one cost is booked once it is over."
    )


class PitfallOut(Schema):
    """A pitfall, its figure, and what to do when it shows."""

    name: str
    measured: bool = Field(description="False: nothing tells of it yet; see `needs`.")
    value: float | None
    threshold: float | None
    shows: bool
    words: str
    fix: str
    needs: str = Field(description="What Andon would have to know to measure it.")


class PitfallsOut(Schema):
    """The pitfalls: those that show, those that do not, and those nothing tells of yet."""

    items: list[PitfallOut]


class PayOut(Schema):
    """What a person is paid for being on call."""

    person: str
    name: str
    books: str
    standby: Money
    callout: Money
    total: Money
    note: str = Field(description="Says so when only a part may be shown.")
    postings: list[PostingOut]


@router.get("/costs/statements", response=answers(CostsOut), summary="Read what cover cost")
def get_statements(
    request: HttpRequest, *, when: When = "", by: Dimension = Dimension.TEAM, team: Search = ""
) -> CostsOut:
    """By team unless said otherwise; `team` narrows it down to one. Pay of people is elsewhere."""
    now, books = clock.now(), books_of(when)
    statements = queries.list_statements(books=books, dimension=by, only=Only(team=team))
    together, _ = queries.protections(books=books, now=now, team=team)
    return CostsOut(
        books=str(books),
        by=by,
        closed=queries.is_closed(books=books),
        statements=[_statement(one) for one in statements],
        protection=ProtectionOut(
            tolerated=Money.exactly(together.tolerated),
            lost=Money.exactly(together.lost),
            protected=Money.exactly(together.protected),
            effectiveness=share(together.effectiveness),
            cost=Money.exactly(together.cost),
            working=together.working,
        ),
        unbooked=[
            UnbookedOut(
                incident=one.incident,
                affected=one.affected,
                started_at=one.started_at,
                loss=Money.exactly(one.loss) if one.loss is not None else None,
            )
            for one in queries.unbooked(books=books, now=now, team=team)
        ],
    )


@router.get("/costs/pitfalls", response=answers(PitfallsOut), summary="Read the pitfalls")
def get_pitfalls(request: HttpRequest, when: When = "") -> PitfallsOut:
    """What the books and the rotas of a period show, each with what to do."""
    found = queries.find_signals(books=books_of(when), now=clock.now())
    return PitfallsOut(
        items=[
            PitfallOut(
                name=one.name,
                measured=not one.needs,
                value=share(one.value),
                threshold=share(one.threshold),
                shows=one.shows,
                words=one.words,
                fix=one.fix,
                needs=one.needs,
            )
            for one in found
        ]
    )


@router.get("/costs/people/{slug}", response=answers(PayOut, 404), summary="Read a person's pay")
def get_pay(request: HttpRequest, slug: Slug, when: When = "") -> PayOut:
    """Only for that person, staff, and the holder of the budget; 403 for everybody else."""
    found = queries.person_statement(person=slug, books=books_of(when), viewer=reader(request))
    return PayOut(
        person=found.person,
        name=found.name,
        books=str(found.books),
        standby=Money.exactly(found.standby),
        callout=Money.exactly(found.callout),
        total=Money.exactly(found.total),
        note=found.note,
        postings=[posting_out(one) for one in found.postings],
    )


def _statement(one: types.Statement) -> StatementOut:
    return StatementOut(
        currency=one.currency,
        cost=Money.exactly(one.cost),
        loss=Money.exactly(one.loss),
        by_kind={kind: Money.exactly(amount) for kind, amount in one.by_kind.items()},
        lines=[
            LineOut(
                key=line.key,
                title=line.title,
                by_kind={kind: Money.exactly(amount) for kind, amount in line.by_kind.items()},
                cost=Money.exactly(line.cost),
                loss=Money.exactly(line.loss),
            )
            for line in one.lines
        ],
    )
