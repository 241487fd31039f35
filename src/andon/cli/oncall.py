"""`andon oncall`: who is on call, now or at an instant."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from andon.cli import times

if TYPE_CHECKING:
    from andon.oncall.types import OnCallNow

At = Annotated[
    str,
    typer.Option(
        "--at",
        help="An instant such as 2026-12-24T18:00, in your own zone; or 2026-12-24T18:00+00:00.",
    ),
]
RotaOption = Annotated[str, typer.Option("--rota", help="Only this rota's slug.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def oncall(at: At = "", rota: RotaOption = "", as_json: AsJson = False) -> None:
    """Show who is on call for every rota, until when, and who comes next."""
    from andon.cli.setup import django_ready

    django_ready()

    from andon.core import clock
    from andon.oncall import queries
    from andon.people import queries as people

    instant = _instant(at) if at else clock.now()
    found = queries.on_call_now(at=instant, slugs=[rota] if rota else None)
    if rota and not found:
        typer.echo(f'There is no rota "{rota}" in force then.', err=True)
        raise typer.Exit(1)
    shifts = [shift for one in found for shift in (one.shift, one.following) if shift]
    names = people.names(slugs={shift.person for shift in shifts})
    if as_json:
        typer.echo(json.dumps([_facts(one, names) for one in found], indent=2))
    elif not found:
        typer.echo("No rotas are declared; `andon apply FOLDER` reads them from files.")
    else:
        _table(found, names, instant)


def _instant(text: str) -> datetime:
    at = times.read(text)
    if at is None:
        typer.echo(f'"{text}" is no instant; write 2026-12-24T18:00+00:00.', err=True)
        raise typer.Exit(2)
    return at


def _facts(one: "OnCallNow", names: dict[str, str]) -> dict[str, str | bool | None]:
    person = one.shift.person if one.shift else None
    return {
        "rota": one.rota.slug,
        "title": one.rota.title,
        "team": one.rota.team,
        "domain": one.rota.domain,
        "covers": one.rota.covers.value,
        "on_call": one.shift is not None,
        "person": person,
        "name": names.get(person, person) if person else None,
        "since": one.shift.period.starts_at.isoformat() if one.shift else None,
        "until": one.shift.period.ends_at.isoformat() if one.shift else None,
        "next": one.following.person if one.following else None,
        "next_starts_at": one.following.period.starts_at.isoformat() if one.following else None,
        "answers": one.answers,
        "reason": one.reason,
    }


def _table(found: "Sequence[OnCallNow]", names: dict[str, str], instant: datetime) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("rota", "covers", "on call", "until", "next"):
        table.add_column(heading, overflow="fold")
    for one in found:
        shift, following = one.shift, one.following
        until = shift.period.ends_at if shift else following.period.starts_at if following else None
        nobody = "nobody: a gap" if one.is_gap else "nobody"
        table.add_row(
            escape(one.rota.slug),
            one.rota.covers.value,
            escape(names.get(shift.person, shift.person)) if shift else nobody,
            times.shown(until, now=instant) if until else "",
            escape(names.get(following.person, following.person)) if following else "",
        )
    console = Console()
    console.print(f"On call at {times.shown(instant, now=instant)}", style="dim")
    console.print(table)
