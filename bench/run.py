"""Run the bench modules and print one table: `python -m bench.run [name ...]`.

A bench is a module in this folder with `main() -> list[Row]`. All ratios come from one run on one
machine: figures of different machines are not comparable.
"""

import importlib
import os
import platform
import sys
import time
import traceback
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.table import Row

NOT_BENCHES = {"__init__", "run", "table"}


def names() -> list[str]:
    """Return the benches there are."""
    here = Path(__file__).parent
    return sorted(
        path.stem
        for path in here.glob("*.py")
        if path.stem not in NOT_BENCHES
        and "def main() -> list[Row]:" in path.read_text(encoding="utf-8")
    )


def run(name: str) -> list[Row]:
    """Run one bench. A bench that breaks is a row that failed, so that the others still run."""
    try:
        rows: list[Row] = importlib.import_module(f"bench.{name}").main()
    except Exception as error:  # noqa: BLE001 - the edge of this program
        traceback.print_exc()
        return [Row(name, 0, "", None, None, f"broke: {type(error).__name__}: {error}", ok=False)]
    return rows


def figure(value: float | None) -> str:
    """Return a number with three significant digits, or thousands with their separator."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(results: dict[str, list[Row]]) -> Table:
    """Return the table of all rows."""
    drawn = Table(title=f"Andon on {os.cpu_count()} CPUs, Python {platform.python_version()}")
    drawn.add_column("what")
    for heading in ("measured", "unit", "peer", "ratio"):
        drawn.add_column(heading, justify="left" if heading == "unit" else "right", no_wrap=True)
    drawn.add_column("target")
    drawn.add_column("", no_wrap=True)
    for name, rows in results.items():
        drawn.add_section()
        for row in rows:
            verdict = "[green]ok[/]" if row.ok else "[red]missed[/]"
            figures = figure(row.measured), row.unit, figure(row.peer), figure(row.ratio)
            drawn.add_row(f"{name}: {row.name}", *figures, row.target, verdict)
    return drawn


def main() -> int:
    """Run the benches named on the command line, or all; fail if a target was missed."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    known = names()
    wanted = sys.argv[1:] or known
    strangers = sorted(set(wanted) - set(known))
    if strangers:
        console.print(f"No such bench: {', '.join(strangers)}. There are: {', '.join(known)}")
        return 2
    results = {}
    for name in wanted:
        started = time.perf_counter()
        console.print(f"{name} ...", end=" ")
        results[name] = run(name)
        console.print(f"{time.perf_counter() - started:.1f} s")
    console.print(table(results))
    return 0 if all(row.ok for rows in results.values() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
