"""How telemetry's commands show what they found: tables for people, values for --json."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import typer

from andon.catalogue.rules import format_target
from andon.cli.plan import terminal
from andon.cli.plan.page import Sheet, Table
from andon.cli.telemetry.folder import FolderRead
from andon.core.words import say_share, say_span
from andon.integrations.telemetry import proving
from andon.slo.rules import burn, tiers
from andon.slo.types import Estate, Objective
from andon.telemetry.actions.files import FileAct, FolderDifference, Written
from andon.telemetry.rules import scenario

#: Lines of a list before "and N more"; --json has them all.
MOST = 200
_COLOURS = {FileAct.ADDED: "green", FileAct.CHANGED: "yellow", FileAct.REMOVED: "red"}
_MARKS = {FileAct.ADDED: "+", FileAct.CHANGED: "~", FileAct.REMOVED: "-"}


@dataclass(frozen=True, slots=True)
class Reaction:
    """When one tier of one objective reacts, by the formulas of docs/slo.md."""

    objective: Objective
    tier: tiers.Tier
    #: By error ratio; None: at that ratio it never fires.
    detections: tuple[tuple[Decimal, timedelta | None], ...]
    #: How long after a full outage that it noticed the alert still fires.
    reset: timedelta | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A tier that an objective does not get, since it would make no sense."""

    objective: Objective
    tier: tiers.Senseless


def reactions(estate: Estate) -> tuple[list[Reaction], list[LeftOut]]:
    """Return what fires when, objective by objective, and which tiers are left out."""
    found, left_out = [], []
    for objective in estate.objectives:
        chosen = tiers.choose(objective=objective, rules=estate.rules)
        found += [_reaction(objective, tier, estate.rules.scale) for tier in chosen.tiers]
        left_out += [LeftOut(objective, one) for one in chosen.senseless]
    return found, left_out


def _reaction(objective: Objective, tier: tiers.Tier, scale: int) -> Reaction:
    long, short, theta = tier.tier.long / scale, tier.tier.short / scale, tier.threshold
    detections = tuple(
        (ratio, burn.pair_detection(long=long, short=short, threshold=theta, ratio=ratio))
        for ratio in scenario.RATIOS
    )
    reset = burn.pair_reset(long=long, short=short, threshold=theta, ratio=Decimal(1))
    return Reaction(objective, tier, detections, reset)


def tested(
    rows: Sequence[Reaction],
    left_out: Sequence[LeftOut],
    found: Sequence[proving.CheckResult],
    more: Sequence[Table],
) -> None:
    """Print what fires when, and what each tool said; its own words on the error stream."""
    names = len({one.objective.slug for one in rows})
    lead = (f"{names:,} SLOs, {len(rows):,} alerting tiers",)
    tables = (_reaction_table(rows), *more, _left_out_table(left_out), _check_table(found))
    terminal.show(Sheet("Telemetry, tested", lead, tables, (), ()))
    for one in found:
        if one.outcome is proving.CheckOutcome.FAILED:
            typer.secho(f"{one.check.program}, {one.check.what}:\n{one.said}", fg="red", err=True)
        elif one.outcome is proving.CheckOutcome.MISSING:
            typer.secho(one.said, fg="yellow", err=True)


def _reaction_table(rows: Sequence[Reaction]) -> Table:
    return Table(
        title="What fires, and when",
        headers=("SLO", "target", "tier", "above", "at 10%", "at 100%", "ends after"),
        rows=tuple(_reaction_cells(one) for one in rows[:MOST]),
        right=frozenset({3, 4, 5, 6}),
        note=(
            "From the start of a steady fault of that error ratio to the rule firing; the way to "
            "the page comes on top (docs/telemetry.md)."
            + (f" And {len(rows) - MOST} more: --json." if len(rows) > MOST else "")
        ),
    )


def _reaction_cells(one: Reaction) -> tuple[str, ...]:
    return (
        one.objective.slug,
        format_target(one.objective.target_ppm),
        one.tier.tier.name,
        say_share(one.tier.threshold),
        *(say_span(found) if found is not None else "never" for _, found in one.detections),
        say_span(one.reset) if one.reset is not None else "",
    )


