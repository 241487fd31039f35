"""What generated expressions answer on a real VictoriaMetrics, kind by kind."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from andon.catalogue.types import Closures, TargetWindow, TelemetryRules
from andon.core import clock
from andon.core.periods import Period
from andon.slo.types import Budgeting, Evaluator, Indicator, IndicatorKind, Objective, TimeSlice
from andon.telemetry.rules import generate
from tests.rules.telemetry.test_generate import (
    EXPRESSION,
    GAUGES,
    GOOD,
    JOURNEY,
    PROBE,
    RAW,
    SUCCESS,
)
from tests.support import components
from tests.support.estates import counters, estate, objective, subject

pytestmark = pytest.mark.components

STEP = 15
LENGTH = 2 * 3600
#: What a quarter of bad events looks like in each kind's own series, per step or as a gauge.
COUNTERS = {
    'http_requests_total{service="checkout",code="200"}': 75.0,
    'http_requests_total{service="checkout",code="500"}': 25.0,
    'ok_total{s="checkout"}': 75.0,
    'a_total{x="1"}': 10.0,
    "b_total": 15.0,
    "t_total": 100.0,
    'http_requests_total{service="calm",code="200"}': 100.0,
    'http_requests_total{service="idle",code="200"}': 0.0,
    'http_requests_total{service="broken",code="500"}': 100.0,
}
VALUES = {"failed": 5.0, "every": 20.0, 'ratio{s="x"}': 0.25, "a": 3.0, "b": 4.0}
CALM, IDLE = counters("calm"), counters("idle")
BROKEN = Indicator(
    IndicatorKind.RATIO,
    good='http_requests_total{service="broken",code="200"}',
    total='http_requests_total{service="broken"}',
)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Run a VictoriaMetrics that knows two hours; return its address and when they end."""
    end = int(clock.now().timestamp()) // 60 * 60 - 60
    times = list(range(end - LENGTH, end + 1, STEP))
    series = {name: [rate * n for n in range(len(times))] for name, rate in COUNTERS.items()}
    series |= {name: [value] * len(times) for name, value in VALUES.items()}
    # One probe in four fails.
    series['probe_success{i="x"}'] = [float(n % 4 != 0) for n in range(len(times))]
    lines = []
    for name, values in series.items():
        metric, _, rest = name.partition("{")
        pairs = (pair.split("=") for pair in rest.rstrip("}").split(",") if pair)
        labels = {"__name__": metric, **{key: value.strip('"') for key, value in pairs}}
        stamps = [at * 1000 for at in times]
        lines.append(json.dumps({"metric": labels, "values": values, "timestamps": stamps}))
    with components.victoria_metrics(tmp_path_factory.mktemp("vm")) as running:
        httpx2.post(f"{running.url}/api/v1/import", content="\n".join(lines)).raise_for_status()
        httpx2.get(f"{running.url}/internal/force_flush").raise_for_status()
        yield running.url, end


def ask(metrics: tuple[str, int], expr: str, *, at: int | None = None) -> float | None:
    url, end = metrics
    asked = {"query": expr, "time": str(at or end), "nocache": "1"}
    answer = httpx2.get(f"{url}/api/v1/query", params=asked).raise_for_status()
    found = answer.json()["data"]["result"]
    assert len(found) <= 1, f"one objective is one series: {expr}"
    return float(found[0]["value"][1]) if found else None


def rules(one: Objective, **changes: object) -> dict[str, str]:
    made = estate(
        subject("checkout"),
        objectives=(one,),
        rules=TelemetryRules(**changes),  # type: ignore[arg-type]
    )
    groups = generate.groups(estate=made, engine=Evaluator.VMALERT)["checkout"]
    return {rule.name: rule.expr for group in groups for rule in group.rules}


def of(indicator: Indicator, **changes: object) -> dict[str, str]:
    return rules(objective("checkout", indicator=indicator, **changes))


@pytest.mark.parametrize(
    ("indicator", "bad", "total"),
    [
        (counters("checkout"), 25 / STEP, 100 / STEP),
        (GOOD, 25 / STEP, 100 / STEP),
        (EXPRESSION, 25 / STEP, 100 / STEP),
        (GAUGES, 5 / STEP, 20 / STEP),
        (RAW, 0.25, 1),
        (SUCCESS, 0.25, 1),
        (PROBE, 0.25, 1),
        # 1 x 25% and 0.5 x 25%.
        (JOURNEY, 0.375, 1),
    ],
    ids=["bad", "good", "expression", "gauges", "raw", "success", "probe", "journey"],
)
def test_each_kind_records_bad_and_total_and_pages(metrics, indicator, bad, total):
    found = of(indicator)
    # An edge of a window may hold one sample more.
    assert ask(metrics, found["slo:bad:rate5m"]) == pytest.approx(bad, rel=0.06)
    assert ask(metrics, found["slo:total:rate5m"]) == pytest.approx(total, rel=0.06)
    assert ask(metrics, found["SloPageFast"]) == pytest.approx(bad / total, rel=0.06)
    assert ask(metrics, found["SloNoData"]) is None


