"""`andon incidents`, `ack`, `note`, `resolve`, `reopen`: incidents from a terminal."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from andon.cli import remote
from andon.cli.remote import AsJson, Key, Resource, Url
from andon.core.words import say_span

Which = Annotated[
    str, typer.Argument(metavar="INC-N", help="The incident: INC-1042, or just 1042.")
]
By = Annotated[
    str, typer.Option("--by", help="Who acts: a person's slug or a name; default: your login name.")
]
All = Annotated[bool, typer.Option("--all", help="Those that are over too, newest first.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")]
Text = Annotated[str, typer.Argument(help="What to write down.")]
#: Of what an alert says; `--json` has all of it.
_TITLE = 100
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes into the timeline.")]


def incidents(
    *,
    as_json: AsJson = False,
    show_all: All = False,
    limit: Limit = 50,
    url: Url = "",
    key: Key = "",
) -> None:
    """List the active incidents: what is down, since when, and what it costs."""
    state = "" if show_all else "active"
    found = remote.andon(url, key).listed("/incidents", limit=limit, state=state)
    if as_json:
        remote.print_json(found)
    elif not found:
        typer.echo("No incidents." if show_all else "No active incidents.")
    else:
        _table(found)


def ack(
    incident: Which,
    *,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Say that you are looking at an incident: nobody else is called about it."""
    done = remote.andon(url, key, by=by).act(incident, "acknowledge")
    _say(done, f"acknowledged by {done['acknowledged_by']}", as_json=as_json)


def note(
    incident: Which,
    text: Text,
    *,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Write something into an incident's timeline."""
    if not text.strip():
        remote.fail("The note is empty.")
    _say(remote.andon(url, key, by=by).act(incident, "notes", text=text), "noted", as_json=as_json)


def resolve(
    incident: Which,
    reason: Reason = "",
    *,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Say that availability is back: resolves the incident's open alerts and pages too."""
    done = remote.andon(url, key, by=by).act(incident, "resolve", reason=reason)
    _say(done, f"declared restored by {done['restored_by']}", as_json=as_json)


def reopen(
    incident: Which,
    reason: Reason = "",
    *,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Say that an incident is not over after all. Its clock runs on; nobody is paged by this."""
    if not reason.strip():
        remote.fail("Say why: --reason.")
    done = remote.andon(url, key, by=by).act(incident, "reopen", reason=reason)
    _say(done, "reopened", as_json=as_json)


def _say(found: Resource, done: str, *, as_json: bool) -> None:
    if as_json:
        remote.print_json(found)
    else:
        typer.echo(f"{found['name']} {done}.")


def _table(found: Sequence[Resource]) -> None:
    from andon.alerts.rules import cut_line
    from andon.cli import tables

    tables.show(
        ("incident", "state", "severity", "service", "what", "for", "lost", "who"),
        [
            (
                one["name"],
                _state(one),
                one["severity"],
                one["service"]["slug"] if one["service"] else one["affected"],
                cut_line(one["title"], limit=_TITLE),
                say_span(timedelta(seconds=one["figures"]["duration"])),
                _lost(one),
                one["acknowledged_by"],
            )
            for one in found
        ],
        right={"lost"},
        below="what",
    )


def _state(one: Resource) -> str:
    state = one["condition"]
    return str(state) if one["kind"] == "incident" else f"{one['kind'].upper()}: {state}"


def _lost(one: Resource) -> str:
    from andon.cli import tables

    if one["kind"] != "incident":
        return "nothing"
    loss = one["figures"]["loss"]
    return f"up to {tables.money(loss)}" if loss else "not known"
