"""`andon alerts`: what senders reported, and what became of each."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from andon.cli import remote, times
from andon.cli.remote import Key, Url

if TYPE_CHECKING:
    from andon.alerts.types import AlertRow
    from andon.paging.types import Decided, PageRow

Service = Annotated[str, typer.Option("--service", help="Only of this service, by its slug.")]
OpenOnly = Annotated[bool, typer.Option("--open", help="Only those that are not over.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

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
    if server := remote.server(url, key):
        state = "open" if only_open else ""
        rows = server.listed("/alerts", limit=limit, service=service.lower(), state=state)
        found = [remote.alert(one) for one in rows]
    else:
        found = _read(service.lower(), only_open=only_open, limit=limit)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    elif not found:
        typer.echo("No alerts.")
    else:
        _table(found)


def _read(service: str, *, only_open: bool, limit: int) -> list[dict[str, Any]]:
    from andon.cli.setup import django_ready

    django_ready()

    from andon.alerts import queries as alerts
    from andon.paging import queries as paging

    state = "open" if only_open else ""
    found = alerts.list_alerts(state=state, service=service, limit=limit)
    ids = [row.id for row in found]
    pages = paging.pages_of_alerts(alert_ids=ids)
    decisions = paging.decisions_about_alerts(alert_ids=ids)
    return [_facts(one, pages.get(one.id), decisions.get(one.id)) for one in found]


def _fate(page: "PageRow | None", decision: "Decided | None") -> str:
    """Return what became of an alert, in words."""
    if page is not None:
        return page.reason
    return decision.reason if decision is not None else "not decided yet"


def _facts(row: "AlertRow", page: "PageRow | None", decision: "Decided | None") -> dict[str, Any]:
    from andon.alerts.rules import telling

    return {
        "uid": row.uid,
        "state": row.state,
        "severity": row.severity,
        "summary": row.summary,
        "kind": row.kind,
        "service": row.service.slug if row.service else None,
        "service_ref": row.service_ref,
        "labels": dict(telling(row.labels)),
        "received_at": row.received_at.isoformat(),
        "resolved_at": row.resolved_at.isoformat() if row.resolved_at else None,
        "page": page.uid if page else None,
        "paged_nobody": page is None and decision is not None,
        "decided": _fate(page, decision),
    }


def _table(found: Sequence[dict[str, Any]]) -> None:
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
                cut_line(one["service"] or one["service_ref"], limit=_SUMMARY),
                cut_line(marked(kind=AlertKind(one["kind"]), text=one["summary"]), limit=_SUMMARY),
                " ".join(str(value) for value in list(one["labels"].values())[:2]),
                one["decided"],
            )
            for one in found
        ],
        below="decided",
    )
