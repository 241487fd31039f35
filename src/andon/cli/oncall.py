"""`andon oncall`: who is on call, now or at an instant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from andon.cli import remote, times
from andon.cli.remote import AsJson, Key, Resource, Url

At = Annotated[
    str,
    typer.Option(
        "--at",
        help="An instant such as 2026-12-24T18:00, in your own zone; or 2026-12-24T18:00+00:00.",
    ),
]
RotaOption = Annotated[str, typer.Option("--rota", help="Only this rota's slug.")]


def oncall(
    at: At = "",
    rota: RotaOption = "",
    as_json: AsJson = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Show who is on call for every rota, until when, and who comes next."""
    from andon.core import clock

    instant = _instant(at) if at else clock.now()
    rows = remote.andon(url, key).get("/on-call", at=instant.isoformat())
    found = [one for one in rows if rota in ("", one["slug"])]
    if rota and not found:
        typer.echo(f'There is no rota "{rota}" in force then.', err=True)
        raise typer.Exit(1)
    if as_json:
        remote.print_json(found)
    elif not found:
        typer.echo("No rotas are declared; `andon apply FOLDER` reads them from files.")
    else:
        _table(found, instant)


def _instant(text: str) -> datetime:
    at = times.read(text)
    if at is None:
        typer.echo(f'"{text}" is no instant; write 2026-12-24T18:00+00:00.', err=True)
        raise typer.Exit(2)
    return at


def _table(found: Sequence[Resource], instant: datetime) -> None:
    from andon.cli import tables

    typer.echo(f"On call at {times.shown(instant, now=instant)}")
    tables.show(
        ("rota", "covers", "on call", "until", "next"),
        [
            (
                one["slug"],
                one["covers"],
                _name(one["person"]) or ("nobody: a gap" if one["answers"] else "nobody"),
                _shown(one["until"] or one["next_starts_at"], instant),
                _name(one["next"]),
            )
            for one in found
        ],
    )


def _name(person: Resource | None) -> str:
    return str(person["name"]) if person else ""


def _shown(at: str | None, instant: datetime) -> str:
    return times.shown(datetime.fromisoformat(at), now=instant) if at else ""
