"""Makes Django ready for a command, as late as possible: help and `andon check` need none."""

import atexit
import getpass
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import django
import typer
from django.apps import apps
from django.conf import settings

from andon.project import environment, home, logs

if TYPE_CHECKING:
    from andon.core.audit import Actor


class NoDatabase(SystemExit):
    """There is no Andon where a command looks; says where it looked, and what to do."""


def django_ready(*, server: bool = False, makes: bool = False) -> environment.Environment:
    """Set Django up for this process, once; return the environment it was set up from.

    A command that is no server logs only what went wrong. One that `makes` may be the first: it
    gets tables where there are none. Any other raises NoDatabase there, and leaves no trace: an
    empty database would say that all is well.
    """
    if not (server or makes or apps.ready):
        _need_file(environment.read())
    env = _set_up(server=server)
    if not server:
        _need_tables(env, makes=makes)
    return env


def _set_up(*, server: bool) -> environment.Environment:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    env = environment.read()
    logs.configure(env.log, level=logging.INFO if server else logging.WARNING)
    with _own_zone():
        django.setup()
    home.tell(
        tightened=settings.ANDON_MADE_PRIVATE,
        troubles=settings.ANDON_OPEN_TO_OTHERS if server else (),
    )
    return env


@contextmanager
def _own_zone() -> Iterator[None]:
    """Keep the zone of whoever runs the command: Django's settings make the process's UTC."""
    zone = os.environ.get("TZ")
    yield
    if os.environ.get("TZ") == zone:
        return
    if zone is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = zone
    time.tzset()


def _need_tables(env: environment.Environment, *, makes: bool) -> None:
    from andon.project import database

    if makes:
        database.make_tables()
    elif not database.has_tables():
        raise NoDatabase(_nothing_in(f"the database of {env.home}"))


def django_ready_to_apply(*, dry_run: bool) -> None:
    """Set Django up; where no Andon is, a dry run gets a home that goes away with it."""
    env = environment.read()
    try:
        if dry_run and not apps.ready:
            _need_file(env)
    except NoDatabase:
        where = environment.database_path(env)
        typer.echo(
            f"There is no Andon in {where and where.parent} yet: all is new to it.", err=True
        )
        _use_trial_home()
        django_ready(makes=True)
    else:
        django_ready(makes=not dry_run)


def django_ready_to_tell() -> None:
    """Set Django up for a command that asks no database; where no Andon is, none is made."""
    try:
        _need_file(environment.read())
    except NoDatabase:
        if not apps.ready:
            _use_trial_home()
    _set_up(server=False)


def _use_trial_home() -> None:
    """Give this process a home that goes away with it."""
    home_of_trial = tempfile.mkdtemp(prefix="andon-trial-")
    atexit.register(shutil.rmtree, home_of_trial, ignore_errors=True)
    os.environ |= {"ANDON_HOME": home_of_trial, "ANDON_DATABASE_URL": ""}


def _need_file(env: environment.Environment) -> None:
    """Raise NoDatabase before anything is made, where there is no embedded database."""
    path = environment.database_path(env)
    if path is not None and not (path.is_file() and path.stat().st_size):
        raise NoDatabase(_nothing_in(str(path.parent)))


def _nothing_in(place: str) -> str:
    return (
        f"There is no Andon here: {place} is empty or not there.\n"
        "  To look at yours, set ANDON_HOME to its folder (or ANDON_DATABASE_URL), as its server "
        "has it.\n"
        "  From another machine, with ANDON_URL and ANDON_KEY, these work over the API: incidents, "
        "show, ack, note, resolve, reopen, alerts, oncall, services; all others beside the "
        "database only.\n"
        "  To begin one: andon init FOLDER, andon apply FOLDER, andon up."
    )


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
