"""`andon telemetry`: from a folder of files to rules, routes and dashboards, checked by the tools.

Exit codes, everywhere: 0 when all is well; 1 when there is an error in the files, when something
differs (`diff`, `generate --check`), when a tool refuses, or a rollout fails; 2 for wrong usage.
"""

import json
import tempfile
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from andon.cli.telemetry import folder as folders
from andon.cli.telemetry import live, prove, replayed, shown
from andon.cli.telemetry.progress import Steps, steps
from andon.core import wire
from andon.integrations.telemetry.proving import CheckOutcome
from andon.slo.types import Estate, Evaluator
from andon.telemetry.actions import files as generated
from andon.telemetry.types import File

app = typer.Typer(
    no_args_is_help=True,
    help="Telemetry as code: generate alerts, routes and dashboards from the catalogue's folder.",
    epilog="Leaves with 0 when all is well, 1 when something is wrong or differs, 2 for wrong use.",
)

Folder = Annotated[Path, typer.Argument(exists=True, help="The folder with the catalogue's files.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="ANDON_URL",
        help="Andon's address: for links in alerts, and where Alertmanager sends its webhooks.",
    ),
]
Only = Annotated[
    Evaluator | None, typer.Option("--engine", help="Leave out what only the other engine reads.")
]
_URL = "http://127.0.0.1:8000"
#: More objectives than any installation has.
_ALL = 1_000_000


@app.command()
def validate(folder: Folder, *, url: Url = _URL, as_json: AsJson = False) -> None:
    """Check every SLO, alert and telemetry setting: file, line, what is wrong, and the fix.

    Offline. Leaves with 1 when there is an error, with 0 when there are only warnings.
    """
    found = folders.read(folder, url=url)
    if as_json:
        _print(folders.problems_json(found))
    else:
        folders.show_problems(found)
        typer.echo(found.words)
    _leave(ok=not found.errors)


@app.command()
def generate(
    folder: Folder,
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder that the files are written to.")],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when what is there differs.")
    ] = False,
    engine: Only = None,
    url: Url = _URL,
    as_json: AsJson = False,
) -> None:
    """Generate everything into a folder: only what changed is written, foreign files are left.

    Offline. What has an error is left out and named; the rest is generated, and the command leaves
    with 1. With --check it leaves with 1, too, when the folder is not what would be generated.
    """
    _say_omissions(out, as_json=as_json)
    with steps(quiet=as_json) as said:
        read, files = _generated(folder, engine, url, said)
        try:
            if check:
                difference = generated.compare(files=files, folder=out)
            else:
                with said.step("writing") as step:
                    written = generated.write(files=files, folder=out)
                    step.said = shown.written(written)
        except generated.UnableToWrite as refusal:
            _refuse(refusal.message, as_json=as_json)
    if check:
        _show_difference(read, difference, brief=True, as_json=as_json)
    elif as_json:
        _print({**folders.problems_json(read), **shown.written_json(written)})
    else:
        folders.show_problems(read)
        typer.echo(f"{read.words}\n{out}: {shown.written(written)}")
    _leave(ok=not read.errors and not (check and difference.changes))


@app.command()
def diff(
    folder: Folder,
    generated_in: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder that was generated.")
    ],
    *,
    engine: Only = None,
    url: Url = _URL,
    as_json: AsJson = False,
) -> None:
    """Show what generating would change in a folder, as a unified diff. Writes nothing.

    Leaves with 1 when there is a difference, or an error in the files.
    """
    with steps(quiet=True) as said:
        read, files = _generated(folder, engine, url, said)
    try:
        difference = generated.compare(files=files, folder=generated_in)
    except generated.UnableToWrite as refusal:
        _refuse(refusal.message, as_json=as_json)
    _show_difference(read, difference, brief=False, as_json=as_json)
    _leave(ok=not read.errors and difference.is_empty)


