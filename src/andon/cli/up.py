"""`andon up`, `andon web` and `andon engine`: run Andon, whole or in parts."""

import sys
from typing import Annotated

import typer

Sample = Annotated[
    bool,
    typer.Option(
        "--sample",
        help="Start with the sample organisation Fruits R Us, a local mailbox and a drill.",
    ),
]


def up(sample: Sample = False) -> None:
    """Run everything in one process: web, intake and engine.

    Settings come from the environment: ANDON_HOME, ANDON_HOST, ANDON_PORT, ANDON_DATABASE_URL and
    others, see docs/configuration.md. Stops cleanly on SIGTERM and Ctrl-C.
    """
    if sample:
        from andon.cli import sample as newcomer

        newcomer.run()
    else:
        _serve(web=True, engine=True)


def web() -> None:
    """Run the web alone: intake, portal and API. Another process must run the engine."""
    _serve(web=True, engine=False)


def engine() -> None:
    """Run the engine alone: routing, escalation, delivery, incidents."""
    _serve(web=False, engine=True)


def _serve(*, web: bool, engine: bool) -> None:
    from andon.cli import ways
    from andon.cli.doors import offer_set_up, show_set_up
    from andon.cli.setup import announce, django_ready

    env = django_ready(server=True)

    from andon.project import database, server

    database.migrate()
    way_in = offer_set_up(env.url) if web else ""

    def ready() -> None:
        if web:
            announce(env.host, env.port)
            show_set_up(way_in)
        else:
            typer.echo("Andon's engine is running")
            sys.stdout.flush()
        if engine:
            ways.say_at_start()
        else:
            ways.say_recorded()

    server.serve(env, web=web, engine=engine, on_ready=ready)
