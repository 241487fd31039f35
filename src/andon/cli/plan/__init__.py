"""`andon plan`: production support as insurance, from a folder of files or the live catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from andon.catalogue.types.forms import parse_target
from andon.cli import remote
from andon.cli.plan import html, options, outlook, pages, pdf, terminal
from andon.cli.plan.page import Sheet
from andon.cli.remote import AsJson
from andon.core.errors import Refusal
from andon.planning import queries
from andon.planning.queries import answers
from andon.planning.rules.cover import Levers
from andon.planning.rules.forecast import Growth
from andon.planning.rules.forecast import forecast as forecast_of
from andon.planning.rules.review import Proposal
from andon.planning.rules.review import review as review_of

if TYPE_CHECKING:
    from andon.planning.types import Insured, Portfolio, Progress

app = typer.Typer(
    no_args_is_help=True,
    help="What cover costs, what it protects, what to change: offline from a folder, or live.",
)

Folder = Annotated[
    Path | None,
    typer.Argument(exists=True, help="The catalogue's folder; without it, the applied catalogue."),
]
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
    found = answers.today(portfolio=_portfolio(folder), light=light)
    _answer(
        pages.select(found),
        _Json("schemas", "PortfolioOut", {"next": None}, found),
        as_json,
        report,
    )


@app.command()
def compare(
    folder: Folder = None, *, service: One = "", as_json: AsJson = False, report: Report = None
) -> None:
    """Compare You Build It You Run It, Ops Run It, both at scale, and SRE Run It where it may."""
    portfolio = _portfolio(folder)
    one = _find(portfolio, service) if service else None
    found = answers.policies(portfolio=portfolio, service=one)
    page = pages.compare(portfolio=portfolio, found=found, service=one)
    _answer(page, _Json("schemas", "PoliciesOut", found), as_json, report)


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
    one = _find(portfolio, service) if service else None
    with _told("services") as told:
        found = answers.covers(portfolio=portfolio, service=one, levers=levers, progress=told)
    page = pages.cover(portfolio=portfolio, found=found)
    _answer(page, _Json("schemas", "CoversOut", found), as_json, report)


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
    with _told("services") as told:
        found = answers.simulate(
            portfolio=portfolio, years=years, seed=seed, workers=workers, progress=told
        )
    page = outlook.simulate(portfolio=portfolio, found=found)
    _answer(page, _Json("outlook", "SimulationOut", found), as_json, report)


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
    weight = options.read("--risk-weight", risk_weight, options.weight)
    with _told("searching") as told:
        found = answers.optimise(
            portfolio=portfolio, budget_per_year=limit, risk_weight=weight, progress=told
        )
    page = outlook.optimise(portfolio=portfolio, found=found)
    _answer(page, _Json("outlook", "PlanOut", found), as_json, report)


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
    page = outlook.forecast(portfolio=portfolio, found=found)
    _answer(page, _Json("outlook", "ForecastOut", found), as_json, report)


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
    with _told("services") as told:
        found = answers.what_if(before=before, after=after, years=years, seed=seed, progress=told)
    page = outlook.what_if(before=before, after=after, found=found)
    _answer(page, _Json("outlook", "WhatIfOut", found), as_json, report)


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
    page = outlook.review(portfolio=portfolio, found=found)
    _answer(page, _Json("outlook", "ReviewOut", {"items": found}), as_json, report)


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


@contextmanager
def _told(what: str) -> "Iterator[Progress]":
    """Show how far an answer is, and end the command where there is none."""
    with terminal.progress() as bar:
        task = bar.add_task(what, total=None)
        try:
            yield lambda done, whole: bar.update(task, completed=done, total=whole)
        except Refusal as refusal:
            options.stop(refusal.message)


def _portfolio(folder: Path | None) -> "Portfolio":
    if folder is not None:
        try:
            return queries.portfolio_from_folder(folder)
        except queries.UnableToReadPortfolio as error:
            terminal.show_problems(error.problems)
            options.stop(error.message)
    from andon.cli.setup import django_ready
    from andon.core import clock

    django_ready()
    return queries.portfolio_live(now=clock.now())


class _Json:
    """The API's resource of an answer: where its schema is, and the values it is read from."""

    def __init__(self, module: str, name: str, *values: object) -> None:
        self._module, self._name, self._values = module, name, values

    def show(self) -> None:
        """Print it. The API needs Django, which a folder of files does not."""
        from andon.cli.setup import django_ready_to_tell

        django_ready_to_tell()

        module = import_module(f"andon.web.api.planning.{self._module}")
        found = getattr(module, self._name).of(*self._values)
        remote.print_json(found.model_dump(mode="json"))


def _answer(page: Sheet, found: _Json, as_json: bool, report: Path | None) -> None:
    if report is not None:
        _write(page, report)
    if as_json:
        found.show()
        terminal.show_problems(page.problems)
    else:
        terminal.show(page)
        if report is not None:
            typer.echo(f"\nwritten: {report}", err=True)


def _write(page: Sheet, report: Path) -> None:
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
    found = answers.find(portfolio=portfolio, slug=slug.lower())
    if found is None:
        terminal.show_problems(portfolio.problems)
        options.stop(f"there is no service {slug!r} that can be planned for")
    return found
