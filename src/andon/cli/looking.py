"""`andon services` and `andon show`: the catalogue's services, and an incident with its timeline.

Both print the API's own resources, asked for over the network or made by its views in here.
"""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from andon.cli import remote, times
from andon.cli.incidents import AsJson, Which
from andon.cli.remote import Key, Url
from andon.core.money import Money

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
    if server := remote.server(url, key):
        found = server.listed("/services", limit=_MOST, search=search, team=team)
    else:
        found = _services(search, team)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    elif not found:
        typer.echo("No services.")
    else:
        _show_services(found)


def show(incident: Which, *, as_json: AsJson = False, url: Url = "", key: Key = "") -> None:
    """Show an incident: how it stands, and everything that happened."""
    if server := remote.server(url, key):
        path = server.path_of(incident)
        one, timeline = server.get(path), server.get(f"{path}/timeline")["items"]
    else:
        one, timeline = _incident(incident)
    if as_json:
        typer.echo(json.dumps({"incident": one, "timeline": timeline}, indent=2))
    else:
        _show_incident(one, timeline)


def _services(search: str, team: str) -> list[dict[str, Any]]:
    from andon.cli.setup import django_ready

    django_ready()

    from django.http import HttpRequest

    from andon.web.api.services import list_services

    found = list_services(HttpRequest(), search=search, team=team, limit=_MOST)
    rows: list[dict[str, Any]] = found.model_dump(mode="json")["items"]
    return rows


def _incident(named: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    from andon.cli.setup import django_ready

    django_ready()

    from django.http import Http404, HttpRequest

    from andon.incidents.queries import parse_number
    from andon.web.api import incidents

    number = parse_number(named)
    if number is None:
        remote.fail(f'"{named}" is no incident; write INC-1042 or 1042.')
    try:
        one = incidents.get_incident(HttpRequest(), number).model_dump(mode="json")
        timeline = incidents.get_timeline(HttpRequest(), number).model_dump(mode="json")["items"]
    except Http404 as error:
        remote.fail(str(error))
    return one, timeline


def _show_services(found: list[dict[str, Any]]) -> None:
    from andon.cli import tables

    tables.show(
        ("service", "target", "owner", "domain", "an hour costs", "to mend", "title"),
        [
            (
                one["slug"],
                one["target"]["text"] if one["target"] else "",
                one["owner"]["slug"] if one["owner"] else "",
                one["domain"] or "",
                _money(one["exposure_per_hour"]) or "not known",
                str(one["errors"] or ""),
                one["title"],
            )
            for one in found
        ],
        right={"target", "an hour costs", "to mend"},
        below="title",
    )


def _show_incident(one: dict[str, Any], timeline: list[dict[str, Any]]) -> None:
    from andon.cli import tables
    from andon.core import clock

    now, figures = clock.now(), one["figures"]
    kind = "" if one["kind"] == "incident" else f"{one['kind'].upper()}  "
    typer.echo(f"{one['name']}  {kind}{one['severity']}  {one['condition']}  {one['affected']}")
    for line in tables.text(one["title"]):
        typer.echo(line)
    began = times.shown(datetime.fromisoformat(one["started_at"]), now=now)
    lasted = times.length(timedelta(seconds=figures["duration"]))
    typer.echo(f"Since {began}, for {lasted}; {one['severity_reason']}")
    if one["acknowledged_by"]:
        typer.echo(f"Acknowledged by {one['acknowledged_by']}")
    if lost := _money(figures["loss"]):
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


def _money(amount: dict[str, Any] | None) -> str:
    """Return an amount as people say it."""
    return str(Money(amount["minor"], amount["currency"])) if amount else ""
