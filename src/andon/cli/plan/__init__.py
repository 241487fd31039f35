"""`andon plan`: production support as insurance, from a folder of files or the live catalogue."""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from andon.catalogue.rules.targets import UnreadableTarget, parse_target
from andon.cli.plan import html, outlook, pages, terminal
from andon.cli.plan.page import Page, plain
from andon.core.money import Money, UnreadableMoney
from andon.planning import queries, rules
from andon.planning.rules.cover import Levers
from andon.planning.rules.forecast import Growth
from andon.planning.rules.forecast import forecast as forecast_of
from andon.planning.rules.review import Proposal
from andon.planning.rules.review import review as review_of
from andon.planning.rules.whatif import UnableToCompare
from andon.planning.rules.whatif import what_if as what_if_of

if TYPE_CHECKING:
    from andon.planning.types import Insured, Portfolio

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    help="What cover costs, what it protects, what to change: offline from a folder, or live.",
)

Folder = Annotated[
    Path | None,
    typer.Argument(exists=True, help="The catalogue's folder; without it, the applied catalogue."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Report = Annotated[
    Path | None, typer.Option("--report", help="Also write one self-contained page: out.html.")
]
One = Annotated[str, typer.Option("--service", help="One service, by its slug.")]


@app.command()
def select(
    folder: Folder = None,
    *,
    light: Annotated[
        bool, typer.Option("--traffic-light", help="Choose the model by red, amber, green.")
    ] = False,
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Choose operating model, target and cover of every service by exposure and demand."""
    _answer(pages.select(portfolio=_portfolio(folder), light=light), as_json, report)


@app.command()
def compare(
    folder: Folder = None, *, service: One = "", as_json: AsJson = False, report: Report = None
) -> None:
    """Compare You Build It You Run It, Ops Run It, both at scale, and SRE Run It where it may."""
    portfolio = _portfolio(folder)
    one = _find(portfolio, service) if service else None
    _answer(pages.compare(portfolio=portfolio, service=one), as_json, report)


@app.command()
def cover(
    folder: Folder = None,
    *,
    service: One = "",
    target: Annotated[str, typer.Option(help="Another availability target: 99.5.")] = "",
    core_hours: Annotated[str, typer.Option(help="On call in these hours only: 06:00-22:00.")] = "",
    blast_radius: Annotated[str, typer.Option(help="Share of users an incident affects.")] = "",
    shutter: Annotated[str, typer.Option(help="Share of loss that remains while shuttered.")] = "",
    shutter_cost: Annotated[str, typer.Option(help="What that costs a year: 'GBP 5000'.")] = "",
    cap: Annotated[str, typer.Option(help="The most one incident loses: 'GBP 20000'.")] = "",
    incidents: Annotated[str, typer.Option(help="Incidents a year.")] = "",
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Does a service need cover out of hours? Pull levers to see when the answer changes."""
    portfolio = _portfolio(folder)
    levers = Levers(
        target_ppm=_read("--target", target, parse_target),
        fraction=_read("--blast-radius", blast_radius, _share),
        core_hours=_read("--core-hours", core_hours, _hours),
        shuttered_share=_read("--shutter", shutter, _share),
        shutter_per_year=_read("--shutter-cost", shutter_cost, _money(portfolio)),
        cap=_read("--cap", cap, _money(portfolio)),
        incidents_per_year=_read("--incidents", incidents, _positive),
    )
    chosen = (_find(portfolio, service),) if service else portfolio.services
    with terminal.progress() as bar:
        verdicts = [
            rules.needs_cover(service=one, portfolio=portfolio, levers=levers)
            for one in bar.track(chosen, description="services")
        ]
    outcomes = rules.levers_of(service=chosen[0], portfolio=portfolio) if service else ()
    page = pages.cover(portfolio=portfolio, verdicts=verdicts, levers=outcomes)
    _answer(page, as_json, report)


@app.command()
def simulate(
    folder: Folder = None,
    *,
    years: Annotated[int, typer.Option(min=1, max=10_000_000, help="Simulated years.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")] = 1,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one per core.")] = None,
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Simulate thousands of years: mean, bad years, and the chance to miss a target."""
    portfolio = _portfolio(folder)
    _need_numpy()
    from andon.planning import simulation

    with terminal.progress() as bar:
        task = bar.add_task("services", total=len(portfolio.services))
        try:
            found = simulation.simulate(
                portfolio=portfolio,
                years=years,
                seed=seed,
                workers=workers,
                progress=lambda done, _all: bar.update(task, completed=done),
            )
        except simulation.UnableToSimulate as error:
            _stop(str(error))
    _answer(outlook.simulate(portfolio=portfolio, found=found), as_json, report)


@app.command()
def optimise(
    folder: Folder = None,
    *,
    budget: Annotated[str, typer.Option(help="The most premium a year: 'GBP 60000'.")] = "",
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Find target, cover and rota of every service that make premium and loss least."""
    portfolio = _portfolio(folder)
    limit = _read("--budget", budget, _money(portfolio))
    _need_numpy()
    from andon.planning.rules import optimise as optimiser

    with terminal.progress() as bar:
        bar.add_task("searching", total=None)
        try:
            found = optimiser.optimise(portfolio=portfolio, budget_per_year=limit)
        except optimiser.UnableToOptimise as error:
            _stop(str(error))
    _answer(outlook.optimise(portfolio=portfolio, found=found), as_json, report)


@app.command()
def forecast(
    folder: Folder = None,
    *,
    teams: Annotated[str, typer.Option(help="More teams in a year: 20%.")] = "0",
    services: Annotated[str, typer.Option(help="More services in a year: 20%.")] = "0",
    exposure: Annotated[str, typer.Option(help="More exposure in a year: 20%.")] = "0",
    quarters: Annotated[int, typer.Option(min=1, max=40, help="Quarters to look ahead.")] = 4,
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Forecast rotas, people and money while teams, services and exposure grow."""
    portfolio = _portfolio(folder)
    growth = Growth(
        _read("--teams", teams, _growth) or Decimal(0),
        _read("--services", services, _growth) or Decimal(0),
        _read("--exposure", exposure, _growth) or Decimal(0),
    )
    found = forecast_of(portfolio=portfolio, growth=growth, quarters=quarters)
    _answer(outlook.forecast(portfolio=portfolio, found=found), as_json, report)


@app.command("what-if")
def what_if(
    folder: Annotated[Path, typer.Argument(exists=True, help="The catalogue's folder.")],
    changed: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            help="The changed copy. Without it, FOLDER is compared with the applied catalogue.",
        ),
    ] = None,
    *,
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Show what a changed copy of the catalogue does to money and risk."""
    before = _portfolio(folder if changed else None)
    after = _portfolio(changed or folder)
    try:
        found = what_if_of(before=before, after=after)
    except UnableToCompare as error:
        _stop(str(error))
    _answer(outlook.what_if(before=before, after=after, found=found), as_json, report)


@app.command()
def review(
    folder: Folder = None,
    *,
    accept: Annotated[str, typer.Option(help="Print the patch of SERVICE or SERVICE:MOVE.")] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Evidence from Andon's incidents; FOLDER is patched.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Change the file as well.")] = False,
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Review every target: upgrade, downgrade, peak window, domain rota; accept one as a patch."""
    portfolio = _portfolio(None if live else folder)
    found = review_of(portfolio=portfolio)
    if accept:
        _accept(portfolio, found, accept, folder, write=write)
        return
    _answer(outlook.review(portfolio=portfolio, found=found), as_json, report)


def _accept(
    portfolio: "Portfolio",
    found: tuple[Proposal, ...],
    name: str,
    folder: Path | None,
    *,
    write: bool,
) -> None:
    from andon.planning import actions

    if folder is None:
        _stop("name the catalogue's folder: a proposal is accepted in its files")
    slug, _, move = name.partition(":")
    chosen = [one for one in found if one.slug == slug and (not move or one.move == move)]
    if len(chosen) != 1:
        moves = ", ".join(f"{one.slug}:{one.move}" for one in chosen) or "none"
        _stop(f"{name!r} names no one proposal; those of {slug}: {moves}")
    try:
        patch = actions.accept(
            proposal=chosen[0], service=_find(portfolio, slug), folder=folder, write=write
        )
    except actions.UnableToPatch as error:
        _stop(error.message)
    typer.echo(patch.diff, nl=False)


def _portfolio(folder: Path | None) -> "Portfolio":
    if folder is not None:
        try:
            return queries.portfolio_from_folder(folder)
        except queries.UnableToPlan as error:
            terminal.show_problems(error.problems)
            _stop(error.message)
    from andon.cli.setup import django_ready
    from andon.core import clock

    django_ready()
    return queries.portfolio_live(now=clock.now())


def _answer(page: Page, as_json: bool, report: Path | None) -> None:
    if report is not None:
        _check_report(report)
        html.write(page, report)
    if as_json:
        found = {"result": plain(page.data), "assumptions": list(page.assumptions)}
        problems = [{**plain(one), "where": one.where} for one in page.problems]
        typer.echo(json.dumps({**found, "problems": problems}, indent=2))
    else:
        terminal.show(page)
        if report is not None:
            typer.echo(f"\nwritten: {report}", err=True)


def _check_report(report: Path) -> None:
    if report.suffix.lower() not in (".html", ".htm"):
        _stop(f"{report}: reports are HTML; write --report out.html and print it to PDF")
    if not report.parent.is_dir():
        _stop(f"there is no folder {report.parent} to write the report to")


def _find(portfolio: "Portfolio", slug: str) -> "Insured":
    found = next((one for one in portfolio.services if one.slug == slug.lower()), None)
    if found is None:
        terminal.show_problems(portfolio.problems)
        _stop(f"there is no service {slug!r} that can be planned for")
    return found


def _read(option: str, text: str, parse: Callable[[str], T]) -> T | None:
    if not text:
        return None
    try:
        return parse(text)
    except (UnreadableMoney, UnreadableTarget, ValueError, InvalidOperation) as error:
        said = str(error) if not isinstance(error, InvalidOperation) else f"{text!r} is no number"
        _stop(f"{option}: {said}")


def _share(text: str) -> Decimal:
    found = _growth(text)
    if not 0 <= found <= 1:
        raise ValueError(f"{text!r} is not a share; write 50% or 0.5")
    return found


def _growth(text: str) -> Decimal:
    found = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    if not found.is_finite() or not -1 <= found <= 100:
        raise ValueError(f"{text!r} is not a growth; write 20% or 0.2")
    return found


def _positive(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite() or not 0 <= found <= 100_000:
        raise ValueError(f"{text!r} is not a number of incidents a year")
    return found


def _money(portfolio: "Portfolio") -> Callable[[str], Money]:
    def parse(text: str) -> Money:
        found = Money.parse(text)
        if found.minor < 0 or found.currency != portfolio.currency:
            raise ValueError(f"{text!r} is not an amount of 0 or more in {portfolio.currency}")
        return found

    return parse


def _hours(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    parts = [one.split(":") for one in (first, last)]
    if not dash or any(len(one) != 2 for one in parts):
        raise ValueError(f"{text!r} is not hours; write 06:00-22:00")
    starts, ends = (int(hours) * 60 + int(minutes) for hours, minutes in parts)
    if not 0 <= starts < ends <= 24 * 60:
        raise ValueError(f"{text!r} does not lie within one day")
    return starts, ends


def _need_numpy() -> None:
    from importlib.util import find_spec

    if find_spec("numpy") is None:
        _stop("this needs NumPy: install andon[planning]")


def _stop(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)
