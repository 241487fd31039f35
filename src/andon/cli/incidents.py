"""`andon incidents`, `ack`, `note`, `resolve`, `reopen`: incidents from a terminal."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from andon.cli import remote, times
from andon.cli.remote import Key, Url
from andon.core.money import Money

if TYPE_CHECKING:
    from andon.core.audit import Actor
    from andon.incidents.types import Figures, Incident

Which = Annotated[
    str, typer.Argument(metavar="INC-N", help="The incident: INC-1042, or just 1042.")
]
By = Annotated[
    str, typer.Option("--by", help="Who acts: a person's slug or a name; default: your login name.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
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
    if server := remote.server(url, key):
        state = "" if show_all else "active"
        rows = server.listed("/incidents", limit=limit, state=state)
        found = [remote.incident(one) for one in rows]
    else:
        found = _read(show_all=show_all, limit=limit)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    elif not found:
        typer.echo("No incidents." if show_all else "No active incidents.")
    else:
        _table(found)


def _read(*, show_all: bool, limit: int) -> list[dict[str, Any]]:
    _ready()
    from andon.catalogue import queries as catalogue
    from andon.core import clock
    from andon.incidents import queries

    now, organisation = clock.now(), catalogue.organisation()
    found = queries.list_incidents(limit=limit) if show_all else queries.list_active(limit=limit)
    return [
        _facts(one, queries.figures(incident=one, now=now, organisation=organisation))
        for one in found
    ]


def ack(
    incident: Which,
    *,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Say that you are looking at an incident: nobody else is called about it."""
    if server := remote.server(url, key, by=by):
        done = server.act(incident, "acknowledge")
        _say(remote.incident(done), f"acknowledged by {done['acknowledged_by']}", as_json=as_json)
        return
    _ready()
    from andon.incidents import actions

    name, person_id = _who(by)
    _act(
        incident,
        lambda number, now: actions.acknowledge(
            number=number, by=name, person_id=person_id, now=now
        ),
        done=f"acknowledged by {name}",
        as_json=as_json,
    )


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
        raise _fail("The note is empty.")
    if server := remote.server(url, key, by=by):
        done = server.act(incident, "notes", text=text)
        _say(remote.incident(done), "noted", as_json=as_json)
        return
    _ready()
    from andon.incidents import actions

    name, _ = _who(by)
    _act(
        incident,
        lambda number, now: actions.add_note(number=number, text=text, by=name, now=now),
        done="noted",
        as_json=as_json,
    )


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
    if server := remote.server(url, key, by=by):
        done = server.act(incident, "resolve", reason=reason)
        _say(remote.incident(done), f"declared restored by {done['restored_by']}", as_json=as_json)
        return
    _ready()
    from andon.incidents import actions

    name, _ = _who(by)
    _act(
        incident,
        lambda number, now: actions.resolve(number=number, by=name, now=now, reason=reason),
        done=f"declared restored by {name}",
        as_json=as_json,
    )


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
    if server := remote.server(url, key, by=by):
        done = server.act(incident, "reopen", reason=reason)
        _say(remote.incident(done), "reopened", as_json=as_json)
        return
    _ready()
    from andon.incidents import actions

    name, _ = _who(by)
    _act(
        incident,
        lambda number, now: actions.reopen(number=number, by=name, now=now, reason=reason),
        done=f"reopened by {name}",
        as_json=as_json,
    )


def _ready() -> None:
    from andon.cli.setup import django_ready

    django_ready()


def _act(incident: str, act: Callable[[int, datetime], None], *, done: str, as_json: bool) -> None:
    from andon.core import clock
    from andon.core.errors import Refusal
    from andon.incidents import queries

    number = queries.parse_number(incident)
    if number is None:
        raise _fail(f'"{incident}" is no incident; write INC-1042 or 1042.')
    now = clock.now()
    try:
        act(number, now)
    except Refusal as refusal:
        raise _fail(refusal.message) from refusal
    found = queries.find(number=number)
    if found is not None:
        facts = _facts(found, queries.figures(incident=found, now=now))
        _say(facts, done, as_json=as_json)


def _say(facts: dict[str, Any], done: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(facts, indent=2) if as_json else f"{facts['name']} {done}.")


def _who(by: str) -> tuple["Actor", int | None]:
    """Return who acts, and the person behind it if the catalogue knows one."""
    from andon.cli.setup import me
    from andon.people import queries as people

    name = me(by)
    person = people.find_person(slug=name.person) if name.person else None
    return name, person.id if person else None


def _fail(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)


def _facts(incident: "Incident", figures: "Figures") -> dict[str, Any]:
    from andon.incidents import queries

    return {
        "name": incident.name,
        "number": incident.number,
        "title": incident.title,
        "kind": incident.kind.value,
        "state": incident.state.value,
        "condition": queries.condition(incident=incident, figures=figures).value,
        "severity": incident.severity,
        "severity_reason": incident.severity_reason,
        "major": incident.major,
        "affected": incident.affected,
        "service": incident.service_slug,
        "owner": incident.owner_slug,
        "started_at": incident.started_at.isoformat(),
        "acknowledged_at": _iso(incident.acknowledged_at),
        "acknowledged_by": incident.acknowledged_by,
        "held_until": _iso(incident.held_until),
        "restored_at": _iso(incident.restored_at),
        "time_to_acknowledge_seconds": _seconds(figures.time_to_acknowledge),
        "time_to_restore_seconds": _seconds(figures.time_to_restore),
        "duration_seconds": figures.duration.total_seconds(),
        "loss": figures.loss.exact if figures.loss else None,
        "loss_per_minute": figures.loss_per_minute.exact if figures.loss_per_minute else None,
        "allowance_used": str(figures.allowance_used) if figures.allowance_used else None,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _table(found: Sequence[dict[str, Any]]) -> None:
    from andon.alerts.rules import cut_line
    from andon.cli import tables

    tables.show(
        ("incident", "state", "severity", "service", "what", "for", "lost", "who"),
        [
            (
                one["name"],
                _state(one),
                one["severity"],
                one["service"] or one["affected"],
                cut_line(one["title"], limit=_TITLE),
                times.length(timedelta(seconds=one["duration_seconds"])),
                _lost(one),
                one["acknowledged_by"],
            )
            for one in found
        ],
        right={"lost"},
        below="what",
    )


def _state(one: dict[str, Any]) -> str:
    state = one["condition"]
    return str(state) if one["kind"] == "incident" else f"{one['kind'].upper()}: {state}"


def _lost(one: dict[str, Any]) -> str:
    if one["kind"] != "incident":
        return "nothing"
    return f"up to {Money.parse(one['loss'])}" if one["loss"] else "not known"
