"""`andon setup-link` and `andon sign-in-link`: ways in that need no password and no mail."""

import sys
from typing import Annotated, NoReturn

import typer

Person = Annotated[
    str, typer.Argument(help="Whom it signs in: e-mail address, short name or name.")
]


def setup_link() -> None:
    """Print a link that makes whoever opens it first the administrator. It works once, for a day.

    Only while nobody administers this Andon; `andon up` prints one by itself then.
    """
    from andon.cli.setup import django_ready, me

    env = django_ready()

    from andon.core import clock
    from andon.core.errors import Refusal
    from andon.people import actions, rules

    try:
        secret = actions.make_set_up_link(by=me(), now=clock.now())
    except Refusal as refusal:
        _refuse(refusal.message)
    typer.echo(rules.set_up_link(base_url=env.url, plain=secret.plain))
    typer.echo("It works once, within 24 hours. Whoever opens it becomes administrator.", err=True)


def sign_in_link(person: Person) -> None:
    """Print a link that signs somebody in, once, within an hour: hand it to nobody else."""
    from andon.cli.setup import django_ready, me

    env = django_ready()

    from andon.core import clock
    from andon.core.errors import Refusal
    from andon.people import actions, queries, rules

    slug = queries.account_of(typed=person)
    if not slug:
        _refuse(
            f'No one active person is called "{person}". Write their e-mail address or their short '
            "name, as the catalogue's files have it."
        )
    try:
        secret = actions.make_sign_in_link(person=slug, by=me(), now=clock.now())
    except Refusal as refusal:
        _refuse(refusal.message)
    typer.echo(rules.sign_in_link(base_url=env.url, plain=secret.plain))
    typer.echo(f"It signs {slug} in: once, within an hour, on any device.", err=True)


def offer_set_up(url: str) -> str:
    """Return a new set-up link when nobody can administer this Andon yet; else nothing."""
    from django.db import connection

    from andon.core import clock
    from andon.people import actions, queries, rules

    try:
        if queries.administrator():
            return ""
        secret = actions.make_set_up_link(by="andon up", now=clock.now())
        return rules.set_up_link(base_url=url, plain=secret.plain)
    finally:
        connection.close()


def show_set_up(link: str) -> None:
    """Print a set-up link, and what it is for."""
    if not link:
        return
    typer.echo("Nobody administers this Andon yet. Open this once, within 24 hours, to set it up:")
    typer.echo(f"  {link}")
    typer.echo("Another one: andon setup-link")
    sys.stdout.flush()


def _refuse(why: str) -> NoReturn:
    typer.secho(why, fg="red", err=True)
    raise typer.Exit(1)
