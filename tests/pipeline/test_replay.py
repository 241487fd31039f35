"""vmalert replays a day of back-filled VictoriaMetrics through the generated rules."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from andon.core import clock
from andon.slo.types import Evaluator
from andon.telemetry.rules import render
from tests.support import components
from tests.support.estates import estate, objective, subject

pytestmark = pytest.mark.components

STEP = 30
HOUR = 3600
HEALTHY, FAULT, AFTER = 7 * HOUR, 3 * HOUR, 2 * HOUR
RATIO = 0.02
RATE = 10.0


def backfill(url: str, start: int) -> None:
    """Write the counters of a service that fails 2% of its requests for three hours."""
    good, bad = [], []
    ok = failed = 0.0
    times = list(range(start, start + HEALTHY + FAULT + AFTER, STEP))
    for at in times:
        share = RATIO if HEALTHY <= at - start < HEALTHY + FAULT else 0.0
        ok, failed = ok + RATE * STEP * (1 - share), failed + RATE * STEP * share
        good.append(ok)
        bad.append(failed)
    lines = [
        json.dumps(
            {
                "metric": {"__name__": "http_requests_total", "service": "checkout", "code": code},
                "values": values,
                "timestamps": [at * 1000 for at in times],
            }
        )
        for code, values in (("200", good), ("500", bad))
    ]
    httpx2.post(f"{url}/api/v1/import", content="\n".join(lines)).raise_for_status()
    flush(url)


def flush(url: str) -> None:
    httpx2.get(f"{url}/internal/force_flush").raise_for_status()


def replay(url: str, folder: Path, start: int) -> None:
    made = estate(
        subject("checkout", scrape_job=""),
        objectives=(objective("checkout", without=frozenset({"ticket-fast", "ticket-slow"})),),
    )
    (file,) = render.rule_files(estate=made, engine=Evaluator.VMALERT)
    rules = folder / "rules.yml"
    rules.write_text(file.text, encoding="utf-8")
    begin, end = (
        datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for at in (start, start + HEALTHY + FAULT + AFTER)
    )
    command = [
        components.require("vmalert"),
        f"-rule={rules}",
        f"-datasource.url={url}",
        f"-remoteWrite.url={url}",
        "-remoteWrite.flushInterval=50ms",
        f"-replay.timeFrom={begin}",
        f"-replay.timeTo={end}",
        # A rule that reads what an earlier one recorded must find it in VictoriaMetrics.
        "-replay.rulesDelay=1100ms",
        "-replay.maxDatapointsPerQuery=100000",
        # A replay steps by this, whatever the interval of a group.
        "-datasource.queryStep=1m",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    flush(url)


def firing(url: str, alert: str, start: int) -> list[float]:
    """Return at which minutes after the fault an alert was firing."""
    query = f'ALERTS{{alertname="{alert}",alertstate="firing"}}[1d]'
    at = start + HEALTHY + FAULT + AFTER
    answer = httpx2.get(f"{url}/api/v1/query", params={"query": query, "time": at})
    found = answer.raise_for_status().json()["data"]["result"]
    moments = {moment for one in found for moment, value in one["values"] if float(value) == 1}
    return sorted((moment - start - HEALTHY) / 60 for moment in moments)


def test_two_percent_for_three_hours_pages_and_falls_silent_as_the_formulas_say(
    tmp_path: Path,
) -> None:
    start = (int(clock.now().timestamp()) - HEALTHY - FAULT - AFTER - 600) // 60 * 60
    with components.victoria_metrics(tmp_path) as metrics:
        backfill(metrics.url, start)
        replay(metrics.url, tmp_path, start)
        fast = firing(metrics.url, "SloPageFast", start)
        slow = firing(metrics.url, "SloPageSlow", start)
        assert not firing(metrics.url, "SloNoData", start)[5:], "the counters were there"
    # 43.2 and 108 minutes, 1.4 and 21 after the end; a minute's ticks, averages over five.
    assert fast[0] == pytest.approx(43.2, abs=1.5)
    assert fast[-1] == pytest.approx(FAULT / 60 + 1.4, abs=1.5)
    assert slow[0] == pytest.approx(108 + 2.5, abs=2.5)
    assert slow[-1] == pytest.approx(FAULT / 60 + 21 + 2.5, abs=2.5)
