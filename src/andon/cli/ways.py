"""Says on a terminal whether Andon can reach people: at its start and when a catalogue applies."""

import sys
import threading
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from andon.core.trouble import Trouble
    from andon.paging.types import Way

#: What an engine found so long ago still holds.
_RECENT_SECONDS = 600


def say_at_start() -> None:
    """Speak with every server that messages leave by and say what came of it, aside.

    Nobody waits for a server that hangs: Andon is up meanwhile.
    """
    threading.Thread(target=_look_and_say, name="andon-ways", daemon=True).start()


def say_recorded() -> None:
    """Say what an engine found, for a process that sends nothing itself.

    Aside: the loop that serves requests may not wait for a database.
    """
    threading.Thread(target=_say_recorded, name="andon-ways", daemon=True).start()


def say_after_apply() -> None:
    """Say whom of a catalogue nobody could reach; asks the servers if no engine did of late.

    What this process finds is not kept: an engine may have other settings.
    """
    from andon.core import clock
    from andon.integrations import registry
    from andon.paging import queries
    from andon.paging.actions import ways

    now = clock.now()
    found = {(one.kind, one.server): one for one in queries.ways()}
    recent = {
        key: one
        for key, one in found.items()
        if (now - one.checked_at).total_seconds() < _RECENT_SECONDS
    }
    asked = ways.ask(transports=registry.transports(), known=recent, now=now)
    _say(queries.troubles_of_ways(found=[*recent.values(), *asked], now=now))


def _say_recorded() -> None:
    from django.db import connection

    from andon.core import clock
    from andon.paging import queries

    try:
        _say(queries.troubles_of_ways(found=queries.ways(), now=clock.now()))
    finally:
        connection.close()


def _look_and_say() -> None:
    from django.db import connection

    from andon.core import clock
    from andon.integrations import registry
    from andon.paging import queries
    from andon.paging.actions import ways

    transports = registry.transports()
    try:
        now = clock.now()
        found = ways.look(transports=transports, now=now, force=True)
        troubles = queries.troubles_of_ways(found=queries.ways(), now=now)
        _say(troubles)
        _say_unneeded(found, troubles)
    finally:
        connection.close()
        for one in transports.values():
            getattr(one, "close", lambda: None)()


def _say_unneeded(found: "list[Way]", troubles: "list[Trouble]") -> None:
    """Say that mail does not work, or does, where nobody's address depends on it so far."""
    from andon.paging.rules import ways as rules
    from andon.people.types import CONTACT_KINDS

    for way in found:
        kind = CONTACT_KINDS.of(way.kind)
        name = rules.name(kind=way.kind, server=way.server)
        if not kind.server or any(one.name == name for one in troubles):
            continue
        some = f"{kind.one[:1].upper()}{kind.one[1:]}"
        if way.failures:
            typer.secho(f"{some} cannot be sent: {way.said}.", fg="yellow", err=True)
        else:
            typer.echo(f"{some} works: {way.said}")
            sys.stdout.flush()


def _say(troubles: "list[Trouble]") -> None:
    for one in troubles:
        typer.secho(f"WARNING  {one.what}.", fg="red", bold=True, err=True)
        if one.said:
            typer.echo(f"         {one.said}.", err=True)
        typer.echo(
            "         See docs/self-monitoring.md; `andon test-page PERSON` proves that it works.",
            err=True,
        )
