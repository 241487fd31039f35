"""The `andon` command: one entry, its parts imported only when they are asked for."""

import sys
from typing import Annotated

import typer

import andon
from andon.cli import (
    alerts,
    catalogue,
    costs,
    doors,
    drill,
    helping,
    incidents,
    init,
    keys,
    looking,
    oncall,
    plan,
    proving,
    telemetry,
    up,
)
from andon.core import zones

helping.say_types_in_words()
app = typer.Typer(
    name="andon",
    help="You Build It You Run It at scale: who owns it, who is on call, what a stop costs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

RUN, CATALOGUE, RESPOND, OPERATE = "Run", "Catalogue as code", "Respond", "Operate"
INSURE = "Insure"


def _version(value: bool) -> None:
    if value:
        typer.echo(f"andon {andon.__version__}, time zones {zones.used()}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[  # noqa: ARG001 - its callback shows it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Run Andon, check and apply the catalogue, and respond to incidents."""
    from andon.integrations import gathering

    gathering.gather()


app.command("up", cls=up.Up, rich_help_panel=RUN)(up.up)
app.command("web", rich_help_panel=RUN)(up.web)
app.command("engine", rich_help_panel=RUN)(up.engine)
app.command("drill", rich_help_panel=RUN)(drill.drill)
app.command("test-page", rich_help_panel=RUN)(proving.prove)
app.command("init", rich_help_panel=CATALOGUE)(init.init)
app.command("check", rich_help_panel=CATALOGUE)(catalogue.check)
app.command("apply", rich_help_panel=CATALOGUE)(catalogue.apply)
app.add_typer(telemetry.app, name="telemetry", rich_help_panel=CATALOGUE)
app.command("oncall", rich_help_panel=RESPOND)(oncall.oncall)
app.command("services", rich_help_panel=RESPOND)(looking.services)
app.command("alerts", rich_help_panel=RESPOND)(alerts.alerts)
app.command("incidents", rich_help_panel=RESPOND)(incidents.incidents)
app.command("show", rich_help_panel=RESPOND)(looking.show)
app.command("ack", rich_help_panel=RESPOND)(incidents.ack)
app.command("note", rich_help_panel=RESPOND)(incidents.note)
app.command("resolve", rich_help_panel=RESPOND)(incidents.resolve)
app.command("reopen", rich_help_panel=RESPOND)(incidents.reopen)
app.add_typer(plan.app, name="plan", rich_help_panel=INSURE)
app.add_typer(costs.app, name="costs", rich_help_panel=INSURE)
app.add_typer(keys.app, name="keys", rich_help_panel=OPERATE)
app.command("setup-link", rich_help_panel=OPERATE)(doors.setup_link)
app.command("sign-in-link", rich_help_panel=OPERATE)(doors.sign_in_link)


@app.command(
    "admin",
    rich_help_panel=OPERATE,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def admin(context: typer.Context) -> None:
    """Run one of Django's management commands: `andon admin help` lists them."""
    from django.core.management import execute_from_command_line

    from andon.cli.setup import django_ready

    django_ready(server=True)

    from andon.core import claims

    # An operator waits for it, and migrating a large database takes minutes.
    with claims.unhurried():
        execute_from_command_line(["andon admin", *(context.args or ["help"])])


if __name__ == "__main__":
    sys.exit(app())
