"""The `andon` command: one entry, its parts imported only when they are asked for."""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer
from typer.core import TyperGroup

from andon.cli import helping

if TYPE_CHECKING:
    from typer._click.core import Command

helping.say_types_in_words()
_MARKUP: Literal["markdown"] = "markdown"


class CommandPlace(NamedTuple):
    """A command: where it is, and what the list of commands says of it."""

    place: str
    help: str


RUN, CATALOGUE, RESPOND, INSURE, OPERATE = (
    "Run",
    "Catalogue as code",
    "Respond",
    "Insure",
    "Operate",
)
#: By panel and name; the help is the first paragraph of the command's own.
PANELS: dict[str, dict[str, CommandPlace]] = {
    RUN: {
        "up": CommandPlace("andon.cli.up:app", "Run everything: web, intake and engine."),
        "web": CommandPlace(
            "andon.cli.up:web",
            "Run the web alone: intake, portal and API. Another process must run the engine.",
        ),
        "engine": CommandPlace(
            "andon.cli.up:engine", "Run the engine alone: routing, escalation, delivery, incidents."
        ),
        "drill": CommandPlace(
            "andon.cli.drill:drill",
            "Exercise the whole path: alert in, page out, acknowledge, resolve, restored.",
        ),
        "test-page": CommandPlace(
            "andon.cli.proving:prove",
            "Send a test to each address of a person, as a page goes, and show what each server "
            "said.",
        ),
    },
    CATALOGUE: {
        "init": CommandPlace(
            "andon.cli.init:init",
            "Write a small catalogue: an organisation, a team of three with its rota, and a "
            "service.",
        ),
        "check": CommandPlace(
            "andon.cli.catalogue:check",
            "Check a catalogue folder: every problem, with its file, line, rule and fix.",
        ),
        "apply": CommandPlace(
            "andon.cli.catalogue:apply",
            "Apply a catalogue folder: show the plan, ask, then carry it out in one transaction.",
        ),
        "telemetry": CommandPlace(
            "andon.cli.telemetry:app",
            "Telemetry as code: generate alerts, routes and dashboards from the catalogue's "
            "folder.",
        ),
    },
    RESPOND: {
        "oncall": CommandPlace(
            "andon.cli.oncall:oncall",
            "Show who is on call for every rota, until when, and who comes next.",
        ),
        "services": CommandPlace(
            "andon.cli.looking:services",
            "List services: whose each is, what it promises, and what an hour without it costs.",
        ),
        "alerts": CommandPlace(
            "andon.cli.alerts:alerts",
            "List alerts, newest first: whom each paged, or why it paged nobody.",
        ),
        "incidents": CommandPlace(
            "andon.cli.incidents:incidents",
            "List the active incidents: what is down, since when, and what it costs.",
        ),
        "show": CommandPlace(
            "andon.cli.looking:show",
            "Show an incident: how it stands, and everything that happened.",
        ),
        "ack": CommandPlace(
            "andon.cli.incidents:ack",
            "Say that you are looking at an incident: nobody else is called about it.",
        ),
        "note": CommandPlace(
            "andon.cli.incidents:note", "Write something into an incident's timeline."
        ),
        "resolve": CommandPlace(
            "andon.cli.incidents:resolve",
            "Say that availability is back: resolves the incident's open alerts and pages too.",
        ),
        "reopen": CommandPlace(
            "andon.cli.incidents:reopen",
            "Say that an incident is not over after all. Its clock runs on; nobody is paged by "
            "this.",
        ),
    },
    INSURE: {
        "plan": CommandPlace(
            "andon.cli.plan:app",
            "What cover costs, what it protects, what to change: offline from a folder, or live.",
        ),
        "costs": CommandPlace(
            "andon.cli.costs:app",
            "What cover costs: pay by person and month, costs by team and quarter, the "
            "organisation.",
        ),
    },
    OPERATE: {
        "keys": CommandPlace(
            "andon.cli.keys:app", "Integration keys for senders of alerts, and keys for the API."
        ),
        "setup-link": CommandPlace(
            "andon.cli.doors:setup_link",
            "Print a link that makes whoever opens it first the administrator. It works once, for "
            "a day.",
        ),
        "sign-in-link": CommandPlace(
            "andon.cli.doors:sign_in_link",
            "Print a link that signs somebody in, once, within an hour: hand it to nobody else.",
        ),
        "admin": CommandPlace(
            "andon.cli.admin:app",
            "Run one of Django's management commands: `andon admin help` lists them.",
        ),
    },
}
_PARTS = {name: (panel, part) for panel, held in PANELS.items() for name, part in held.items()}


class Parts(Mapping[str, "Command"]):
    """The commands by name, each imported when it is looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> "Command":
        if name not in self._loaded:
            self._loaded[name] = _load(name, *_PARTS[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_PARTS)

    def __len__(self) -> int:
        return len(_PARTS)


def _load(name: str, panel: str, part: CommandPlace) -> "Command":
    """Import a command: a function, or a Typer of one command or of several."""
    module, _, attribute = part.place.partition(":")
    found = getattr(import_module(module), attribute)
    holder = typer.Typer(add_completion=False, rich_markup_mode=_MARKUP)
    if not isinstance(found, typer.Typer):
        holder.command(name)(found)
    else:
        # Without a name a Typer's own commands are meant.
        holder.add_typer(found, name=name if len(found.registered_commands) > 1 else None)
    command = typer.main.get_group(holder).commands[name]
    command.rich_help_panel = panel  # type: ignore[attr-defined]
    return command


class Root(TyperGroup):
    """`andon` itself: it says what there is without importing any of it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": {}})
        self.commands = Parts()  # type: ignore[assignment]

    def list_commands(self, _ctx: Any) -> list[str]:
        """Return the names of commands, in the order of their panels."""
        return list(_PARTS)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help as plain text: Rich takes longer to import than all the rest."""
        super(TyperGroup, self).format_help(ctx, formatter)

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        """Write the commands, a section a panel."""
        widest = max(map(len, _PARTS))
        for panel, held in PANELS.items():
            with formatter.section(panel):
                formatter.write_dl([(f"{name:{widest}}", one.help) for name, one in held.items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Return what may be meant, with what it does."""
        from typer._click.shell_completion import CompletionItem

        return [
            CompletionItem(name, help=one.help)
            for name, (_, one) in _PARTS.items()
            if name.startswith(incomplete)
        ] + super(TyperGroup, self).shell_complete(ctx, incomplete)


app = typer.Typer(
    name="andon",
    cls=Root,
    help="You Build It You Run It at scale: who owns it, who is on call, what a stop costs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=_MARKUP,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        import andon
        from andon.core import zones

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


if __name__ == "__main__":
    sys.exit(app())
