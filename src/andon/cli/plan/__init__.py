"""`andon plan`: production support as insurance, from a folder of files or the live catalogue."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from andon.catalogue.rules.targets import parse_target
from andon.cli.plan import html, options, outlook, pages, pdf, terminal
from andon.cli.plan.page import Page, plain
from andon.planning import queries, rules
from andon.planning.rules.cover import Levers
from andon.planning.rules.forecast import Growth
from andon.planning.rules.forecast import forecast as forecast_of
from andon.planning.rules.review import Proposal
from andon.planning.rules.review import review as review_of
from andon.planning.rules.whatif import UnableToCompare
from andon.planning.rules.whatif import what_if as what_if_of

if TYPE_CHECKING:
    from andon.catalogue.types import Cover
    from andon.core.money import Money
    from andon.planning.simulation import Paired
    from andon.planning.types import Insured, Portfolio

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
    Path | None,
    typer.Option("--report", help="Also write one self-contained page: out.html or out.pdf."),
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
        target_ppm=options.read("--target", target, parse_target),
        fraction=options.read("--blast-radius", blast_radius, options.share),
        core_hours=options.read("--core-hours", core_hours, options.hours),
        shuttered_share=options.read("--shutter", shutter, options.share),
        shutter_per_year=options.read("--shutter-cost", shutter_cost, options.money(portfolio)),
        cap=options.read("--cap", cap, options.money(portfolio)),
        incidents_per_year=options.read("--incidents", incidents, options.positive),
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
    options.need_numpy()
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
            options.stop(str(error))
    _answer(outlook.simulate(portfolio=portfolio, found=found), as_json, report)


@app.command()
def optimise(
    folder: Folder = None,
    *,
    budget: Annotated[str, typer.Option(help="The most premium a year: 'GBP 60000'.")] = "",
    risk_weight: Annotated[
        str, typer.Option(help="What a bad year's excess weighs; instead of riskWeight: 0.5.")
    ] = "",
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Find target, cover and rota of every service that make premium and loss least."""
    portfolio = _portfolio(folder)
    limit = options.read("--budget", budget, options.money(portfolio))
    portfolio = _weighed(portfolio, options.read("--risk-weight", risk_weight, options.weight))
    options.need_numpy()
    from andon.planning import simulation
    from andon.planning.rules import optimise as optimiser

    with terminal.progress() as bar:
        try:
            tails = _tails(portfolio, bar)
            bar.add_task("searching", total=None)
            found = optimiser.optimise(portfolio=portfolio, tails=tails, budget_per_year=limit)
        except (optimiser.UnableToOptimise, simulation.UnableToSimulate) as error:
            options.stop(str(error))
    _answer(outlook.optimise(portfolio=portfolio, found=found), as_json, report)


def _weighed(portfolio: "Portfolio", weight: Decimal | None) -> "Portfolio":
    if weight is None:
        return portfolio
    known = portfolio.assumptions
    left = tuple(one for one in known.defaults if not one.startswith("riskWeight"))
    return replace(portfolio, assumptions=replace(known, risk_weight=weight, defaults=left))


def _tails(portfolio: "Portfolio", bar: Progress) -> "dict[str, dict[Cover, Money]] | None":
    """Return what bad years lose, where somebody weighs them; simulated twice, per cover."""
    if not portfolio.assumptions.risk_weight:
        return None
    from andon.planning import simulation

    task = bar.add_task("bad years", total=2 * len(portfolio.services))
    return simulation.tails(portfolio=portfolio, progress=lambda *_: bar.advance(task))


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
        options.read("--teams", teams, options.growth) or Decimal(0),
        options.read("--services", services, options.growth) or Decimal(0),
        options.read("--exposure", exposure, options.growth) or Decimal(0),
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
    years: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Simulated years of each; 0 for none.")
    ] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="The same incidents for both.")] = 1,
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Show what a changed copy of the catalogue does to money and risk."""
    before = _portfolio(folder if changed else None)
    after = _portfolio(changed or folder)
    try:
        found = what_if_of(before=before, after=after)
    except UnableToCompare as error:
        options.stop(str(error))
    risk = _risk(before, after, years, seed) if years and options.has_numpy() else None
    page = outlook.what_if(before=before, after=after, found=found, risk=risk)
    _answer(page, as_json, report)


def _risk(before: "Portfolio", after: "Portfolio", years: int, seed: int) -> "Paired | None":
    """Simulate both; None when one of them is empty, since there is nothing to be at risk."""
    from andon.planning import simulation

    if not before.services or not after.services:
        return None
    with terminal.progress() as bar:
        task = bar.add_task("services", total=len(before.services) + len(after.services))
        try:
            return simulation.paired(
                before=before,
                after=after,
                years=years,
                seed=seed,
                progress=lambda done, _all: bar.update(task, completed=done),
            )
        except simulation.UnableToSimulate as error:
            options.stop(str(error))


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
    from andon.core import clock

    portfolio = _portfolio(None if live else folder)
    found = review_of(portfolio=portfolio, today=clock.now().date())
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
        options.stop("name the catalogue's folder: a proposal is accepted in its files")
    slug, _, move = name.partition(":")
    chosen = [one for one in found if one.slug == slug and (not move or one.move == move)]
    if len(chosen) != 1:
        moves = ", ".join(f"{one.slug}:{one.move}" for one in chosen) or "none"
        options.stop(f"{name!r} names no one proposal; those of {slug}: {moves}")
    try:
        patch = actions.accept(
            proposal=chosen[0], service=_find(portfolio, slug), folder=folder, write=write
        )
    except actions.UnableToPatch as error:
        options.stop(error.message)
    typer.echo(patch.diff, nl=False)


def _portfolio(folder: Path | None) -> "Portfolio":
    if folder is not None:
        try:
            return queries.portfolio_from_folder(folder)
        except queries.UnableToPlan as error:
            terminal.show_problems(error.problems)
            options.stop(error.message)
    from andon.cli.setup import django_ready
    from andon.core import clock

    django_ready()
    return queries.portfolio_live(now=clock.now())


def _answer(page: Page, as_json: bool, report: Path | None) -> None:
    if report is not None:
        _write(page, report)
    if as_json:
        found = {"result": plain(page.data), "assumptions": list(page.assumptions)}
        problems = [{**plain(one), "where": one.where} for one in page.problems]
        typer.echo(json.dumps({**found, "problems": problems}, indent=2))
    else:
        terminal.show(page)
        if report is not None:
            typer.echo(f"\nwritten: {report}", err=True)


def _write(page: Page, report: Path) -> None:
    kind = report.suffix.lower()
    if kind not in (".html", ".htm", ".pdf"):
        options.stop(
            f"{report}: reports are HTML or PDF; write --report out.html or --report out.pdf"
        )
    if not report.parent.is_dir():
        options.stop(f"there is no folder {report.parent} to write the report to")
    try:
        if kind == ".pdf":
            pdf.write(html.render(page), report)
        else:
            html.write(page, report)
    except (pdf.UnableToPrint, OSError) as error:
        options.stop(str(error))


def _find(portfolio: "Portfolio", slug: str) -> "Insured":
    found = next((one for one in portfolio.services if one.slug == slug.lower()), None)
    if found is None:
        terminal.show_problems(portfolio.problems)
        options.stop(f"there is no service {slug!r} that can be planned for")
    return found
