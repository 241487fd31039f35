"""`andon oncall`: who is on call, now or at an instant."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from andon.cli import remote, times
from andon.cli.remote import Key, Url

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
    if server := remote.server(url, key):
        rows = server.get("/on-call", at=instant.isoformat() if at else "")
        found = [remote.on_call(one) for one in rows if rota in ("", one["slug"])]
    else:
        found = _read(instant, rota)
    if rota and not found:
        typer.echo(f'There is no rota "{rota}" in force then.', err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    elif not found:
        typer.echo("No rotas are declared; `andon apply FOLDER` reads them from files.")
    else:
        _table(found, instant)


def _read(instant: datetime, rota: str) -> list[dict[str, Any]]:
    from andon.cli.setup import django_ready

    django_ready()

    from andon.oncall import queries
    from andon.people import queries as people

    found = queries.on_call_now(at=instant, slugs=[rota] if rota else None)
    shifts = [shift for one in found for shift in (one.shift, one.following) if shift]
    names = people.names(slugs={shift.person for shift in shifts})
    return [_facts(one, names) for one in found]


def _instant(text: str) -> datetime:
    at = times.read(text)
    if at is None:
        typer.echo(f'"{text}" is no instant; write 2026-12-24T18:00+00:00.', err=True)
        raise typer.Exit(2)
    return at


def _facts(one: "OnCallNow", names: dict[str, str]) -> dict[str, Any]:
    person = one.shift.person if one.shift else None
    following = one.following.person if one.following else None
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
        "until": one.until.isoformat() if one.until else None,
        "next": following,
        "next_name": names.get(following, following) if following else None,
        "next_starts_at": one.following.period.starts_at.isoformat() if one.following else None,
        "answers": one.answers,
        "reason": one.reason,
    }


def _table(found: Sequence[dict[str, Any]], instant: datetime) -> None:
    from andon.cli import tables

    typer.echo(f"On call at {times.shown(instant, now=instant)}")
    tables.show(
        ("rota", "covers", "on call", "until", "next"),
        [
            (
                one["rota"],
                one["covers"],
                one["name"] or ("nobody: a gap" if one["answers"] else "nobody"),
                _shown(one["until"] or one["next_starts_at"], instant),
                one["next_name"] or "",
            )
            for one in found
        ],
    )


def _shown(at: str | None, instant: datetime) -> str:
    return times.shown(datetime.fromisoformat(at), now=instant) if at else ""
