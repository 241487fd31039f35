"""`andon services` and `andon show`: what is declared, and an incident with its timeline."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from andon.cli import remote, times
from andon.cli.incidents import Which
from andon.cli.remote import AsJson, Key, Resource, Url
from andon.core.words import say_span

Search = Annotated[str, typer.Option("--search", help="Only those whose name has this in it.")]
Team = Annotated[str, typer.Option("--team", help="Only this team's, by its slug.")]
#: As many as anybody reads; `--json` has the same.
_MOST = 1000


def services(
    *,
    search: Search = "",
    team: Team = "",
    as_json: AsJson = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """List services: whose each is, what it promises, and what an hour without it costs."""
    found = remote.andon(url, key).listed("/services", limit=_MOST, search=search, team=team)
    if as_json:
        remote.print_json(found)
    elif not found:
        typer.echo("No services.")
    else:
        _show_services(found)


def show(incident: Which, *, as_json: AsJson = False, url: Url = "", key: Key = "") -> None:
    """Show an incident: how it stands, and everything that happened."""
    andon = remote.andon(url, key)
    path = andon.path_of(incident)
    one, timeline = andon.get(path), andon.get(f"{path}/timeline")["items"]
    if as_json:
        remote.print_json({"incident": one, "timeline": timeline})
    else:
        _show_incident(one, timeline)


def _show_services(found: list[Resource]) -> None:
    from andon.cli import tables

    tables.show(
        ("service", "target", "owner", "domain", "an hour costs", "to mend", "title"),
        [
            (
                one["slug"],
                one["target"]["text"] if one["target"] else "",
                one["owner"]["slug"] if one["owner"] else "",
                one["domain"] or "",
                tables.money(one["exposure_per_hour"]) or "not known",
                str(one["errors"] or ""),
                one["title"],
            )
            for one in found
        ],
        right={"target", "an hour costs", "to mend"},
        below="title",
    )


def _show_incident(one: Resource, timeline: list[Resource]) -> None:
    from andon.cli import tables
    from andon.core import clock

    now, figures = clock.now(), one["figures"]
    kind = "" if one["kind"] == "incident" else f"{one['kind'].upper()}  "
    typer.echo(f"{one['name']}  {kind}{one['severity']}  {one['condition']}  {one['affected']}")
    for line in tables.text(one["title"]):
        typer.echo(line)
    began = times.shown(datetime.fromisoformat(one["started_at"]), now=now)
    lasted = say_span(timedelta(seconds=figures["duration"]))
    typer.echo(f"Since {began}, for {lasted}; {one['severity_reason']}")
    if one["acknowledged_by"]:
        typer.echo(f"Acknowledged by {one['acknowledged_by']}")
    if lost := tables.money(figures["loss"]):
        typer.echo(f"Lost up to {lost}")
    typer.echo("")
    tables.show(
        ("at", "what", "who", "said"),
        [
            (
                times.shown(datetime.fromisoformat(entry["at"]), now=now),
                entry["kind"].replace("_", " "),
                entry["actor"],
                entry["text"],
            )
            for entry in timeline
        ],
        below="said",
    )
