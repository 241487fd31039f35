"""`andon costs`: the ledger from a terminal. Whoever may run this may read everybody's pay."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import quote

import typer

from andon.cli import remote
from andon.cli.costs_shown import (
    postings_table,
    say_protection,
    say_unbooked,
    show_table,
    statement_table,
)
from andon.cli.remote import AsJson

if TYPE_CHECKING:
    from andon.core.audit import Actor
    from andon.costing.types import Books

app = typer.Typer(
    help="What cover costs: pay by person and month, costs by team and quarter, the organisation.",
    no_args_is_help=True,
)
T = TypeVar("T")


class By(StrEnum):
    """What a statement has a line for."""

    team = "team"
    service = "service"
    domain = "domain"
    budget_holder = "budget-holder"
    rota = "rota"
    kind = "kind"
    tag = "tag"


class Manual(StrEnum):
    """What is posted by hand."""

    setup = "setup"
    transition = "transition"


When = Annotated[
    str, typer.Argument(metavar="[WHEN]", help="A month 2026-11, a quarter 2026-Q4, a year 2026.")
]
PersonSlug = Annotated[str, typer.Argument(help="The person's slug.")]
TeamSlug = Annotated[str, typer.Argument(help="The team's slug.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV for the payroll.")]
ByOption = Annotated[By, typer.Option("--by", help="A line for each of these.")]
Who = Annotated[str, typer.Option("--as", help="Who acts; default: your login name.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]


@app.command()
def post(when: When = "", as_json: AsJson = False) -> None:
    """Post what happened: this month and the last, or those named. Twice does nothing."""
    _ready()
    from andon.core import clock
    from andon.costing import actions

    def act() -> Any:
        if not when:
            return actions.post_due(now=clock.now())
        return actions.post_period(books=_books(when), now=clock.now(), by=_me())

    outcome = _or_refuse(act)
    if as_json:
        from andon.core import wire

        remote.print_json(wire.plain(outcome))
        return
    typer.echo(f"{outcome.posted} posted, {outcome.reversed} reversed.")
    for words in outcome.refused:
        typer.echo(f"Left out: {words}.", err=True)


@app.command()
def close(when: When, by: Who = "") -> None:
    """Close the books of a month: its statements never change again."""
    _ready()
    from andon.core import clock
    from andon.costing import actions

    books = _books(when)
    _or_refuse(lambda: actions.close_month(books=books, by=_me(by), now=clock.now()))
    typer.echo(f"The books of {books} are closed.")


@app.command()
def person(slug: PersonSlug, when: When = "", as_json: AsJson = False) -> None:
    """Show what a person is paid for a month, with every posting behind it."""
    _ready()
    from andon.costing import queries
    from andon.costing.types import Viewer

    books = _books(when)
    if as_json:
        remote.print_json(remote.here().get(f"/costs/people/{quote(slug, safe='')}", when=books))
        return
    found = _or_refuse(
        lambda: queries.person_statement(
            person=slug, books=books, viewer=Viewer(None, is_staff=True)
        )
    )
    parts = f"standby {found.standby.exact} + callout {found.callout.exact}"
    typer.echo(f"{found.name}, {books}: {parts}")
    postings_table(found.postings)
    typer.echo(f"Total {found.total.exact}")


@app.command()
def payroll(when: When = "", as_csv: AsCsv = False, as_json: AsJson = False) -> None:
    """Show what everybody is paid for a month."""
    _ready()
    from andon.costing import queries
    from andon.costing.types import Viewer

    books = _books(when)
    if as_json:
        remote.print_json(remote.here().get("/costs/payroll", when=books))
        return
    rows = queries.payroll(books=books, viewer=Viewer(None, is_staff=True))
    if as_csv:
        typer.echo(queries.payroll_csv(books=books, rows=rows), nl=False)
    else:
        show_table(
            ("person", "name", "standby", "callout", "total"),
            [
                (one.person, one.name, one.standby.exact, one.callout.exact, one.total.exact)
                for one in rows
            ],
            nothing=f"Nobody is paid anything in {books}; `andon costs post` posts what happened.",
        )


@app.command()
def team(
    slug: TeamSlug, when: When = "", by: ByOption = By.service, as_json: AsJson = False
) -> None:
    """Show what a team's cover cost in a quarter, and what it protected."""
    _statement(when, by, as_json, team=slug, length=3)


@app.command("all")
def everything(when: When = "", by: ByOption = By.team, as_json: AsJson = False) -> None:
    """Show what cover cost the whole organisation, and what it protected."""
    _statement(when, by, as_json, team="", length=3)