@app.command("test")
def try_out(
    folder: Folder,
    *,
    service: Annotated[
        list[str] | None, typer.Option("--service", help="Only this service; may be repeated.")
    ] = None,
    url: Url = _URL,
    as_json: AsJson = False,
) -> None:
    """Test what is generated with promtool, vmalert and amtool; show what fires, and when.

    Unit tests and replays feed each SLO several error ratios and wait for its alerts; replays run
    in a VictoriaMetrics of their own, for the seconds it takes. A tool that is not installed is
    named; with none of them installed, the command leaves with 1.
    """
    with steps(quiet=as_json) as said:
        read, files = _generated(folder, None, url, said, only=service)
        with tempfile.TemporaryDirectory(prefix="andon-telemetry-") as name:
            generated.write(files=files, folder=Path(name))
            found = prove.checks(Path(name), said)
            replays = prove.replays(_estate(read), Path(name), said)
    found.append(replays.found)
    rows, left_out = shown.reactions(_estate(read))
    outcomes = {one.outcome for one in found}
    failed = CheckOutcome.FAILED in outcomes
    ran = failed or CheckOutcome.PASSED in outcomes
    if as_json:
        _print(
            {
                **folders.problems_json(read),
                "checks": [shown.check_json(one) for one in found],
                **shown.reactions_json(rows, left_out),
                **replayed.as_json(replays),
            }
        )
    else:
        folders.show_problems(read)
        shown.tested(rows, left_out, found, (replayed.table(replays),))
        replayed.say_omissions(replays)
        if not ran:
            typer.secho("No check could run: nothing was tested.", fg="red", err=True)
    _leave(ok=ran and not failed and not read.errors)


