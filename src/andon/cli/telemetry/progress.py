"""What goes on during long work: a bar on a terminal, a line per step anywhere else."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn


class Steps:
    """Says what is being done, on the error stream, so that output and JSON stay clean."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar

    @contextmanager
    def step(self, name: str, *, total: int | None = None) -> Iterator["RunningStep"]:
        """Show one step while it lasts; afterwards how long it took, where lines are shown."""
        began = time.perf_counter()
        task = self._bar.add_task(name, total=total) if self._bar else None
        step = RunningStep(name, total, self._bar, task)
        yield step
        if self._bar is not None and task is not None:
            self._bar.remove_task(task)
        else:
            said = f": {step.said}" if step.said else ""
            typer.echo(f"{name}{said} ({time.perf_counter() - began:.1f} s)", err=True)


class RunningStep:
    """A step that goes on."""

    def __init__(self, name: str, total: int | None, bar: Progress | None, task: object) -> None:
        self.name = name
        self.said = ""
        self._total, self._bar, self._task = total, bar, task
        self._done = self._told = 0

    def advance(self) -> None:
        """Count one more; where lines are shown, every tenth of the whole is one."""
        self._done += 1
        if self._bar is not None:
            self._bar.advance(self._task)  # type: ignore[arg-type]
            return
        tenth = (self._total or 0) // 10
        if tenth >= 5 and self._done - self._told >= tenth and self._done != self._total:
            self._told = self._done
            typer.echo(f"{self.name}: {self._done:,} of {self._total:,}", err=True)


@contextmanager
def steps(*, quiet: bool = False) -> Iterator[Steps]:
    """Return what says the steps; `quiet` says them to nobody."""
    console = Console(stderr=True, quiet=quiet)
    if not quiet and not (console.is_terminal and sys.stderr.isatty()):
        yield Steps(None)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        yield Steps(bar)
