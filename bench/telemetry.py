"""Telemetry as code: generating rules, and what the generated ones cost to evaluate.

The peer of generation is promtool merely checking the same files; both in seconds of CPU, so that
other work on the machine does not decide. The peers of a long window are
what others generate for it: the raw counters over the whole window, and the mean of five-minute
ratios, which is cheap and wrong wherever traffic is uneven.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from andon.slo.types import Evaluator
from andon.telemetry.rules import render
from andon.telemetry.rules.generate import groups
from bench.table import Row
from tests.support import components
from tests.support.estates import estate, many, subject

#: What is wanted, in seconds and MiB.
LIMITS = {1000: 0.5, 5000: 3.0}
MOST_MEMORY = 500
SERIES = 400
DAYS = 3
STEP = 30
TURNS = 7


def main() -> list[Row]:
    """Return what generation and evaluation cost."""
    rows: list[Row] = []
    for count, limit in LIMITS.items():
        rows += _generation(count, limit)
    return rows + _evaluation()


def _generation(count: int, limit: float) -> list[Row]:
    """Measure in a process of its own, so that memory is that of generation."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, __file__, str(count), name]
        found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        checking = _checking(Path(name))
        dry_run = _dry_run(Path(name))
    rows = []
    for engine, seconds in found["seconds"].items():
        rows.append(
            Row(
                f"{count:,} SLOs, {found['rules']:,} rules, {engine}; peer: promtool checks",
                seconds,
                "s",
                checking or None,
                seconds / checking if checking else None,
                f"below {limit} s",
                seconds < limit,
            )
        )
    if dry_run is not None:
        name = f"{count:,} SLOs, vmalert -dryRun of the same model"
        rows.append(Row(name, dry_run, "s", None, None, "accepted", ok=True))
    memory = found["memory"]
    rows.append(
        Row(
            f"{count:,} SLOs, memory of the process",
            memory,
            "MiB",
            None,
            None,
            f"below {MOST_MEMORY}",
            memory < MOST_MEMORY,
        )
    )
    return rows


def _checking(folder: Path) -> float:
    program = components.find("promtool")
    if program is None:
        return 0.0
    files = sorted(folder.glob("prometheus/rules/*.yml"))
    before = _children()
    subprocess.run([program, "check", "rules", *files], capture_output=True, check=True)
    return _children() - before


def _dry_run(folder: Path) -> float | None:
    """Return how long vmalert reads the same model; raise when it refuses a file."""
    program = components.find("vmalert")
    if program is None:
        return None
    before = _children()
    command = [program, "-dryRun", f"-rule={folder}/vmalert/rules/*.yml", "-loggerLevel=ERROR"]
    subprocess.run(command, capture_output=True, check=True)
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _generate(count: int, folder: Path) -> None:
    """Generate, write the rules, and print what it took."""
    made = many(count)
    seconds, every = {}, []
    for engine in (Evaluator.VMALERT, Evaluator.PROMETHEUS):
        started = time.process_time()
        files = render.rule_files(estate=made, engine=engine)
        seconds[engine.value] = time.process_time() - started
        every += files
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rules = sum(text.text.count("\n        expr: ") for text in files)
    for file in every:
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.text, encoding="utf-8")
    print(json.dumps({"seconds": seconds, "memory": memory, "rules": rules}))


def _evaluation() -> list[Row]:
    """Ask a VictoriaMetrics for the three-day window, each in its shape."""
    if components.find("victoria-metrics") is None:
        return []
    with (
        tempfile.TemporaryDirectory() as name,
        components.victoria_metrics(Path(name)) as metrics,
    ):
        now = int(time.time()) // 60 * 60
        _fill(metrics.url, now)
        return _compared(metrics.url, now)