@app.command()
def apply(
    folder: Annotated[
        Path | None,
        typer.Argument(exists=True, help="The catalogue's folder; without it, the applied one."),
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", envvar="ANDON_TELEMETRY_DIR", help="Where to.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who does it, for the record.")] = "andon telemetry apply",
    as_json: AsJson = False,
) -> None:
    """Bring everything generated into force: check, swap, reload, and prove it by each tool's API.

    ANDON_VMALERT_URL, ANDON_PROMETHEUS_URL and ANDON_ALERTMANAGER_URL name the tools. What a tool
    refuses, or does not show, is taken back. With any error in the files nothing is done. The
    portal's page of the pipeline shows the attempt, where there is a database to write it to.
    """
    from andon.integrations import telemetry

    env, no_database = live.ready(needs_database=folder is None)
    if out is None:
        raise typer.BadParameter("say where to: --out DIR, or set ANDON_TELEMETRY_DIR")
    with steps(quiet=as_json) as said:
        if folder is None:
            from andon.slo import queries

            with said.step("generating"):
                estate = queries.estate(env.url)
                files = list(telemetry.bundle(estate=estate, with_tests=False))
        else:
            read, files = _generated(folder, None, env.url, said, with_tests=False)
            if read.errors:
                folders.show_problems(read)
                _refuse(f"nothing was rolled out: {read.words}", as_json=as_json)
            estate = _estate(read)
    try:
        done = live.roll_out(
            estate=estate,
            files=files,
            env=env,
            out=out,
            by=by,
            quiet=as_json,
            no_database=no_database,
        )
    except telemetry.UnableToRollOut as refusal:
        _refuse(refusal.message, as_json=as_json)
    if as_json:
        _print(wire.plain(done))
    else:
        typer.secho(
            f"{done.outcome}: {done.words} ({done.took_ms} ms)", fg="green" if done.ok else "red"
        )
    _leave(ok=done.ok)


@app.command()
def budget(
    folder: Annotated[
        Path | None,
        typer.Argument(exists=True, help="The catalogue's folder; without it, as read last."),
    ] = None,
    *,
    url: Annotated[
        str,
        typer.Option(
            "--url", envvar="ANDON_PROMETHEUS_URL", help="Prometheus or VictoriaMetrics: FOLDER."
        ),
    ] = "",
    service: Annotated[
        list[str] | None, typer.Option("--service", help="Only this service; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is left of every error budget, in share, time and money; the least left first.

    With FOLDER, Prometheus is asked now. Without it, this installation's last readings are shown.
    Leaves with 1 when no budget could be read.
    """
    if folder is None:
        rows, source = _budgets_read(service)
    else:
        rows, source = _budgets_asked(folder, url, service, quiet=as_json)
    if as_json:
        _print(live.as_json(rows, source=source))
    else:
        live.show(rows, source=source)
    _leave(ok=any(row[2] is not None for row in rows))


def _budgets_read(services: list[str] | None) -> tuple[list[live.Row], str]:
    from andon.cli.setup import django_ready

    django_ready()
    from andon.budgets import queries as budgets
    from andon.core import clock

    found = budgets.search_cards(now=clock.now(), limit=_ALL).cards
    cards = [one.card for one in found if not services or one.card.service in services]
    return live.rows_of_cards(cards), "the last readings of this installation"


def _budgets_asked(
    folder: Path, url: str, services: list[str] | None, *, quiet: bool
) -> tuple[list[live.Row], str]:
    from andon.core import clock
    from andon.integrations.prometheus.client import PrometheusClient
    from andon.integrations.prometheus.queries import Queries
    from andon.project import environment
    from andon.slo.ports import UnableToMeasure

    if not url:
        raise typer.BadParameter("say where measurements are: --url, or set ANDON_PROMETHEUS_URL")
    read = folders.read(folder, url="")
    if read.estate is None:
        folders.show_problems(read)
        _refuse(f"{folder}: no catalogue can be read", as_json=False)
    if services:
        read = shown.limited(read, services)
    client = PrometheusClient(url=url, headers=environment.read().prometheus_headers, total=60.0)
    try:
        with steps(quiet=quiet) as said, said.step("asking"):
            found = live.measured(
                estate=_estate(read), measurements=Queries(client), now=clock.now()
            )
    except UnableToMeasure as error:
        _refuse(str(error), as_json=quiet)
    finally:
        client.close()
    return live.rows_of(found), client.url


def _say_omissions(out: Path, *, as_json: bool) -> None:
    """Say what cannot be generated here; stop where that would remove what is there."""
    from andon.integrations import telemetry

    for reason in telemetry.omissions():
        if any(one.startswith("grafana/") for one in generated.listed(folder=out)):
            _refuse(f"{out} has dashboards that would be removed: {reason}", as_json=as_json)
        typer.secho(reason, fg="yellow", err=True)


def _generated(
    folder: Path,
    engine: Evaluator | None,
    url: str,
    said: Steps,
    *,
    only: list[str] | None = None,
    with_tests: bool = True,
) -> tuple[folders.FolderRead, list[File]]:
    """Return what a folder declares and everything generated of it; stops without a catalogue."""
    from andon.integrations import telemetry

    with said.step("reading") as step:
        read = folders.read(folder, url=url)
        step.said = read.words
    if read.estate is None:
        folders.show_problems(read)
        _refuse(f"{folder}: no catalogue can be read", as_json=False)
    if only:
        read = shown.limited(read, only)
    with said.step("generating") as step:
        made = telemetry.bundle(estate=_estate(read), with_tests=with_tests)
        files = folders.of_engine(list(made), engine)
        step.said = f"{len(files):,} files"
    for missing in telemetry.omissions():
        typer.secho(missing, fg="yellow", err=True)
    return read, files


def _estate(read: folders.FolderRead) -> Estate:
    if read.estate is None:
        raise TypeError("there is no catalogue")
    return read.estate


def _show_difference(
    read: folders.FolderRead, difference: generated.FolderDifference, *, brief: bool, as_json: bool
) -> None:
    if as_json:
        _print({**folders.problems_json(read), **shown.difference_json(difference)})
        return
    folders.show_problems(read)
    if brief:
        shown.difference_lines(difference)
    else:
        shown.difference_text(difference)


def _print(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, default=str))


def _refuse(message: str, *, as_json: bool) -> NoReturn:
    if as_json:
        _print({"error": message})
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)


def _leave(*, ok: bool) -> None:
    if not ok:
        raise typer.Exit(1)
