"""A page in the terminal: tables by rich, problems with file and line on the error stream."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from rich.text import Text

from andon.catalogue.types import Gravity, Problem
from andon.cli.plan.page import Page, Table


def show(page: Page) -> None:
    """Print a page."""
    console = Console(highlight=False)
    console.print(Text(page.title, style="bold"))
    for line in page.lead:
        console.print(Text(line))
    for table in page.tables:
        console.print()
        console.print(_table(table))
        if table.note:
            console.print(Text(table.note, style="dim"))
    if page.assumptions:
        console.print()
        console.print(Text("Assumptions", style="bold dim"))
        for line in page.assumptions:
            console.print(Text(f"  {line}", style="dim"))
    show_problems(page.problems)


def show_problems(problems: tuple[Problem, ...]) -> None:
    """Print what is wrong with the files; everything else was computed."""
    console = Console(stderr=True, highlight=False)
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


def _table(table: Table) -> RichTable:
    found = RichTable(title=Text(table.title, style="bold"), title_justify="left", box=SIMPLE_HEAD)
    for place, header in enumerate(table.headers):
        figures = place in table.right
        found.add_column(
            header, justify="right" if figures else "left", no_wrap=figures, overflow="fold"
        )
    for row in table.rows:
        found.add_row(*(Text(cell) for cell in row))
    return found
