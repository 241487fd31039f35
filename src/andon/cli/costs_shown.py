"""How the ledger is shown in a terminal: tables, JSON, cells for a payroll."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

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


def print_json(value: object) -> None:
    """Print a value for scripts."""
    typer.echo(json.dumps(_plain(value), indent=2))


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: amounts as text in major units, instants in ISO 8601."""
    if is_dataclass(value) or isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value) if isinstance(value, Decimal) else value


def _mapping(value: Any) -> Any:
    from andon.core.money import Money
    from andon.costing.types import Books

    if isinstance(value, Books):
        return str(value)
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
