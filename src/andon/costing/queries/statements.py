"""What a period cost: by service, team, domain, budget holder, rota, kind or tag."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Sum, Value
from django.db.models.functions import Coalesce

from andon.catalogue import queries as catalogue
from andon.core.money import Money
from andon.costing import rules
from andon.costing.queries.postings import EVERYTHING, Only, booked_in
from andon.costing.types import COST_KINDS, Books, Dimension, Kind, Statement, StatementLine

#: How a line without a service, team, ... is called.
NONE = "-"
_RELATIONS = {
    Dimension.SERVICE: "title",
    Dimension.TEAM: "title",
    Dimension.DOMAIN: "title",
    Dimension.BUDGET_HOLDER: "name",
    Dimension.ROTA: "title",
}


def list_statements(
    *, books: Books, dimension: Dimension, only: Only = EVERYTHING
) -> tuple[Statement, ...]:
    """Return what a period cost, one statement per currency, for they are never added. One query.

    Lines are by key. `only` narrows it down, such as to a team; a person's part is not to be had
    here: `person_statement` asks who is reading.
    """
    if only.person:
        raise ValueError("pay of a person is read through person_statement")
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _sums(books, dimension, only):
        found[row["currency"]].append(row)
    return tuple(
        _statement(books, dimension, currency, rows) for currency, rows in sorted(found.items())
    )


def find_statement(
    *, books: Books, dimension: Dimension, only: Only = EVERYTHING, currency: str = ""
) -> Statement:
    """Return the statement in one currency, the organisation's unless said; empty when nothing."""
    wanted = currency or catalogue.organisation().currency
    found = list_statements(books=books, dimension=dimension, only=only)
    return next(
        (one for one in found if one.currency == wanted), _statement(books, dimension, wanted, [])
    )


def _sums(books: Books, dimension: Dimension, only: Only) -> list[dict[str, Any]]:
    field = dimension.value.replace("-", "_")
    rows = booked_in(books=books, only=only)
    if dimension in _RELATIONS:
        rows = rows.annotate(
            line=Coalesce(F(f"{field}__slug"), Value(NONE)),
            label=Coalesce(F(f"{field}__{_RELATIONS[dimension]}"), Value("none")),
        )
    else:
        rows = rows.annotate(line=F(field), label=F(field))
    sums = rows.order_by().values("line", "label", "kind", "currency").annotate(sum=Sum("minor"))
    return [dict(row) for row in sums]


def _statement(
    books: Books, dimension: Dimension, currency: str, rows: list[dict[str, Any]]
) -> Statement:
    kinds: dict[str, dict[Kind, Money]] = defaultdict(dict)
    titles: dict[str, str] = {}
    for row in rows:
        key, kind = row["line"], Kind(row["kind"])
        titles[key] = row["label"]
        known = kinds[key].get(kind, Money.zero(currency))
        kinds[key][kind] = known + Money(row["sum"], currency)
    lines = tuple(
        StatementLine(key, titles[key], kinds[key], _cost(kinds[key], currency),
                      kinds[key].get(Kind.OPPORTUNITY, Money.zero(currency)))
        for key in sorted(kinds)
    )  # fmt: skip
    return Statement(
        books=books,
        dimension=dimension,
        currency=currency,
        lines=lines,
        cost=rules.net(amounts=(line.cost for line in lines), currency=currency),
        loss=rules.net(amounts=(line.loss for line in lines), currency=currency),
        by_kind=_by_kind(lines, currency),
    )


def _cost(by_kind: Mapping[Kind, Money], currency: str) -> Money:
    amounts = (by_kind[kind] for kind in COST_KINDS if kind in by_kind)
    return rules.net(amounts=amounts, currency=currency)


def _by_kind(lines: tuple[StatementLine, ...], currency: str) -> dict[Kind, Money]:
    kinds = {kind for line in lines for kind in line.by_kind}
    return {
        kind: rules.net(
            amounts=(line.by_kind[kind] for line in lines if kind in line.by_kind),
            currency=currency,
        )
        for kind in Kind
        if kind in kinds
    }