@app.command()
def postings(
    when: When = "",
    *,
    service: Annotated[str, typer.Option(help="Of this service; - for none.")] = "",
    team: Annotated[str, typer.Option(help="Of this team; - for none.")] = "",
    kind: Annotated[str, typer.Option(help="standby, callout, response, ...")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 200,
    as_json: AsJson = False,
) -> None:
    """List the postings behind a figure, reversals too."""
    _ready()
    from andon.costing import queries
    from andon.costing.types import Viewer

    books = _books(when, length=3)
    if as_json:
        asked = {"when": books, "service": service, "team": team, "kind": kind}
        remote.print_json(remote.here().listed("/costs/postings", limit=limit, **asked))
        return
    found = queries.list_postings(
        books=books,
        viewer=Viewer(None, is_staff=True),
        only=queries.Only(service=service, team=team, kind=kind),
        limit=limit,
    )
    postings_table(found)


@app.command()
def pitfalls(when: When = "", as_json: AsJson = False) -> None:
    """Show the pitfalls that the books and rotas tell of, and what to do about each."""
    _ready()
    from andon.core import clock
    from andon.costing import queries

    books = _books(when, length=3)
    if as_json:
        remote.print_json(remote.here().get("/costs/pitfalls", when=books))
        return
    found = queries.find_signals(books=books, now=clock.now())
    for one in found:
        if one.needs:
            typer.echo(f"? {one.name}: not measured yet, needs {one.needs}")
            typer.echo(f"    {one.fix}")
            continue
        mark = "!" if one.shows else " "
        typer.echo(f"{mark} {one.name}: {one.value} (threshold {one.threshold}); {one.words}")
        if one.shows:
            typer.echo(f"    {one.fix}")


@app.command()
def hours(
    incident: Annotated[str, typer.Argument(metavar="INC-N", help="The incident.")],
    slug: PersonSlug,
    starts: Annotated[str, typer.Argument(help="Such as 2026-11-18T03:00+00:00.")],
    ends: Annotated[str, typer.Argument(help="Likewise; without a zone UTC is meant.")],
    *,
    reason: Reason = "",
    by: Who = "",
) -> None:
    """Say when a person really worked on an incident; the next `post` pays the difference."""
    _ready()
    from andon.core import clock
    from andon.costing import actions
    from andon.incidents import queries as incidents
    from andon.people import queries as people

    number, who = incidents.parse_number(incident), people.find_person(slug=slug)
    if number is None or who is None:
        raise _fail(f'"{incident}" is no incident, or there is no person "{slug}".')
    _or_refuse(
        lambda: actions.correct_worked_time(
            number=number,
            person_id=who.id,
            starts_at=_instant(starts),
            ends_at=_instant(ends),
            reason=reason,
            by=_me(by),
            now=clock.now(),
        )
    )
    typer.echo(f"INC-{number}: {who.name} worked from {starts} to {ends}.")


@app.command()
def add(
    kind: Annotated[Manual, typer.Argument(help="setup or transition")],
    service: Annotated[str, typer.Argument(help="The service's slug.")],
    amount: Annotated[str, typer.Argument(help='Such as "GBP 1200".')],
    *,
    reason: Reason = "",
    reference: Annotated[str, typer.Option(help="An invoice's number, say: posted once.")] = "",
    day: Annotated[str, typer.Option(help="When; default: today. 2026-11-05")] = "",
    by: Who = "",
) -> None:
    """Post what setting up or handing over cover for a service cost."""
    _ready()
    from andon.core import clock
    from andon.core.money import Money
    from andon.costing import actions
    from andon.costing.types import Kind

    now = clock.now()
    uid = _or_refuse(
        lambda: actions.post_entry(
            kind=Kind(kind.value),
            service=service,
            amount=Money.parse(amount),
            day=date.fromisoformat(day) if day else now.date(),
            reason=reason,
            reference=reference,
            by=_me(by),
            now=now,
        )
    )
    typer.echo(uid)


@app.command()
def reverse(
    uid: Annotated[str, typer.Argument(help="The posting's uid.")],
    reason: Reason = "",
    by: Who = "",
) -> None:
    """Take back a posting. What follows from shifts and incidents is not posted again."""
    _ready()
    from andon.core import clock
    from andon.costing import actions

    name = _me(by)
    _or_refuse(lambda: actions.reverse(uid=uid, reason=reason, by=name, now=clock.now()))
    typer.echo("Reversed.")


@app.command("post-again")
def post_again(
    uid: Annotated[str, typer.Argument(help="The uid of the posting that was taken back.")],
    reason: Reason = "",
    by: Who = "",
) -> None:
    """Let the next `post` post again what was taken back by hand."""
    _ready()
    from andon.core import clock
    from andon.costing import actions

    name = _me(by)
    _or_refuse(lambda: actions.post_again(uid=uid, reason=reason, by=name, now=clock.now()))
    typer.echo("The next `andon costs post` posts it again.")


def _me(by: str = "") -> "Actor":
    from andon.cli.setup import me

    return me(by)


def _statement(when: str, by: By, as_json: bool, *, team: str, length: int) -> None:
    _ready()
    from andon.core import clock
    from andon.costing import queries
    from andon.costing.types import Dimension
    from andon.people import queries as people

    if team and people.find_team(slug=team) is None:
        raise _fail(f'There is no team "{team}".')
    books = _books(when, length=length)
    if as_json:
        remote.print_json(remote.here().get("/costs/statements", when=books, by=by, team=team))
        return
    found = queries.list_statements(
        books=books, dimension=Dimension(by.value), only=queries.Only(team=team)
    )
    now = clock.now()
    whole, _ = queries.protections(books=books, now=now, team=team)
    beside = queries.unbooked(books=books, now=now, team=team)
    for one in found:
        statement_table(one)
    if found:
        say_protection(whole)
    else:
        typer.echo(f"Nothing is booked in {books}; `andon costs post` posts what happened.")
    say_unbooked(beside)


def _ready() -> None:
    from andon.cli.setup import django_ready

    django_ready()


def _books(text: str, *, length: int = 1) -> "Books":
    """Return the books a text names; by default the present month or quarter."""
    from andon.core import clock
    from andon.costing import queries
    from andon.costing.types import Books, UnreadableBooks

    today = clock.now().astimezone(queries.ledger_zone()).date()
    present = Books.month_of(today) if length == 1 else Books.quarter_of(today)
    try:
        return Books.parse(text) if text else present
    except UnreadableBooks as error:
        raise _fail(f"{error}.") from error


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _or_refuse(act: Callable[[], T]) -> T:
    from andon.core.errors import Refusal

    try:
        return act()
    except Refusal as refusal:
        raise _fail(f"{refusal.message}.") from refusal
    except (ValueError, OverflowError) as error:
        raise _fail(f"{error}.") from error


def _fail(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)
