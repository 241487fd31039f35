"""The ledger line by line, the payroll, and on-call load: each as far as the reader may see it."""
# ruff: noqa: ARG001 - every view is handed the request, by that name

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from andon.catalogue import queries as catalogue
from andon.core import clock
from andon.costing import queries, types
from andon.costing.queries import Only
from andon.costing.types import Books, Kind, Tag, Viewer
from andon.web.api.access import caller
from andon.web.api.schemas import Limit, Listed, Money, Slug, answers, seconds

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
Skip = Annotated[
    str, Field(pattern=r"^[0-9]{0,9}$", description="`next` of the last answer.", examples=["200"])
]


class PostingOut(Schema):
    """A line of the ledger. Whose pay it is, only that person, staff and the budget holder see."""

    uid: str | None = Field(description="Null where whose pay it is may not be shown.")
    kind: Kind
    tag: Tag
    amount: Money
    month: date = Field(description="First day of the month it happened in.")
    booked: date = Field(description="First day of the month in whose books it is.")
    starts_at: datetime
    ends_at: datetime
    service: str | None
    team: str | None
    domain: str | None
    budget_holder: str | None
    rota: str | None
    person: str | None
    incident: str | None = Field(examples=["INC-1042"])
    evidence: str
    reason: str
    posted_at: datetime
    posted_by: str
    reversal: bool = Field(description="True: it takes another line back.")
    reversal_of: str | None = Field(description="The line it takes back, where that may be shown.")


class PayrollRowOut(Schema):
    """What one person is paid for a month."""

    person: str
    name: str
    standby: Money
    callout: Money
    total: Money
    postings: int


class PayrollOut(Schema):
    """The payroll of a month, as far as the reader may see it."""

    books: str
    closed: bool = Field(description="False: figures still change.")
    whole: bool = Field(description="False: only what the reader may see.")
    items: list[PayrollRowOut]


class LoadOut(Schema):
    """What somebody carried for a rota. Facts, in no order of merit. Lengths are in seconds."""

    rota: str
    on_call: float | None
    weekend: float | None
    holiday: float | None
    shifts: int
    callouts: int
    nights: int = Field(description="Callouts between 22:00 and 07:00 local time.")


class RestOut(Schema):
    """Rest owed after work out of hours."""

    incident: str = Field(examples=["INC-1042"])
    starts_at: datetime
    ends_at: datetime
    working: float | None = Field(description="Working time that falls into it, in seconds.")
    words: str


class PersonLoadOut(Schema):
    """What a person carried in some books, by rota, and the rest owed now."""

    person: str
    books: str
    items: list[LoadOut]
    rest: list[RestOut]


class FairnessOut(Schema):
    """How evenly a rota was carried. Figures are null below four people: they would show who."""

    rota: str
    people: int | None
    even_share: float | None
    largest_share: float | None
    callouts: int | None
    nights: int | None
    words: str


class TeamLoadOut(Schema):
    """How evenly the rotas of a team, and of domains it owns, were carried."""

    team: str
    books: str
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
        items=[posting_out(one) for one in found[:limit]],
        next=str(skip + limit) if len(found) > limit else None,
    )


@router.get("/costs/payroll", response=answers(PayrollOut), summary="Read the payroll of a month")
def get_payroll(request: HttpRequest, when: Month = "") -> PayrollOut:
    """For staff everybody; for others their own pay and what is charged to their budget."""
    viewer, books = reader(request), _month(when)
    rows = queries.payroll(books=books, viewer=viewer)
    return PayrollOut(
        books=str(books),
        closed=queries.is_closed(books=books),
        whole=viewer.is_staff,
        items=[
            PayrollRowOut(
                person=one.person,
                name=one.name,
                standby=Money.exactly(one.standby),
                callout=Money.exactly(one.callout),
                total=Money.exactly(one.total),
                postings=one.postings,
            )
            for one in rows
        ],
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
    return PersonLoadOut(
        person=slug.lower(),
        books=str(books),
        items=[_load(rota, one) for rota, one in sorted(loads.items())],
        rest=[
            RestOut(
                incident=f"INC-{one.incident}",
                starts_at=one.period.starts_at,
                ends_at=one.period.ends_at,
                working=seconds(one.working),
                words=one.words,
            )
            for one in rest
        ],
    )


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
    return TeamLoadOut(
        team=team.slug,
        books=str(books),
        items=[_fairness(rota, one) for rota, one in found.items()],
    )


def reader(request: HttpRequest) -> Viewer:
    """Return who asks, as the ledger's rules of privacy know them."""
    who = caller(request)
    return Viewer(who.person_id, is_staff=who.is_staff)


def books_of(when: str) -> Books:
    """Return the books that are asked for; this quarter's unless said."""
    return Books.parse(when) if when else Books.quarter_of(_today())


def posting_out(one: types.Posting) -> PostingOut:
    """Return a line for the outside."""
    return PostingOut(
        uid=one.uid or None,
        kind=one.kind,
        tag=one.tag,
        amount=Money.exactly(one.amount),
        month=one.month,
        booked=one.booked,
        starts_at=one.period.starts_at,
        ends_at=one.period.ends_at,
        service=one.service,
        team=one.team,
        domain=one.domain,
        budget_holder=one.budget_holder,
        rota=one.rota,
        person=one.person,
        incident=None if one.incident is None else f"INC-{one.incident}",
        evidence=one.evidence,
        reason=one.reason,
        posted_at=one.posted_at,
        posted_by=one.posted_by,
        reversal=one.reversal_of is not None,
        reversal_of=one.reversal_of or None,
    )


def _load(rota: str, one: types.Load) -> LoadOut:
    return LoadOut(
        rota=rota,
        on_call=seconds(one.on_call),
        weekend=seconds(one.weekend),
        holiday=seconds(one.holiday),
        shifts=one.shifts,
        callouts=one.callouts,
        nights=one.nights,
    )


def _fairness(rota: str, one: types.Fairness | None) -> FairnessOut:
    if one is None:
        few = "fewer than four people carried it: figures would show who"
        return FairnessOut(
            rota=rota, people=None, even_share=None, largest_share=None, callouts=None,
            nights=None, words=few,
        )  # fmt: skip
    return FairnessOut(
        rota=rota,
        people=one.people,
        even_share=float(one.even_share),
        largest_share=float(one.largest_share),
        callouts=one.callouts,
        nights=one.nights,
        words=one.words,
    )


def _month(when: str) -> Books:
    return Books.parse(when) if when else Books.month_of(_today())


def _today() -> date:
    return clock.now().astimezone(queries.ledger_zone()).date()
