"""Telemetry's commands that touch the world: a rollout with its proof, and budgets as measured."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from andon.budgets.rules import budget as rules
from andon.budgets.rules import policy
from andon.cli.plan import terminal
from andon.cli.plan.page import Sheet, Table
from andon.core import wire
from andon.core.words import say_share, say_span
from andon.slo.rules.reading import grid
from andon.slo.types import Estate, Objective
from andon.telemetry.rules.generate import intervals
from andon.telemetry.types import File

if TYPE_CHECKING:
    from andon.budgets.ports import Measurements
    from andon.budgets.queries import BudgetCard
    from andon.integrations.telemetry import RolloutAttempt
    from andon.project.environment import Environment

#: Objectives that one question is about.
_AT_ONCE = 100
#: The source has recorded everything up to then; what is newer may still come.
_LAG = timedelta(minutes=1)


def ready(*, needs_database: bool) -> tuple["Environment", str]:
    """Make Django ready; return why the database cannot be reached, where it is not needed.

    Where no Andon is, none is made: what is done is not written down, and that is said.
    """
    from andon.cli.setup import NoDatabase, django_ready, django_ready_to_tell
    from andon.project import environment
    from andon.project.database import UnusableDatabase

    try:
        return django_ready(), ""
    except (UnusableDatabase, NoDatabase) as error:
        if needs_database:
            raise
        if isinstance(error, NoDatabase):
            django_ready_to_tell()
        return environment.read(), str(error).splitlines()[0].rstrip(".")


def roll_out(
    *,
    estate: Estate,
    files: Sequence[File],
    env: "Environment",
    out: Path,
    by: str,
    quiet: bool,
    no_database: str = "",
) -> "RolloutAttempt":
    """Bring files into force, say each step as it is done, and write the attempt down.

    `no_database` is why that cannot be done; then it is said.

    Raises UnableToRollOut when the folder cannot be used. Django must be ready.
    """
    from andon.integrations import telemetry

    attempt = telemetry.roll_out(
        estate=estate,
        files=files,
        folder=out,
        tools=telemetry.tools(env),
        say=(lambda _: None) if quiet else typer.echo,
    )
    problem = no_database or _record(attempt, by)
    if problem:
        typer.secho(f"The portal will not show this. {problem}", fg="yellow", err=True)
    return attempt


def _record(attempt: "RolloutAttempt", by: str) -> str:
    """Write an attempt down for the portal; return why that could not be done."""
    from django.db import DatabaseError

    from andon.core import clock
    from andon.telemetry.actions import rollouts

    try:
        rollouts.record_rollout(
            digest=attempt.digest,
            outcome=attempt.outcome,
            steps=attempt.rows,
            took_ms=attempt.took_ms,
            by=by,
            now=clock.now(),
        )
    except DatabaseError as error:
        return f"Its database cannot be written to: {error}"
    return ""


def measured(
    *, estate: Estate, measurements: "Measurements", now: datetime
) -> list[tuple[Objective, rules.Budget | None]]:
    """Return the budget of each objective as the source has it; None where nothing is recorded.

    Objectives with windows of one length are asked for together. Raises UnableToMeasure.
    """
    at = grid(at=now - _LAG, step=timedelta(minutes=1))
    every = intervals(rules=estate.rules).slow
    scale = estate.rules.scale
    exposures = {one.slug: one.exposure_per_hour for one in estate.subjects}
    by_span: dict[timedelta, list[Objective]] = defaultdict(list)
    for one in estate.objectives:
        window = rules.window_at(objective=one, at=at, scale=scale)
        by_span[at - window.starts_at].append(one)
    found: dict[str, rules.Budget] = {}
    for length, group in by_span.items():
        for some in _batches(group):
            slugs = [one.slug for one in some]
            sums = measurements.sums(objectives=slugs, until=at, span=length, every=every)
            ratios = measurements.ratios(objectives=slugs, at=at)
            for one in some:
                if one.slug in sums:
                    found[one.slug] = rules.measure(
                        objective=one,
                        sums=sums[one.slug],
                        ratios=ratios.get(one.slug, {}),
                        at=at,
                        every=every,
                        exposure_per_hour=exposures.get(one.service),
                        scale=scale,
                    )
    return [(one, found.get(one.slug)) for one in estate.objectives]


Row = tuple[str, str, rules.Budget | None, str]


def rows_of(found: Iterable[tuple[Objective, rules.Budget | None]]) -> list[Row]:
    """Return objective, service, budget and trouble, the least left first."""
    return _sorted((one.slug, one.service, budget, "") for one, budget in found)


def rows_of_cards(cards: Iterable["BudgetCard"]) -> list[Row]:
    """Return the same of what was read last."""
    return _sorted((one.slug, one.service, one.budget, one.error) for one in cards)


def show(rows: Sequence[Row], *, source: str) -> None:
    """Print budgets as a table, and what must be said beside the figures."""
    known = [row for row in rows if row[2] is not None]
    table = Table(
        title="The least left first",
        headers=("SLO", "state", "left", "in time", "in money", "burn 1h", "gone in", "measured"),
        rows=tuple(_cells(row) for row in rows),
        right=frozenset({2, 3, 4, 5, 6, 7}),
        note="Gone in: at the pace of the last hour.",
    )
    lead = f"{len(known):,} of {len(rows):,} budgets, from {source}"
    terminal.show(Sheet("Error budgets", (lead,), (table,), (), ()))
    for slug, _, budget, error in rows:
        for note in (*(budget.notes if budget else ()), *((error,) if error else ())):
            typer.secho(f"{slug}: {note}", fg="yellow", err=True)


def as_json(rows: Sequence[Row], *, source: str) -> dict[str, Any]:
    """Return budgets as JSON knows them, times in seconds."""
    return {
        "source": source,
        "budgets": [
            {
                "slo": slug,
                "service": service,
                "level": str(_level(budget)),
                "error": error,
                "budget": wire.plain(budget),
            }
            for slug, service, budget, error in rows
        ],
    }


def _cells(row: Row) -> tuple[str, ...]:
    slug, _, budget, error = row
    if budget is None:
        return (slug, "cannot be read" if error else "not measured", *[""] * 6)
    pace = budget.burn.get(rules.PACE)
    return (
        slug,
        str(_level(budget)),
        say_share(budget.left),
        say_span(budget.time_left),
        str(budget.money_left) if budget.money_left is not None else "",
        f"{pace:.1f}" if pace is not None else "",
        say_span(budget.exhausts_in) if budget.exhausts_in else "",
        say_share(budget.covered),
    )


def _level(budget: rules.Budget | None) -> policy.BudgetLevel:
    return policy.level(left=budget.left if budget else None)


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row[2] is None, row[2].left if row[2] else 0, row[0]))


def _batches(found: Sequence[Objective]) -> list[Sequence[Objective]]:
    return [found[at : at + _AT_ONCE] for at in range(0, len(found), _AT_ONCE)]
