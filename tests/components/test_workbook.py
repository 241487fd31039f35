"""Which share of errors fires which alert after how long: promtool evaluates the generated rules.

The times are those of the SRE workbook's formulas at 99.9% over 30 days; a tick is the time between
two evaluations. No case ties with a threshold, where floats would decide.
"""

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from andon.slo.types import Evaluator
from andon.telemetry.rules import render, yaml
from tests.support import components
from tests.support.estates import counters, estate, objective, subject

pytestmark = pytest.mark.components

MINUTE = timedelta(minutes=1)
FAST, SLOW = frozenset({"page-fast"}), frozenset({"page-slow"})
TICKETS = frozenset({"ticket-fast", "ticket-slow"})
#: Events a minute.
EVENTS = 1_000_000
#: What five-minute averages add, and evaluating once a tick.
SMOOTHING = 2.5


@dataclass(frozen=True)
class Fault:
    """A share of errors from some minute on, for so long, and the alert it makes after a while."""

    ratio: float
    alert: str
    #: Minutes until it fires; None for never.
    fires: float | None
    lasts: int | None = None
    #: Minutes after the fault until it is silent.
    quiet: float | None = None

    @property
    def slug(self) -> str:
        return f"f{round(self.ratio * 10_000):05d}-{self.lasts or 'on'}-{self.alert.lower()}"


PAGING_FAST = [
    Fault(1, "SloPageFast", 0.864, lasts=10, quiet=4.928),
    Fault(0.5, "SloPageFast", 1.728),
    Fault(0.1, "SloPageFast", 8.64),
    Fault(0.02, "SloPageFast", 43.2),
    Fault(0.015, "SloPageFast", 57.6),
    Fault(0.01, "SloPageFast", None),
]
PAGING_SLOW = [
    Fault(1, "SloPageSlow", 2.16, lasts=10, quiet=29.82),
    Fault(0.02, "SloPageSlow", 108),
    Fault(0.01, "SloPageSlow", 216),
    Fault(0.007, "SloPageSlow", 308.57),
    Fault(0.004, "SloPageSlow", None),
]
TICKETING = [
    Fault(1, "SloTicketFast", 4.32),
    Fault(0.1, "SloTicketFast", 43.2),
    Fault(0.02, "SloTicketFast", 216),
    Fault(0.01, "SloTicketFast", 432),
    Fault(0.004, "SloTicketFast", 1080),
    Fault(0.002, "SloTicketFast", None),
    Fault(0.002, "SloTicketSlow", 2160),
    Fault(0.0011, "SloTicketSlow", 3927.27),
    Fault(0.0009, "SloTicketSlow", None),
]


def counted(fault: Fault, before: int, until: int, *, bad: bool) -> str:
    """Return a counter once a minute: no errors for `before`, then the fault, then none again."""
    share = fault.ratio if bad else 1 - fault.ratio
    calm, broken = (0 if bad else EVENTS), round(share * EVENTS)
    lasts = fault.lasts or until
    parts, value = [f"0+{calm}x{before}"], calm * before
    parts.append(f"{value + broken}+{broken}x{lasts - 1}")
    value += broken * lasts
    parts.append(f"{value + calm}+{calm}x{until}")
    return " ".join(parts)


def looks(fault: Fault, before: int, tick: int, last: int) -> list[dict[str, object]]:
    """Return what is to be seen of a fault: not yet, by now, no longer."""
    name = f'ALERTS{{alertname="{fault.alert}",alertstate="firing",slo="{fault.slug}"}}'

    def at(minute: float, *, fires: bool) -> dict[str, object]:
        seen = [{"labels": "{}", "value": 1}] if fires else []
        when = f"{before + round(minute / tick) * tick}m"
        return {"expr": f"count({name})", "eval_time": when, "exp_samples": seen}

    slack = 0 if fault.alert == "SloPageFast" else SMOOTHING
    if fault.fires is None:
        return [at(last, fires=False)]
    found = [at(max(fault.fires - 1.5 * tick, 0), fires=False)]
    found.append(at(fault.fires + slack + 1.5 * tick, fires=True))
    if fault.lasts and fault.quiet:
        found.append(at(fault.lasts + fault.quiet - 1.5 * tick, fires=True))
        found.append(at(fault.lasts + fault.quiet + slack + 2.5 * tick, fires=False))
    return found


def check(
    folder: Path, faults: list[Fault], *, without: frozenset[str], history: int, tick: int
) -> None:
    last = round(max(one.fires or 0 for one in faults) + 5 * tick)
    objectives = tuple(
        objective("checkout", slug=one.slug, indicator=counters(one.slug), without=without)
        for one in faults
    )
    made = estate(subject("checkout"), objectives=objectives)
    (rules,) = render.rule_files(estate=made, engine=Evaluator.PROMETHEUS)
    (folder / "rules.yml").write_text(rules.text, encoding="utf-8")
    series = [
        {
            "series": f'http_requests_total{{service="{one.slug}",code="{code}"}}',
            "values": counted(one, history, last + 60, bad=code == "500"),
        }
        for one in faults
        for code in ("200", "500")
    ]
    test = {
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [look for one in faults for look in looks(one, history, tick, last)],
    }
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": f"{tick}m",
        "tests": [test],
    }
    (folder / "test.yml").write_text(yaml.dump(document), encoding="utf-8")
    program = components.require("promtool")
    run = subprocess.run(
        [program, "test", "rules", folder / "test.yml"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_fast_pages_come_when_the_workbook_says(tmp_path: Path) -> None:
    check(tmp_path, PAGING_FAST, without=SLOW | TICKETS, history=60, tick=1)


def test_slow_pages_come_when_the_workbook_says(tmp_path: Path) -> None:
    check(tmp_path, PAGING_SLOW, without=FAST | TICKETS, history=6 * 60, tick=2)


def test_tickets_come_when_the_workbook_says(tmp_path: Path) -> None:
    check(tmp_path, TICKETING, without=FAST | SLOW, history=3 * 24 * 60, tick=20)
