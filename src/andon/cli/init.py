"""`andon init`: a small catalogue to begin with, which checks clean and says what to change."""

import shlex
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

#: In the order people read them; beside this module, as they are written.
FILES = ("organisation.yaml", "team.yaml", "service.yaml")

Folder = Annotated[Path, typer.Argument(file_okay=False, help="Where to; made if it is not there.")]


def init(folder: Folder) -> None:
    """Write a small catalogue: an organisation, a team of three with its rota, and a service.

    It checks clean as it is; comments say what to change. A file that is there is never written
    over: then nothing is.
    """
    taken = [name for name in FILES if (folder / name).exists()]
    if taken:
        message = f"{folder} has {' and '.join(taken)} already: nothing was written."
        typer.secho(message, fg="red", err=True)
        raise typer.Exit(1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            text = (resources.files("andon.cli") / "first" / name).read_text(encoding="utf-8")
            (folder / name).write_text(text, encoding="utf-8")
            typer.echo(f"  {folder / name}")
    except OSError as error:
        typer.secho(f"{folder} cannot be written: {error.strerror}", fg="red", err=True)
        raise typer.Exit(1) from error
    where = shlex.quote(str(folder))
    typer.echo("Change what is marked CHANGE, above all the addresses. Then:")
    typer.echo(f"  andon check {where}     says what is wrong, with the line and what to write")
    typer.echo(f"  andon apply {where}     brings it into force")
