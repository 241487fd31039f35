"""The queries of the panels, put to the real tools: are they accepted, and what do they answer."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from andon.core import clock
from andon.integrations.grafana.files import dashboard_files
from tests.support import components, estates, grafana

pytestmark = pytest.mark.components
MONTH = 30 * 86_400


def drawn() -> dict[str, dict]:
    files = dashboard_files(estate=estates.varied())
    return {f.path.split("/", 2)[2]: json.loads(f.text) for f in files if f.path.endswith(".json")}


DRAWN = drawn()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Every query of every dashboard as a recording rule of its own."""
    exprs = {grafana.expanded(e) for d in DRAWN.values() for e in grafana.expressions(d)}
    assert len(exprs) > 100
    found = [{"record": f"lint:{i:04d}", "expr": e} for i, e in enumerate(sorted(exprs))]
    path = tmp_path / "queries.yml"
    path.write_text(json.dumps({"groups": [{"name": "queries", "rules": found}]}))
    return path


def test_promtool_accepts_every_query(rules: Path) -> None:
    run(components.require("promtool"), "check", "rules", rules)


def test_vmalert_accepts_every_query(rules: Path) -> None:
    run(components.require("vmalert"), "-dryRun", f"-rule={rules}")


@pytest.fixture(scope="module")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with components.victoria_metrics(tmp_path_factory.mktemp("victoria")) as found:
        yield found.url


def run(*command: object) -> None:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


CHECKOUT = 'service="checkout",slo="checkout"'
SEARCH = 'service="search",slo="search"'


def infos() -> dict[str, str]:
    """Return series of `slo:info` for the objectives of two teams."""
    teams = {"checkout": "checkout-team", "stock": "checkout-team", "search": "search-team"}
    return {
        f'slo:info{{domain="sales",service="{s}",slo="{s}",team="{t}"}}': "1x60"
        for s, t in teams.items()
    }


