"""How replays are shown: what vmalert did, beside what the formulas say."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import typer

from andon.cli.plan.page import Table
from andon.cli.telemetry.shown import MOST
from andon.core.words import say_exactly, say_share, say_span
from andon.integrations.telemetry.proving import Replays
from andon.integrations.telemetry.replay import MOST_SERVICES, ReplayedAlert
from andon.telemetry.rules import scenario


def table(replays: Replays) -> Table:
    """Return what each alert did at the error ratios of the table of formulas."""
    rows = _rows(replays.seen)
    labels = [say_share(ratio) for ratio in scenario.RATIOS]
    return Table(
        title="What vmalert did in replays",
        headers=("SLO", "tier", *(each for one in labels for each in (f"at {one}", "ends")), "off"),
        rows=tuple(rows[:MOST]),
        right=frozenset({2, 3, 4, 5, 6}),
        note=_note(replays) + (f" And {len(rows) - MOST} more: --json." if rows[MOST:] else ""),
    )


def _note(replays: Replays) -> str:
    exact = [one.expected.tolerance for one in replays.seen if one.expected.tier]
    if not exact:
        return ""
    return (
        "As measured: until it fired, and from the end of the fault until it ended. Tiers that "
        "read recorded series follow the formulas by half of those series' window. Off: by how "
        f"much at most; an evaluation and a scrape are allowed ({say_exactly(min(exact))} at "
        f"least, {say_exactly(max(exact))} at most here). A share just below every "
        "threshold was replayed too."
    )


def _rows(seen: Sequence[ReplayedAlert]) -> list[tuple[str, ...]]:
    found: dict[tuple[str, str], dict[object, ReplayedAlert]] = {}
    for one in seen:
        name = one.expected.tier or one.expected.alert
        found.setdefault((one.expected.slug, name), {})[one.expected.ratio] = one
    rows = []
    for (slug, name), by_ratio in found.items():
        cells = [each for ratio in scenario.RATIOS for each in _cells(by_ratio.get(ratio))]
        wrong = any(one.problem for one in by_ratio.values())
        off = say_exactly(max(one.off for one in by_ratio.values()))
        rows.append((slug, name, *cells, f"{off} !" if wrong else off))
    return rows


def _cells(one: ReplayedAlert | None) -> tuple[str, str]:
    if one is None:
        return "", ""
    if one.fires is None or one.ends is None:
        return "never", ""
    return say_span(one.fires), say_span(one.ends)


def say_omissions(replays: Replays) -> None:
    """Say which objectives were not replayed, and why, on the error stream."""
    for one in replays.plan.omitted:
        typer.secho(f"{one.slug} is not replayed: {one.reason}", fg="yellow", err=True)
    if replays.plan.more:
        words = (
            f"{replays.plan.more:,} services are not replayed: one run does {MOST_SERVICES}; "
            "name others with --service"
        )
        typer.secho(words, fg="yellow", err=True)


def as_json(replays: Replays) -> dict[str, Any]:
    """Return replays as JSON knows them, times in seconds."""
    return {
        "replays": [_json(one) for one in replays.seen],
        "not_replayed": [{"slo": one.slug, "reason": one.reason} for one in replays.plan.omitted],
        "services_not_replayed": replays.plan.more,
    }


def _json(one: ReplayedAlert) -> dict[str, Any]:
    expected = one.expected
    return {
        "service": one.service,
        "slo": expected.slug,
        "tier": expected.tier,
        "alert": expected.alert,
        "error_ratio": f"{expected.ratio.normalize():f}",
        "expected_after_seconds": _seconds(expected.fires),
        "fired_after_seconds": _seconds(one.fires),
        "expected_to_end_after_seconds": _seconds(expected.ends),
        "ended_after_seconds": _seconds(one.ends),
        "tolerance_seconds": expected.tolerance.total_seconds(),
        "problem": one.problem,
    }


def _seconds(value: timedelta | None) -> float | None:
    return value.total_seconds() if value is not None else None
