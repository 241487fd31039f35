"""What the generated rules record, made by hand and put into a real VictoriaMetrics or Prometheus.

history = Recorded(start, end).of("checkout", bad=0.01, total=10)
history.load_into(victoria_metrics.url)
"""

import json
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from andon.budgets.types import Sums
from tests.support import components
from tests.support.components import Component

BAD, TOTAL = "slo:bad:rate5m", "slo:total:rate5m"
#: Rules are evaluated at some second of the minute, not at its start.
OFFSET = timedelta(seconds=23, milliseconds=456)
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))
#: Gives (bad, total) per second at an instant; None where nothing is recorded.
Shape = Callable[[datetime], tuple[float, float] | None]


@dataclass
class Recorded:
    """Measurements of objectives between two instants, one every so often."""

    start: datetime
    end: datetime
    every: timedelta = timedelta(minutes=1)
    offset: timedelta = OFFSET
    series: dict[tuple[str, str, str], list[tuple[int, float]]] = field(default_factory=dict)

    def of(
        self,
        slug: str,
        shape: Shape | None = None,
        *,
        bad: float = 0.0,
        total: float = 1.0,
        service: str = "",
    ) -> "Recorded":
        """Add an objective: of one shape, or the same all the time."""
        at = self.start + self.offset
        bads, totals = [], []
        while at < self.end:
            found = shape(at) if shape else (bad, total)
            if found is not None:
                stamp = round(at.timestamp() * 1000)
                bads.append((stamp, found[0]))
                totals.append((stamp, found[1]))
            at += self.every
        self.series[BAD, slug, service or slug] = bads
        self.series[TOTAL, slug, service or slug] = totals
        return self

    def also(self, name: str, slug: str, value: float, *, at: datetime) -> "Recorded":
        """Add a sample of another series."""
        rows = self.series.setdefault((name, slug, slug), [])
        rows.append((round(at.timestamp() * 1000), value))
        return self

    def sums(self, slug: str, *, start: datetime, end: datetime) -> Sums:
        """Return what `(start, end]` held, added up here."""
        low, high = start.timestamp() * 1000, end.timestamp() * 1000
        seconds = self.every.total_seconds()
        found = {}
        for name in (BAD, TOTAL):
            rows = next(v for k, v in self.series.items() if k[:2] == (name, slug))
            found[name] = [value for at, value in rows if low < at <= high]
        return Sums(sum(found[BAD]) * seconds, sum(found[TOTAL]) * seconds, len(found[TOTAL]))

    def load_into(self, url: str) -> None:
        """Put everything into a VictoriaMetrics, visible from the next question on."""
        for key, rows in self.series.items():
            name, slug, service = key
            line = {
                "metric": {"__name__": name, "slo": slug, "service": service},
                "values": [value for _, value in rows],
                "timestamps": [at for at, _ in rows],
            }
            if rows:
                _post(f"{url}/api/v1/import", json.dumps(line).encode())
        _post(f"{url}/internal/force_flush", b"")

    @contextmanager
    def prometheus(self, folder: Path, *, flags: Sequence[str] = ()) -> Iterator[Component]:
        """Run a Prometheus that has recorded all this."""
        self.blocks_in(folder / "blocks")
        port = components.free_port()
        (folder / "prometheus.yml").write_text("{}")
        command = [
            components.require("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'blocks'}",
            f"--web.listen-address={components.HOST}:{port}",
            "--storage.tsdb.retention.time=90d",
            *flags,
        ]
        ready = components.answers(f"http://{components.HOST}:{port}/-/ready")
        with components.running(command, port=port, ready=ready, folder=folder) as component:
            yield component

    def blocks_in(self, folder: Path) -> None:
        """Write Prometheus's own blocks into its data folder, before it starts."""
        lines = []
        names = sorted({name for name, _, _ in self.series})
        for name in names:
            lines.append(f"# TYPE {name} gauge")
            for (found, slug, service), rows in self.series.items():
                if found == name:
                    labels = f'{{slo="{slug}",service="{service}"}}'
                    lines += [f"{name}{labels} {value!r} {at / 1000:.3f}" for at, value in rows]
        text = folder.with_suffix(".om")
        text.write_text("\n".join([*lines, "# EOF", ""]).replace(" nan ", " NaN "))
        promtool = components.require("promtool")
        command = [promtool, "tsdb", "create-blocks-from", "openmetrics", text, folder]
        done = subprocess.run([str(one) for one in command], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


def _post(url: str, body: bytes) -> None:
    with _LOCAL.open(urllib.request.Request(url, data=body, method="POST"), timeout=30) as answer:
        assert answer.status < 300