def _left_out_table(rows: Sequence[LeftOut]) -> Table:
    return Table(
        title="Tiers that are left out",
        headers=("SLO", "tier", "why", "to have it"),
        rows=tuple(
            (one.objective.slug, one.tier.tier.name, one.tier.reason, one.tier.fix)
            for one in rows[:MOST]
        ),
    )


def reactions_json(rows: Sequence[Reaction], left_out: Sequence[LeftOut]) -> dict[str, Any]:
    """Return what fires when as JSON knows it, times in seconds."""
    return {
        "reactions": [_reaction_json(one) for one in rows],
        "left_out_tiers": [
            {
                "slo": one.objective.slug,
                "tier": one.tier.tier.name,
                "reason": one.tier.reason,
                "fix": one.tier.fix,
            }
            for one in left_out
        ],
    }


def _reaction_json(one: Reaction) -> dict[str, Any]:
    return {
        "slo": one.objective.slug,
        "service": one.objective.service,
        "target_ppm": one.objective.target_ppm,
        "tier": one.tier.tier.name,
        "severity": str(one.tier.tier.severity),
        "factor": f"{one.tier.factor.normalize():f}",
        "error_ratio_above": f"{one.tier.threshold.normalize():f}",
        "detected_after_seconds": {
            str(ratio): found.total_seconds() if found is not None else None
            for ratio, found in one.detections
        },
        "ends_after_seconds": one.reset.total_seconds() if one.reset is not None else None,
    }


def _check_table(found: Sequence[proving.CheckResult]) -> Table:
    return Table(
        title="Checks",
        headers=("tool", "checks", "count", "result", "took"),
        rows=tuple(
            (
                one.check.program,
                one.check.what,
                f"{one.files:,}",
                str(one.outcome),
                f"{one.seconds:.1f} s" if one.seconds else "",
            )
            for one in found
        ),
        right=frozenset({2, 4}),
    )


def check_json(one: proving.CheckResult) -> dict[str, Any]:
    """Return a check as JSON knows it."""
    return {
        "tool": one.check.program,
        "checks": one.check.what,
        "files": one.files,
        "result": str(one.outcome),
        "seconds": round(one.seconds, 3),
        "said": one.said,
    }


def written(done: Written) -> str:
    """Return what a write did, in words."""
    return (
        f"{len(done.changed):,} written, {len(done.unchanged):,} unchanged, "
        f"{len(done.removed):,} removed"
    )


def written_json(done: Written) -> dict[str, Any]:
    """Return what a write did as JSON knows it."""
    return {
        "changed": list(done.changed),
        "unchanged": len(done.unchanged),
        "removed": list(done.removed),
    }


def difference_lines(difference: FolderDifference) -> None:
    """Print which files differ, one line each."""
    for one in difference.changes[:MOST]:
        typer.secho(f"{_MARKS[one.act]} {one.path}  {one.act}", fg=_COLOURS[one.act])
    if len(difference.changes) > MOST:
        typer.echo(f"... and {len(difference.changes) - MOST} more")
    count = len(difference.changes)
    if count:
        typer.echo(f"{count:,} file{'s differ' if count > 1 else ' differs'}: generate again")
    else:
        typer.echo("nothing differs")


def difference_text(difference: FolderDifference) -> None:
    """Print a unified diff, coloured on a terminal."""
    for one in difference.changes:
        for line in one.unified().splitlines():
            bold = line.startswith(("--- ", "+++ "))
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1]) if not bold else None
            typer.secho(line, fg=colour, bold=bold)


def difference_json(difference: FolderDifference) -> dict[str, Any]:
    """Return what differs as JSON knows it."""
    return {
        "differs": not difference.is_empty,
        "changes": [
            {"path": one.path, "act": str(one.act), "diff": one.unified()}
            for one in difference.changes
        ],
    }


def limited(read: FolderRead, services: Sequence[str]) -> FolderRead:
    """Return what was read of some services only. Stops when there is no such service."""
    if read.estate is None:
        return read
    known = {one.slug for one in read.estate.subjects}
    for slug in services:
        if slug not in known:
            typer.secho(f"--service: there is no service {slug!r}", fg="red", err=True)
            raise typer.Exit(2)
    return replace(
        read,
        estate=replace(
            read.estate,
            subjects=tuple(one for one in read.estate.subjects if one.slug in services),
            objectives=tuple(one for one in read.estate.objectives if one.service in services),
            alerts=tuple(one for one in read.estate.alerts if one.service in services),
        ),
    )
