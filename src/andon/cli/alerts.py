"""`andon alerts`: what senders reported, and what became of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from andon.cli import remote, times
from andon.cli.remote import AsJson, Key, Resource, Url

Service = Annotated[str, typer.Option("--service", help="Only of this service, by its slug.")]
OpenOnly = Annotated[bool, typer.Option("--open", help="Only those that are not over.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")]

#: Of what an alert says; `--json` has all of it.
_SUMMARY = 80


def alerts(
    *,
    service: Service = "",
    only_open: OpenOnly = False,
    limit: Limit = 50,
    as_json: AsJson = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """List alerts, newest first: whom each paged, or why it paged nobody."""
    state = "open" if only_open else ""
    found = remote.andon(url, key).listed(
        "/alerts", limit=limit, service=service.lower(), state=state
    )
    if as_json:
        remote.print_json(found)
    elif not found:
        typer.echo("No alerts.")
    else:
        _table(found)


def _table(found: Sequence[Resource]) -> None:
    from andon.alerts.rules import cut_line, marked
    from andon.alerts.types import AlertKind
    from andon.cli import tables
    from andon.core import clock

    now = clock.now()
    tables.show(
        ("received", "state", "severity", "service", "what", "where", "decided"),
        [
            (
                times.shown(datetime.fromisoformat(one["received_at"]), now=now),
                one["state"],
                one["severity"],
                cut_line(
                    one["service"]["slug"] if one["service"] else one["service_ref"],
                    limit=_SUMMARY,
                ),
                cut_line(marked(kind=AlertKind(one["kind"]), text=one["summary"]), limit=_SUMMARY),
                " ".join(str(value) for value in list(one["labels"].values())[:2]),
                one["decided"],
            )
            for one in found
        ],
        below="decided",
    )
