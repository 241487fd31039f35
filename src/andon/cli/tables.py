"""Lists as commands print them: one line a row for a pipe, what fits for a terminal.

What reads a pipe counts lines and columns, so no row is ever folded there. On a terminal the
sentence of a row goes below it when the rest fits; else each row becomes a block.
"""

import shutil
import sys
from collections.abc import Collection, Sequence
from textwrap import wrap
from typing import Any

import typer
from rich.cells import cell_len

_GAP, _INDENT = "  ", "    "


def show(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    below: str = "",
) -> None:
    """Print rows under headings. `right` are figures; `below` is a sentence that may go below."""
    wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in lines(headings, rows, right=right, below=below, wide=wide):
        typer.echo(line)


def text(said: str) -> list[str]:
    """Return a text in lines that fit a terminal, as one line for a pipe."""
    wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return [_clean(said)] if wide is None else wrap(_clean(said), wide)


def money(amount: dict[str, Any] | None) -> str:
    """Return an amount of a resource as people say it; nothing where it is not known."""
    from andon.core.money import Money

    return str(Money(amount["minor"], amount["currency"])) if amount else ""


def lines(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    below: str = "",
    wide: int | None = None,
) -> list[str]:
    """Return a list's lines, none wider than `wide` where words allow it; None: as wide as it is.

    Blanks at the end of lines are left out, line breaks inside cells are blanks, and what would
    steer a terminal is not let through.
    """
    cells = [[_clean(cell) for cell in row] for row in rows]
    whole = _columns(headings, cells, right)
    if wide is None or max(map(cell_len, whole)) <= wide:
        return whole
    if below:
        rest = [name for name in headings if name != below]
        place = list(headings).index(below)
        others = [[cell for at, cell in enumerate(row) if at != place] for row in cells]
        first, *narrow = _columns(rest, others, right)
        if max(map(cell_len, (first, *narrow))) <= wide:
            pairs = zip(narrow, cells, strict=True)
            return [
                first,
                *(line for one, row in pairs for line in (one, *_fold(row[place], wide))),
            ]
    return [line for row in cells for line in _block(headings, row, wide)]


def _clean(cell: str) -> str:
    return "".join(one for one in " ".join(cell.split()) if one.isprintable())


def _columns(
    headings: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str]
) -> list[str]:
    table = [headings, *rows]
    widths = [max(cell_len(row[place]) for row in table) for place in range(len(headings))]
    found = []
    for row in table:
        padded = []
        for name, cell, width in zip(headings, row, widths, strict=True):
            blanks = " " * (width - cell_len(cell))
            padded.append(blanks + cell if name in right else cell + blanks)
        found.append(_GAP.join(padded).rstrip())
    return found


def _block(headings: Sequence[str], row: Sequence[str], wide: int) -> list[str]:
    """Return a row as its name, and below it what else it says."""
    named = max(map(cell_len, headings)) + len(_GAP)
    found = [row[0]]
    for name, cell in zip(headings[1:], row[1:], strict=True):
        first, *more = _fold(cell, wide - named) or [_INDENT]
        if cell:
            found.append(f"{_INDENT}{name:<{named}}{first.removeprefix(_INDENT)}")
            found += [" " * named + line for line in more]
    return found


def _fold(text: str, wide: int) -> list[str]:
    room = max(wide, 20 + len(_INDENT))
    return wrap(text, room, initial_indent=_INDENT, subsequent_indent=_INDENT)
