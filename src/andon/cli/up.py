"""`andon up`, `andon web` and `andon engine`: run Andon, whole or in parts."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

_ALONE = "--sample"

Sample = Annotated[
    str | None,
    typer.Option(
        "--sample",
        metavar="[=empty]",
        help="Start with the sample organisation Fruits R Us, a local mailbox and a drill: with "
        "a past quarter, or without (`--sample=empty`).",
    ),
]


class Up(TyperCommand):
    """`andon up`, whose `--sample` may stand alone: an option's value is optional to no library."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        return super().parse_args(ctx, [f"{_ALONE}=living" if a == _ALONE else a for a in args])


app = typer.Typer()


@app.command(cls=Up)
def up(sample: Sample = None) -> None:
    """Run everything: web, intake and engine.

    Settings come from the environment: ANDON_HOME, ANDON_HOST, ANDON_PORT, ANDON_DATABASE_URL and
    others, see docs/configuration.md. Stops cleanly on SIGTERM and Ctrl-C.
    """
    if sample is not None:
        from andon.cli import sample as newcomer

        try:
            kind = newcomer.SampleKind(sample)
        except ValueError as error:
            raise typer.BadParameter("`--sample` alone, or `--sample=empty`") from error
        newcomer.run(kind)
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
