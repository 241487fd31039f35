"""The answers about what may come: risk, the best plan, the review, forecasts, what-if."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from andon.catalogue.rules.cover import WORDS
from andon.catalogue.rules.targets import format_target
from andon.cli.plan.page import BarChart, Curve, Sheet, Table
from andon.cli.plan.words import assumed
from andon.core.money import change
from andon.core.words import say_count, say_share
from andon.planning.queries.answers import Moved
from andon.planning.rules.annual import year_of
from andon.planning.rules.exact import to_float
from andon.planning.rules.forecast import Forecast
from andon.planning.rules.proviso import expected, proviso_of, shown
from andon.planning.rules.review import Proposal
from andon.planning.rules.whatif import MoneyDifference
from andon.planning.types import Paired, Portfolio, Simulation

if TYPE_CHECKING:
    from andon.planning.rules.optimise import BestPlan, PlanChange


def forecast(*, portfolio: Portfolio, found: Forecast) -> Sheet:
    """Return the coming quarters."""
    first, last = found.quarters[0], found.quarters[-1]
    rows = tuple(
        (
            "now" if not one.number else f"month {3 * one.number}",
            str(one.teams),
            str(one.services),
            str(one.rotas),
            f"{one.people_needed} of {one.people_there}",
            str(one.standby_per_month),
            str(one.naive_per_month),
            shown(amount=one.loss_per_year, proviso=found.proviso),
        )
        for one in found.quarters
    )
    chart = BarChart(
        "Standby a month, quarter by quarter",
        tuple(row[0] for row in rows),
        (
            ("with shared rotas", tuple(to_float(q.standby_per_month) for q in found.quarters)),
            ("a rota per team", tuple(to_float(q.naive_per_month) for q in found.quarters)),
        ),
        (
            tuple(str(one.standby_per_month) for one in found.quarters),
            tuple(str(one.naive_per_month) for one in found.quarters),
        ),
    )
    table = Table(
        "The coming year",
        ("when", "teams", "services", "rotas", "people needed", "standby a month",
         "a rota per team", "expected loss a year"),
        rows,
        frozenset(range(1, 8)),
        "; ".join(found.working),
        chart,
    )  # fmt: skip
    lead = (
        f"From {first.rotas} to {say_count(last.rotas, 'rota')}, from {first.standby_per_month} to "
    )
    lead += f"{last.standby_per_month} a month; {last.people_needed} people on call."
    loss = expected(amount=last.loss_per_year, proviso=found.proviso)
    lead += f" The expected loss comes to {loss}."
    return Sheet(
        f"{portfolio.organisation}: forecast",
        (lead,),
        (table,),
        assumed(portfolio),
        portfolio.problems,
    )


def what_if(
    *,
    before: Portfolio,
    after: Portfolio,
    found: Moved,
) -> Sheet:
    """Return the difference between two portfolios, with that of their simulations."""
    said, risk = found.difference, found.risk
    money = Table(
        "Money a year",
        ("what", "before", "after", "change"),
        tuple((one.name, *_both(one), change(one.change)) for one in said.money),
        frozenset({1, 2, 3}),
        f"{said.rotas[0]} rotas before, {said.rotas[1]} after",
        BarChart(
            "Premium and loss a year, before and after",
            tuple(one.name for one in said.money),
            (
                ("before", tuple(to_float(one.before) for one in said.money)),
                ("after", tuple(to_float(one.after) for one in said.money)),
            ),
            (
                tuple(str(one.before) for one in said.money),
                tuple(str(one.after) for one in said.money),
            ),
        ),
    )
    changes = Table(
        "What is declared otherwise",
        ("service", "what", "was", "becomes"),
        tuple((one.slug, one.field, one.was, one.becomes) for one in said.changes),
    )
    losses = Table(
        "Expected loss a year by service",
        ("service", "before", "after", "change"),
        tuple((one.name, *_both(one), change(one.change)) for one in said.losses),
        frozenset({1, 2, 3}),
    )
    return Sheet(
        f"{after.organisation}: what if",
        (said.sentence,),
        (money, *((_risk(risk),) if risk else ()), changes, losses),
        (*said.working, *(risk.after.assumptions if risk else ()), *assumed(after)),
        (*before.problems, *after.problems),
    )


def review(*, portfolio: Portfolio, found: Sequence[Proposal]) -> Sheet:
    """Return the quarterly review."""
    table = Table(
        "What the figures propose",
        ("service", "proposal", "in words", "evidence"),
        tuple((one.slug, str(one.move), one.words, "; ".join(one.evidence)) for one in found),
    )
    count = say_count(len(found), "proposal")
    lead = (
        f"{count} for {say_count(len(portfolio.services), 'service')}. Nothing changes by itself."
    )
    return Sheet(
        f"{portfolio.organisation}: quarterly review",
        (lead,),
        (table,) if found else (),
        assumed(portfolio),
        portfolio.problems,
    )


def simulate(*, portfolio: Portfolio, found: Simulation) -> Sheet:
    """Return what a simulation found."""
    risks = [found.portfolio, *found.services]
    rows = tuple(
        (
            one.slug or "all together",
            str(one.mean.value),
            str(one.p50.value),
            str(one.p95.value),
            str(one.p99.value),
            str(one.tvar95.value),
            say_share(one.miss.value),
        )
        for one in risks
    )
    mean, tail = found.portfolio.mean, found.portfolio.tvar95
    table = Table(
        "Loss of a year",
        ("service", "mean", "median", "1 in 20", "1 in 100", "worst 5% on average",
         "misses target in a month"),
        rows,
        frozenset(range(1, 7)),
        f"In 95% of simulations the mean of all together lies between {mean.low} and "
        f"{mean.high}, that of the worst 5% between {tail.low} and "
        f"{tail.high}.",
    )  # fmt: skip
    points = tuple(
        (one.share, to_float(one.loss), say_share(one.share), str(one.loss)) for one in found.curve
    )
    usual_years = tuple(point for point in points if point[0] <= 0.991)
    curve = Table(
        "How bad a year can get",
        ("share of years", "loss at most"),
        tuple((say_share(one.share), str(one.loss)) for one in found.curve[::10]),
        frozenset({0, 1}),
        chart=Curve("Loss not exceeded, by share of years", "share of years", "loss", usual_years),
    )
    year = year_of(portfolio=portfolio)
    rests = proviso_of(services=portfolio.services)
    bad = shown(amount=found.portfolio.p95.value, proviso=rests)
    usual = expected(amount=mean.value, proviso=rests)
    lead = (
        f"A year loses {usual} on average; one in twenty {bad} or more.",
        f"Cover costs {year.premium} a year. {found.years:,} years, seed {found.seed}.",
    )
    return Sheet(
        f"{found.organisation}: risk",
        lead,
        (table, curve),
        (*found.working, *found.assumptions, *assumed(portfolio)),
        portfolio.problems,
    )


def _both(one: MoneyDifference) -> tuple[str, str]:
    return (
        shown(amount=one.before, proviso=one.proviso),
        shown(amount=one.after, proviso=one.proviso),
    )


def optimise(*, portfolio: Portfolio, found: "BestPlan") -> Sheet:
    """Return the best plan, and what each of its changes is worth."""
    costs = (("today", found.today), ("plan", found.cost))
    money = Table(
        "Money a year",
        ("plan", "rotas", "standby", "callouts", "expected loss", "risk bound", "total"),
        tuple(
            (name, str(one.rotas), str(one.standby), str(one.callouts), str(one.loss),
             str(one.risk), str(one.total))
            for name, one in costs
        ),
        frozenset(range(1, 7)),
        f"No plan costs less than {found.lower_bound}; gap {say_share(found.gap)}.",
        BarChart(
            "Premium and expected loss a year",
            ("today", "plan"),
            (
                ("premium", tuple(to_float(one.premium) for _, one in costs)),
                ("expected loss", tuple(to_float(one.loss) for _, one in costs)),
            ),
            (
                tuple(str(one.premium) for _, one in costs),
                tuple(str(one.loss) for _, one in costs),
            ),
        ),
    )  # fmt: skip
    changes = Table(
        "Changes, the most worthwhile first",
        ("service", "from, to", "saves a year", "of it premium", "of it loss"),
        tuple(
            (one.slug, _change(one), str(one.saves), str(one.saves_premium), str(one.saves_loss))
            for one in found.changes
        ),
        frozenset({2, 3, 4}),
    )
    rotas = Table(
        "Rotas of the plan",
        ("rota", "kind", "services"),
        tuple((one.owner, str(one.cover), ", ".join(one.services)) for one in found.rotas),
    )
    return Sheet(
        f"{portfolio.organisation}: the cheapest cover",
        (found.sentence, *found.today_breaks),
        (money, changes, rotas),
        (*found.working, *found.assumptions, *assumed(portfolio)),
        portfolio.problems,
    )


def _change(one: "PlanChange") -> str:
    before, after = (
        f"{format_target(choice.target_ppm)}, {WORDS[choice.cover]}"
        for choice in (one.before, one.after)
    )
    return f"{before} -> {after}"


def _risk(found: Paired) -> Table:
    """Return two simulations that met the same incidents, side by side."""
    first, second = found.before.portfolio, found.after.portfolio
    figures = (
        ("mean of a year", first.mean, second.mean, str(found.mean.error)),
        ("median", first.p50, second.p50, ""),
        ("1 year in 20", first.p95, second.p95, ""),
        ("1 year in 100", first.p99, second.p99, ""),
        ("worst 5% on average", first.tvar95, second.tvar95, str(found.tvar95.error)),
    )
    rows: list[tuple[str, ...]] = [
        (name, str(was.value), str(becomes.value), change(becomes.value - was.value), error)
        for name, was, becomes, error in figures
    ]
    points, error = (f"{round(one * 100, 1)}" for one in (found.miss, found.miss_error))
    signed = points if points.startswith("-") else f"+{points}"
    chances = [say_share(one.miss.value) for one in (first, second)]
    rows.append(("a target missed in a month", *chances, f"{signed} points", error))
    return Table(
        "Loss of a simulated year",
        ("what", "before", "after", "change", "std. error"),
        tuple(rows),
        frozenset({1, 2, 3, 4}),
        f"{say_count(found.before.years, 'year')}, seed {found.before.seed}. Both meet the same "
        f"incidents, so the mean's change has a standard error of {found.mean.error}; "
        f"with incidents of their own it would be {found.mean.unpaired}. Changes of "
        f"percentiles have none stated.",
    )
