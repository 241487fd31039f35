"""`andon up`, `andon web` and `andon engine`: run Andon, whole or in parts."""

import sys
from pathlib import Path
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
    from andon.cli.setup import django_ready

    env = django_ready(tables=False)

    from andon.project import database, server

    database.migrate()

    def ready() -> None:
        if web:
            announce(env.host, env.port)
        else:
            typer.echo("Andon's engine is running")
            sys.stdout.flush()

    server.serve(env, web=web, engine=engine, on_ready=ready)


def announce(host: str, port: int) -> None:
    """Print the line scripts wait for."""
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"Andon is ready at http://{shown}:{port}")
    sys.stdout.flush()


def sample_folder() -> Path:
    """Return the folder of the sample organisation, beside the package's source."""
    return Path(__file__).resolve().parents[3] / "examples" / "fruits-r-us"