#: title of the panel: dashboard, series, what Grafana puts in, labels and value of the answer.
CASES = {
    "Budget runs out in": (
        "services/checkout.json",
        {
            f"slo:budget_left:ratio{{{CHECKOUT}}}": "0.5x60",
            f"slo:error_ratio:1h{{{CHECKOUT}}}": "0.5x60",
            f"slo:target:ratio{{{CHECKOUT}}}": "0.5x60",
        },
        {},
        [(f"{{{CHECKOUT}}}", 0.5 * MONTH)],
    ),
    "Budget runs out in: overspent is now": (
        "services/checkout.json",
        {
            f"slo:budget_left:ratio{{{CHECKOUT}}}": "-3x60",
            f"slo:error_ratio:1h{{{CHECKOUT}}}": "0.5x60",
            f"slo:target:ratio{{{CHECKOUT}}}": "0.5x60",
        },
        {},
        [(f"{{{CHECKOUT}}}", 0)],
    ),
    "Budget runs out in: nothing burns": (
        "services/checkout.json",
        {
            f"slo:budget_left:ratio{{{CHECKOUT}}}": "0.5x60",
            f"slo:error_ratio:1h{{{CHECKOUT}}}": "0x60",
            f"slo:target:ratio{{{CHECKOUT}}}": "0.5x60",
        },
        {},
        [],
    ),
    "Budget left as downtime": (
        "services/checkout.json",
        {
            f"slo:budget_left:ratio{{{CHECKOUT}}}": "-0.5x60",
            f"slo:target:ratio{{{CHECKOUT}}}": "0.5x60",
        },
        {},
        [(f"{{{CHECKOUT}}}", -0.25 * MONTH)],
    ),
    "Measured or not": (
        "services/checkout.json",
        {f"slo:total:rate5m{{{CHECKOUT}}}": "7x60"},
        {},
        [("{}", 1)],
    ),
    "Measured or not: no traffic": (
        "services/checkout.json",
        {f"slo:total:rate5m{{{CHECKOUT}}}": "0x60"},
        {},
        [("{}", 0)],
    ),
    "Measured or not: no data": ("services/checkout.json", {"up": "1x60"}, {}, [("{}", -1)]),
    "Money at risk per hour": (
        "services/checkout.json",
        {
            f"slo:error_ratio:5m{{{CHECKOUT}}}": "0.125x60",
            'slo:error_ratio:5m{service="checkout",slo="checkout-latency"}': "0.25x60",
            f"slo:error_ratio:5m{{{SEARCH}}}": "1x60",
        },
        {},
        [("{}", 50_000)],
    ),
    "Open incidents": (
        "services/checkout.json",
        {
            'andon_incidents_open{service="checkout",instance="one"}': "1x60",
            'andon_incidents_open{service="checkout",instance="two"}': "1x60",
            'andon_incidents_open{service="search",instance="one"}': "1x60",
        },
        {},
        [("{}", 1)],
    ),
    # A quarter of the period is over and half of what may fail did: an eighth is spent.
    "Budget left": (
        "services/search.json",
        {
            f"slo:bad:rate5m{{{SEARCH}}}": "1x60",
            f"slo:total:rate5m{{{SEARCH}}}": "4x60",
            f"slo:target:ratio{{{SEARCH}}}": "0.5x60",
        },
        {"$__range_s": str(MONTH // 4), "$__range": "1800s"},
        [(f"{{{SEARCH}}}", 0.875)],
    ),
    # What a peak allowed while it lasted counts, not what is allowed now.
    "Budget left: with a peak": (
        "services/search.json",
        {
            f"slo:bad:rate5m{{{SEARCH}}}": "1x60",
            f"slo:total:rate5m{{{SEARCH}}}": "4x60",
            f"slo:allowed:rate5m{{{SEARCH}}}": "1x60",
            f"slo:target:ratio{{{SEARCH}}}": "0.5x60",
        },
        {"$__range_s": str(MONTH // 4), "$__range": "1800s"},
        [(f"{{{SEARCH}}}", 0.75)],
    ),
    # What failed before the period began is not of it.
    "Budget burn-down": (
        "services/search.json",
        {
            f"slo:bad:rate5m{{{SEARCH}}}": "4x29 1x90",
            f"slo:total:rate5m{{{SEARCH}}}": "4x120",
            f"slo:target:ratio{{{SEARCH}}}": "0.5x120",
        },
        {"${__from:date:seconds}": "1800", "$__range": "3600s"},
        [(f"{{{SEARCH}}}", 1 - 0.25 / 0.5 * 1800 / MONTH)],
    ),
    "Availability": (
        "services/search.json",
        {f"slo:bad:rate5m{{{SEARCH}}}": "1x60", f"slo:total:rate5m{{{SEARCH}}}": "4x60"},
        {"$__range": "1800s"},
        [(f"{{{SEARCH}}}", 0.75)],
    ),
    "Budgets overspent": (
        "teams/checkout-team.json",
        infos()
        | {
            f"slo:budget_left:ratio{{{CHECKOUT}}}": "-1x60",
            'slo:budget_left:ratio{service="stock",slo="stock"}': "1x60",
            f"slo:budget_left:ratio{{{SEARCH}}}": "-1x60",
        },
        {},
        [("{}", 1)],
    ),
    "Objectives": ("organisation.json", infos(), {}, [("{}", 3)]),
    "Objectives without data": (
        "teams/checkout-team.json",
        infos() | {f"slo:total:rate5m{{{CHECKOUT}}}": "0x60"},
        {},
        [('{domain="sales",service="stock",slo="stock",team="checkout-team"}', 1)],
    ),
    "Objectives, least budget first": (
        "teams/checkout-team.json",
        # vmalert labels what it records by group.
        infos()
        | {f'slo:budget_left:ratio{{alertgroup="g",{x}}}': "0.5x60" for x in (CHECKOUT, SEARCH)},
        {},
        [('{domain="sales",service="checkout",slo="checkout",team="checkout-team"}', 0.5)],
    ),
    "Pages": (
        "teams/checkout-team.json",
        {
            f'ALERTS{{alertstate="{state}",severity="page",team="{team}"}}': "1x60"
            for state in ("firing", "pending")
            for team in ("checkout-team", "search-team")
        },
        {},
        [("{}", 1)],
    ),
    "Money at risk per hour: of the selection, in its currency, counted once": (
        "teams/checkout-team.json",
        {
            'andon_incidents_at_risk_per_hour{currency="GBP",service="stock",node="1"}': "100x60",
            'andon_incidents_at_risk_per_hour{currency="GBP",service="stock",node="2"}': "100x60",
            'andon_incidents_at_risk_per_hour{currency="CHF",service="checkout"}': "7x60",
            'andon_incidents_at_risk_per_hour{currency="GBP",service="search"}': "1000x60",
        },
        {},
        [("{}", 100)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_panel_answers(case: str, tmp_path: Path) -> None:
    path, series, variables, expected = CASES[case]
    expr = grafana.expression(DRAWN[path], case.partition(":")[0])
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": grafana.expanded(expr, variables),
                "eval_time": "60m",
                "exp_samples": [{"labels": labels, "value": value} for labels, value in expected],
            }
        ],
    }
    file = tmp_path / "test.yml"
    file.write_text(json.dumps({"evaluation_interval": "1m", "tests": [test]}))
    run(components.require("promtool"), "test", "rules", file)


@pytest.mark.parametrize("case", CASES)
def test_victoria_metrics_answers_the_same(case: str, victoria: str) -> None:
    path, series, variables, expected = CASES[case]
    # Each case has hours of its own, far enough from the next that none sees another's.
    began = int(clock.now().timestamp()) // 60 * 60 - (list(CASES).index(case) + 1) * 6 * 3600
    if since := variables.get("${__from:date:seconds}"):
        variables = variables | {"${__from:date:seconds}": str(began + int(since))}
    lines = [line for name, values in series.items() for line in samples(name, values, began)]
    with httpx2.Client(base_url=victoria, timeout=20) as client:
        body = "\n".join(lines) + "\n"
        client.post("/api/v1/import/prometheus", content=body).raise_for_status()
        client.get("/internal/force_flush").raise_for_status()
        expr = grafana.expression(DRAWN[path], case.partition(":")[0])
        asked = {"query": grafana.expanded(expr, variables), "time": str(began + 3600)}
        answer = client.get("/api/v1/query", params=asked).raise_for_status().json()
    found = [(each["metric"], float(each["value"][1])) for each in answer["data"]["result"]]
    wanted = [(dict(re.findall(r'(\w+)="([^"]*)"', labels)), value) for labels, value in expected]
    assert [labels for labels, _ in found] == [labels for labels, _ in wanted]
    assert [value for _, value in found] == pytest.approx([value for _, value in wanted])


def samples(name: str, values: str, began: int) -> Iterator[str]:
    """Yield promtool's short form, `4x29 1x90`, in Prometheus's text format, a minute apart."""
    at = began
    for value, more in re.findall(r"(\S+?)x(\d+)", values):
        for _ in range(int(more) + 1):
            yield f"{name} {value} {at * 1000}"
            at += 60