@pytest.mark.parametrize(
    ("method", "bad"),
    [(Budgeting.TIMESLICES, 1), (Budgeting.RATIO_TIMESLICES, 0.25)],
)
@pytest.mark.parametrize("indicator", [counters("checkout"), GOOD], ids=["bad", "good"])
def test_slices_count_time(metrics, indicator, method, bad):
    slices = TimeSlice(timedelta(minutes=1), 990_000)
    found = of(indicator, budgeting=method, slices=slices)
    assert ask(metrics, found["slo:bad:rate5m"]) == pytest.approx(bad, rel=0.06)
    assert ask(metrics, found["slo:total:rate5m"]) == 1


@pytest.mark.parametrize("method", Budgeting)
def test_a_service_that_never_counted_an_error_has_a_ratio_of_nothing(metrics, method):
    found = of(CALM, budgeting=method)
    assert ask(metrics, found["slo:total:rate5m"]) is not None
    assert ask(metrics, found["SloPageFast"]) is None
    if method is not Budgeting.OCCURRENCES:
        assert ask(metrics, found["slo:bad:rate5m"]) == 0
    else:
        # Nothing recorded a total here: stand in for it.
        recorded = 'sum(slo:total:rate5m{slo="checkout"})'
        bad = found["slo:bad:rate5m"].replace(recorded, "vector(7)")
        assert ask(metrics, bad) == 0


def test_a_service_that_never_counted_a_good_event_pages(metrics):
    found = of(BROKEN)
    assert ask(metrics, found["slo:bad:rate5m"]) == pytest.approx(100 / STEP, rel=0.06)
    assert ask(metrics, found["SloPageFast"]) == 1


def test_no_traffic_is_no_alert_and_no_measurement_is_one(metrics):
    idle = of(IDLE)
    assert ask(metrics, idle["SloPageFast"]) is None
    assert ask(metrics, idle["SloNoData"]) is None
    gone = of(counters("gone"))
    assert ask(metrics, gone["SloPageFast"]) is None
    assert ask(metrics, gone["SloNoData"]) == 1
    assert ask(metrics, of(replace(RAW, query="gone"))["SloNoData"]) == 1
    assert ask(metrics, of(replace(PROBE, query="gone"))["SloNoData"]) == 1


def test_few_bad_events_page_only_from_the_number_that_was_asked_for(metrics):
    hour = 25 * 3600 // STEP
    one = objective("checkout")
    for indicator in (counters("checkout"), GOOD):
        some = replace(one, indicator=indicator)
        below = rules(some, least_bad_events=round(hour * 0.9))
        above = rules(some, least_bad_events=round(hour * 1.1))
        assert ask(metrics, below["SloPageFast"]) is not None
        assert ask(metrics, above["SloPageFast"]) is None


def test_the_target_in_force_is_the_peaks_within_it(metrics):
    _, end = metrics
    middle = datetime.fromtimestamp(end - LENGTH // 2, UTC)
    peak = TargetWindow(999_900, middle, middle + timedelta(minutes=10), "peak")
    found = of(counters("checkout"), peaks=(peak,))["slo:target:ratio"]
    begins = int(middle.timestamp())
    assert ask(metrics, found, at=begins - 1) == 0.999
    assert ask(metrics, found, at=begins) == 0.9999
    assert ask(metrics, found, at=begins + 599) == 0.9999
    assert ask(metrics, found, at=begins + 600) == 0.999


def test_an_excluded_closure_is_not_recorded_nor_alerted(metrics):
    _, end = metrics
    until = datetime.fromtimestamp(end - 3600, UTC)
    closure = Period(until - timedelta(minutes=30), until)
    made = estate(
        subject("checkout", closures=(closure,)),
        rules=TelemetryRules(closures=Closures.EXCLUDED),
    )
    groups = generate.groups(estate=made, engine=Evaluator.VMALERT)["checkout"]
    found = {rule.name: rule.expr for group in groups for rule in group.rules}
    for name in ("slo:total:rate5m", "SloPageFast"):
        assert ask(metrics, found[name], at=end - 3600 - 60) is None
        assert ask(metrics, found[name], at=end - 3600 + 200) is None
        assert ask(metrics, found[name], at=end - 3600 + 300) is not None