def _compared(url: str, now: int) -> list[Row]:
    selector = 'http_requests_total{service="checkout"%s}[3d]'
    bad, total = (selector % one for one in (',code="500"', ""))
    raw = f"sum(rate({bad})) / sum(rate({total}))"
    mean = "sum_over_time(sloth:ratio5m[3d]) / count_over_time(sloth:ratio5m[3d])"
    made = groups(estate=estate(subject("checkout")), engine=Evaluator.VMALERT)["checkout"]
    ours = next(r.expr for g in made for r in g.rules if r.name == "slo:error_ratio:3d")
    took: dict[str, list[float]] = {ours: [], raw: [], mean: []}
    values = {}
    for _ in range(TURNS):
        for query, times in took.items():
            started = time.perf_counter()
            values[query] = _ask(url, query, now)
            times.append((time.perf_counter() - started) * 1000)
    cost, of_raw, of_mean = (median(took[query]) for query in (ours, raw, mean))
    wrong = abs(values[mean] / values[raw] - 1)
    off = abs(values[ours] / values[raw] - 1)
    return [
        Row("3 days, generated; peer: raw counters of 400 series", cost, "ms", of_raw,
            of_raw / cost, "a fifth at most", cost < of_raw / 5),
        Row("3 days, generated; peer: mean of 5-minute ratios", cost, "ms", of_mean,
            cost / of_mean, "3 times at most", cost < of_mean * 3),
        Row("its error against the raw counters; peer: that mean's", off * 100, "%", wrong * 100,
            None, "below 1%", off < 0.01),
    ]  # fmt: skip


def _fill(url: str, now: int) -> None:
    """Back-fill a day's rhythm of traffic with errors at night, raw and recorded."""
    start = now - DAYS * 86_400 - 600
    times = list(range(start, now + 1, STEP))
    good, bad, totals, bads = 0.0, 0.0, [], []
    for at in times:
        rate = 10.0 if (at % 86_400) > 28_800 else 0.5
        share = 0.0005 if rate > 1 else 0.02
        good, bad = good + rate * STEP * (1 - share), bad + rate * STEP * share
        totals.append(good)
        bads.append(bad)
    stamps = [at * 1000 for at in times]
    lines = []
    for number in range(SERIES):
        code, values = ("500", bads) if number % 2 else ("200", totals)
        labels = {"__name__": "http_requests_total", "service": "checkout", "code": code,
                  "instance": f"i{number}"}  # fmt: skip
        lines.append(json.dumps({"metric": labels, "values": values, "timestamps": stamps}))
    _import(url, lines)
    _record(url, times, good_bad=list(zip(totals, bads, strict=True)))


def _record(url: str, times: list[int], *, good_bad: list[tuple[float, float]]) -> None:
    """Back-fill what the recording rules would have recorded each minute."""
    back, half = 300 // STEP, SERIES // 2
    series: dict[str, list[float]] = {"slo:bad:rate5m": [], "slo:total:rate5m": [], "ratio": []}
    stamps = []
    for index in range(back, len(times), 60 // STEP):
        good = (good_bad[index][0] - good_bad[index - back][0]) * half / 300
        bad = (good_bad[index][1] - good_bad[index - back][1]) * half / 300
        stamps.append(times[index] * 1000)
        for name, value in zip(series, (bad, good + bad, bad / (good + bad)), strict=True):
            series[name].append(value)
    labels = {"slo": "checkout", "service": "checkout"}
    series["sloth:ratio5m"] = series.pop("ratio")
    lines = [
        json.dumps({"metric": {"__name__": name, **labels}, "values": values, "timestamps": stamps})
        for name, values in series.items()
    ]
    _import(url, lines)


def _import(url: str, lines: list[str]) -> None:
    body = "\n".join(lines).encode()
    urllib.request.urlopen(urllib.request.Request(f"{url}/api/v1/import", body)).read()
    urllib.request.urlopen(f"{url}/internal/force_flush").read()


def _ask(url: str, query: str, at: int) -> float:
    asked = urllib.parse.urlencode({"query": query, "time": at, "nocache": 1})
    with urllib.request.urlopen(f"{url}/api/v1/query?{asked}") as answer:
        return float(json.load(answer)["data"]["result"][0]["value"][1])


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _generate(int(sys.argv[1]), Path(sys.argv[2]))
    else:
        for row in main():
            print(row)
