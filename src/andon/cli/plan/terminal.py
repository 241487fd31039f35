"""A page in the terminal: tables by rich, problems with file and line on the error stream.

A table that does not fit is stacked, a row at a time: no word is broken and no figure is cut.
"""

import os
import re
import sys
from dataclasses import replace
from textwrap import wrap
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from rich.text import Text

from andon.cli.plan.page import Sheet, Table
from andon.core.documents.problems import DocumentProblem, Gravity

_GAP, _INDENT = 2, 1
_PIPE = 10_000
#: The currency before an amount, its sign kept.
_MONEY = re.compile(r"([+]?)([A-Z]{3}) (?=-?\d)")
#: Sentences narrower than this are hard to read; names up to so long are kept in one piece.
_SENTENCE, _NAME, _CELL = 26, 24, 12


def show(page: Sheet) -> None:
    """Print a page."""
    console = Console(highlight=False, width=_width(sys.stdout))
    console.print(Text(page.title, style="bold"))
    for line in page.lead:
        console.print(Text(line))
    for table in page.tables:
        if not table.rows:
            continue
        console.print()
        console.print(Text(table.title, style="bold"))
        _show(console, table)
        if table.note:
            console.print(Text(table.note, style="dim"))
    if page.assumptions:
        console.print()
        console.print(Text("Assumptions", style="bold dim"))
        for line in page.assumptions:
            console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2), expand=False))
    show_problems(page.problems)


def _width(stream: TextIO) -> int | None:
    """Return how wide a page may be: no table is folded for a pipe, which has no edge."""
    return None if stream.isatty() or "COLUMNS" in os.environ else _PIPE


def show_problems(problems: tuple[DocumentProblem, ...]) -> None:
    """Print what is wrong with the files; everything else was computed."""
    console = Console(stderr=True, highlight=False, width=_width(sys.stderr))
    for one in problems:
        style = "red" if one.gravity is Gravity.ERROR else "yellow"
        console.print(Text(f"{one.where}  {one.gravity} {one.rule}  {one.message}", style=style))
        console.print(Text(f"    {one.fix}"))


def progress() -> Progress:
    """Return a progress bar on the error stream, so that tables and JSON stay clean."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _show(console: Console, table: Table) -> None:
    columns = list(table.filled)
    for shown in (table, _currency_in_headers(table)):
        least = {place: _least(shown, place) for place in columns}
        room = console.width - _GAP * (len(columns) - 1) - _INDENT - sum(least.values())
        if room >= 0:
            _lay_out(console, shown, least, room)
            return
    _stack(console, table, columns)


def _lay_out(console: Console, table: Table, least: dict[int, int], room: int) -> None:
    """Print a table whose columns are at least so wide, with so much room to share."""
    found = RichTable(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    for place, narrowest in least.items():
        more = max(0, min(room, _widest(table, place) - narrowest))
        room -= more
        width = narrowest + more
        found.add_column(
            "\n".join(wrap(table.headers[place], width)),
            justify="right" if place in table.right else "left",
            width=width,
            overflow="fold",
        )
    for row in table.rows:
        found.add_row(*(Text(row[place]) for place in least))
    console.print(Padding(found, (0, 0, 0, _INDENT), expand=False))


def _currency_in_headers(table: Table) -> Table:
    """Return a table that says the currency of a column once, where all of it is in one."""
    headers, rows = list(table.headers), [list(row) for row in table.rows]
    for place in table.right:
        codes = {found[2] for row in rows if (found := _MONEY.match(row[place]))}
        amounts = all(not row[place] or _MONEY.match(row[place]) for row in rows)
        if len(codes) == 1 and amounts:
            headers[place] = f"{headers[place]}, {codes.pop()}".removeprefix(", ")
            for row in rows:
                row[place] = _MONEY.sub(r"\1", row[place], count=1)
    return replace(table, headers=tuple(headers), rows=tuple(map(tuple, rows)))


def _stack(console: Console, table: Table, columns: list[int]) -> None:
    """Print a row as a name with its figures below."""
    named = max(cell_len(table.headers[place]) for place in columns[1:]) if columns[1:] else 0
    for number, row in enumerate(table.rows):
        if number:
            console.print()
        console.print(Text(f" {row[0]}", style="bold"))
        grid = RichTable.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=named + 3, no_wrap=True)
        grid.add_column(overflow="fold")
        for place in columns[1:]:
            if row[place]:
                grid.add_row(Text(f"   {table.headers[place]}", style="dim"), Text(row[place]))
        console.print(grid)


def _least(table: Table, place: int) -> int:
    """Return the narrowest a column may be: no word broken, no figure wrapped."""
    cells = [row[place] for row in table.rows]
    word = max(map(cell_len, table.headers[place].split()), default=0)
    longest = max(map(cell_len, cells), default=0)
    if place in table.right:
        return max(word, longest)
    words = max((cell_len(one) for cell in cells for one in cell.split()), default=0)
    if longest <= (_NAME if not place else _CELL):
        return max(word, longest)
    return max(word, words, _SENTENCE if longest > 2 * _SENTENCE else _CELL)


def _widest(table: Table, place: int) -> int:
    return max(cell_len(table.headers[place]), *(cell_len(row[place]) for row in table.rows))
