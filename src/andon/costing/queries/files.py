"""The payroll as a file for whoever pays."""

import csv
import io
from collections.abc import Iterable

from andon.costing.types import Books, PayrollRow

_HEADINGS = ("period", "person", "name", "standby", "callout", "total", "currency")


def payroll_csv(*, books: Books, rows: Iterable[PayrollRow]) -> str:
    """Return a payroll as CSV, exact to the minor unit, with lines that end in a newline."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADINGS)
    for one in rows:
        pay = (one.standby.amount, one.callout.amount, one.total.amount)
        writer.writerow((str(books), _cell(one.person), _cell(one.name), *pay, one.total.currency))
    return text.getvalue()


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
