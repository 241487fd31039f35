"""`andon admin`: Django's own management commands."""

import typer

#: They say what there is, and ask no database.
_TELLING = ("help", "--help", "-h", "version", "--version")

app = typer.Typer()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def admin(context: typer.Context) -> None:
    """Run one of Django's management commands: `andon admin help` lists them.

    `andon admin migrate` makes the database where none is; the others say what to do.
    """
    from andon.cli.setup import django_ready, django_ready_to_tell

    words = context.args or ["help"]
    if words[0] in _TELLING:
        django_ready_to_tell()
    else:
        django_ready(server=words[0] == "migrate")

    from django.core.management import execute_from_command_line

    from andon.core import claims

    # An operator waits for it, and migrating a large database takes minutes.
    with claims.unhurried():
        execute_from_command_line(["andon admin", *words])
