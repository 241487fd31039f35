"""`andon test-page`: a real message to each address of a person, and what became of each."""

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from andon.paging.types import Told

POLL_SECONDS = 0.25
NOT_TAKEN = 2


def prove(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The slug of the person.")],
    wait: Annotated[
        int, typer.Option(min=1, max=600, help="Seconds to wait for the engine and the servers.")
    ] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Send a test to each address of a person, as a page goes, and show what each server said.

    The running engine sends it, so it proves the engine's own settings. It is no incident, and
    nobody is paid for it. Leaves with 0 when every address took it, with 1 when one did not, and
    with 2 when no engine sent it in time: then it is withdrawn.
    """
    from andon.cli.setup import django_ready, me

    django_ready()

    from andon.core import clock
    from andon.core.errors import Refusal
    from andon.paging import actions
    from andon.paging.actions import proving

    try:
        uids = actions.send_test(person=person.strip().lower(), by=me(), now=clock.now())
    except Refusal as refusal:
        typer.echo(refusal.message, err=True)
        raise typer.Exit(1) from refusal
    tests = _until_done(uids, wait)
    if withdrawn := proving.give_up(uids=uids):
        tests = _read(uids)
    if as_json:
        typer.echo(json.dumps([_facts(one) for one in tests], indent=2))
    else:
        for one in tests:
            _show(one)
    if withdrawn:
        typer.secho(
            "No engine sent it in time, and it was withdrawn: is Andon running on this database?",
            fg="red",
            err=True,
        )
        raise typer.Exit(NOT_TAKEN)
    raise typer.Exit(0 if all(one.state == "sent" for one in tests) else 1)


def _until_done(uids: "Sequence[UUID]", wait: float) -> "list[Told]":
    deadline = time.monotonic() + wait
    while True:
        tests = _read(uids)
        if all(one.state not in ("pending", "sending") for one in tests):
            return tests
        if time.monotonic() > deadline:
            return tests
        time.sleep(POLL_SECONDS)


def _read(uids: "Sequence[UUID]") -> "list[Told]":
    from andon.paging import queries

    return queries.list_tests(uids=uids, whole=False)


def _show(one: "Told") -> None:
    words = {"sent": "taken", "failed": "NOT TAKEN", "cancelled": "NOT SENT"}
    state = words.get(one.state, "no answer yet")
    line = f"{one.kind:<8} {one.destination}  {state}: {one.came_of_it or 'nothing was said'}"
    typer.secho(line, fg=None if one.state == "sent" else "red")


def _facts(one: "Told") -> dict[str, Any]:
    return {
        "kind": one.kind,
        "destination": one.destination,
        "state": one.state.value,
        "said": one.came_of_it,
        "took_ms": one.log[-1].took_ms if one.log else None,
    }
