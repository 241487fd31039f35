"""How the ledger is shown in a terminal: tables, cells for a payroll."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from andon.costing.types import Posting, Protection, Statement, Unbooked

_MONEY = frozenset(
    ("standby", "callout", "response", "setup", "transition", "cost", "lost", "total", "amount")
)


def statement_table(statement: "Statement") -> None:
    """Print a statement, with its sums."""
    from andon.costing.types import COST_KINDS

    kinds = [kind for kind in COST_KINDS if kind in statement.by_kind]
    rows = [
        (
            line.title,
            *(str(line.by_kind[kind]) if kind in line.by_kind else "" for kind in kinds),
            str(line.cost),
            str(line.loss),
        )
        for line in statement.lines
    ]
    sums = (str(statement.by_kind[kind]) for kind in kinds)
    rows.append(("together", *sums, str(statement.cost), str(statement.loss)))
    headings = (statement.dimension.value, *(kind.value for kind in kinds), "cost", "lost")
    typer.echo(f"{statement.books}, {statement.currency}")
    show_table(headings, rows)


def say_protection(whole: "Protection") -> None:
    """Print what was avoided, beside what it cost."""
    from andon.core.words import say_share

    share = whole.effectiveness
    if share is None:
        typer.echo(f"Loss protection: no percentage. {whole.working}.")
        return
    typer.echo(
        f"Loss avoided {whole.protected} of {whole.tolerated} tolerated: "
        f"financial loss protection effectiveness {say_share(share)}"
    )


def say_unbooked(beside: "Iterable[Unbooked]") -> None:
    """Print the incidents that go on, whose loss is in no books yet."""
    for one in beside:
        loss = f"up to {one.loss} so far" if one.loss else "not estimated"
        typer.echo(f"Not in these figures yet: {one.incident} {one.affected}, going on: {loss}.")


def postings_table(found: "Iterable[Posting]") -> None:
    """Print the postings behind a figure."""
    show_table(
        ("booked", "kind", "amount", "for", "evidence", "working", "uid"),
        [
            (
                f"{one.booked:%Y-%m}",
                f"{one.kind} reversed" if one.reversal_of else one.kind.value,
                one.amount.exact,
                one.service or one.domain or one.team or "",
                one.evidence,
                one.reason,
                one.uid,
            )
            for one in found
        ],
        nothing="No postings.",
    )


def show_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, nothing: str = ""
) -> None:
    """Print rows under headings, or what to say when there are none."""
    if not rows:
        typer.echo(nothing)
        return
    from andon.cli import tables

    tables.show(headings, rows, right=_MONEY, below="working")
