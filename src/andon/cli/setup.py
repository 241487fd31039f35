"""Makes Django ready for a command, as late as possible: help and `andon check` need none."""

import getpass
import logging
import os
import sys
from typing import TYPE_CHECKING

import django
import typer
from django.conf import settings

from andon.project import environment, home, logs

if TYPE_CHECKING:
    from andon.core.audit import Actor


def django_ready(*, server: bool = False) -> environment.Environment:
    """Set Django up for this process, once; return the environment it was set up from.

    A command that is no server logs only what went wrong, and makes the tables of a database that
    has none, so that any command may be the first.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    env = environment.read()
    logs.configure(env.log, level=logging.INFO if server else logging.WARNING)
    django.setup()
    home.tell(
        tightened=settings.ANDON_MADE_PRIVATE,
        troubles=settings.ANDON_OPEN_TO_OTHERS if server else (),
    )
    if not server:
        from andon.project import database

        database.make_tables()
    return env


def me(by: str = "") -> "Actor":
    """Return who acts by a command: a person's slug or a name, else the account that runs it.

    A slug of the catalogue becomes that person. Whose account it was is written down in any case.
    """
    from andon.core.audit import Actor
    from andon.people import queries as people

    account = _account()
    wanted = by.strip() or account
    person = people.find_person(slug=wanted)
    via = f"the command line of {account}"
    if person is None:
        return Actor(wanted, via=via)
    return Actor(person.name, person=person.slug, via=via)


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "an account without a name"


def announce(host: str, port: int) -> None:
    """Print the line scripts wait for."""
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"Andon is ready at http://{shown}:{port}")
    sys.stdout.flush()
