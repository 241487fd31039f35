"""Error budgets of 5,000 services, read from a real VictoriaMetrics into a SQLite file.

The peer is the same questions over the same connection with nothing done to the answers: what is
above 1 is Andon's own work, which is reading JSON, arithmetic and writing rows. Windows are of a
day with a measurement every five minutes, two of them back-filled: with more the questions take
longer and Andon's part is smaller.
"""

import contextlib
import json
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.portal import start
from bench.table import Row
from tests.support import components

SERVICES, SLUG = 5_000, "service-{:05d}"
WINDOW, EVERY = timedelta(days=1), timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
TURNS = 3
#: A minute's reading may take so much longer than the questions alone, and so many seconds; the
#: first one, which writes a burn-down of half a million points, happens once.
MOST_RATIO, MOST_SECONDS, FIRST_SECONDS = 6.0, 20.0, 120.0


def main() -> list[Row]:
    """Return how long the first reading takes, with history, and one of every minute."""
    with (
        tempfile.TemporaryDirectory(prefix="andon-bench-") as home,
        contextlib.ExitStack() as stack,
    ):
        start(home)
        vm = stack.enter_context(components.victoria_metrics(Path(home), flags=()))
        return _measured(vm.url)


def _measured(url: str) -> list[Row]:
    now = datetime.now(UTC).replace(second=40)
    fill(url, now)
    _declare(now)
    rows, asked = [], []
    minutes = [now + MINUTE * n for n in range(1, TURNS + 1)]
    for name, times, most in (
        ("first reading with its history", [now], FIRST_SECONDS),
        ("a minute's reading", minutes, MOST_SECONDS),
    ):
        found = [_refresh(url, at) for at in times]
        ours = min(seconds for seconds, _, _ in found)
        asked, statements = found[-1][1], found[-1][2]
        bare = min(_replayed(url, asked) for _ in times)
        is_first = most == FIRST_SECONDS
        wanted = f"< {most:.0f} s" + ("" if is_first else f" and < {MOST_RATIO:.0f} x")
        rows.append(
            Row(
                f"{SERVICES:,} budgets, {name}; {len(asked)} questions, {statements} statements; "
                "peer: the questions alone",
                ours,
                "s",
                bare,
                ours / bare,
                wanted,
                ours < most and (is_first or ours / bare < MOST_RATIO),
            )
        )
    return rows


def fill(url: str, now: datetime, *, services: int = SERVICES, slug: str = SLUG) -> None:
    """Put two windows of measurements of every service into VictoriaMetrics."""
    count = 2 * WINDOW // EVERY
    stamps = [round((now - EVERY * n).timestamp() * 1000) for n in range(count)]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for first in range(0, services, 250):
        lines = [
            json.dumps(
                {
                    "metric": {"__name__": f"slo:{what}:rate5m", "slo": slug, "service": slug},
                    "values": [value] * count,
                    "timestamps": stamps,
                }
            )
            for slug in map(slug.format, range(first, first + 250))
            for what, value in (("bad", 0.01), ("total", 20.0))
        ]
        body = "\n".join(lines).encode()
        opener.open(f"{url}/api/v1/import", data=body, timeout=60).close()
    opener.open(f"{url}/internal/force_flush", data=b"", timeout=60).close()


def _declare(now: datetime) -> None:
    from andon.slo.models import Declaration  # noqa: PLC0415
    from andon.slo.rules.documents.stored import objective_document  # noqa: PLC0415 - Django is set up now
    from tests.support import factories as make  # noqa: PLC0415
    from tests.support.estates import objective  # noqa: PLC0415

    service = make.service("checkout")
    Declaration.objects.bulk_create(
        Declaration(
            kind="slo",
            slug=_slug(number),
            service=service,
            document=objective_document(objective(_slug(number), window=WINDOW)),
            created_at=now,
        )
        for number in range(SERVICES)
    )


def _refresh(url: str, now: datetime) -> tuple[float, list[tuple[str, dict[str, str]]], int]:
    """Read all budgets; return the seconds, what was asked, and the statements it took."""
    from django.db import connection  # noqa: PLC0415 - Django is set up now
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from andon.budgets.actions import readings  # noqa: PLC0415
    from andon.catalogue.types import TelemetryRules  # noqa: PLC0415
    from andon.integrations.prometheus.client import PrometheusClient  # noqa: PLC0415
    from andon.integrations.prometheus.queries import Queries  # noqa: PLC0415
    from andon.slo import queries  # noqa: PLC0415

    asked: list[tuple[str, dict[str, str]]] = []

    class Noting(PrometheusClient):
        def post(self, path: str, form: Any = ()) -> Any:
            asked.append((path, dict(form)))
            return super().post(path, form)

    with contextlib.closing(Noting(url=url)) as client, CaptureQueriesContext(connection) as sql:
        began = time.perf_counter()
        done = readings.refresh(
            objectives=queries.declarations().values(),
            telemetry=TelemetryRules(slow_interval=EVERY),
            measurements=Queries(client),
            now=now,
        )
        took = time.perf_counter() - began
    if done.read != SERVICES:
        raise RuntimeError(f"{done.read} of {SERVICES} budgets were read: {done.error}")
    return took, asked, len(sql)


def _replayed(url: str, asked: list[tuple[str, dict[str, str]]]) -> float:
    """Return the seconds that the same questions take alone."""
    from andon.integrations.egress.tools import Tool  # noqa: PLC0415

    with contextlib.closing(Tool(name="bare", url=url)) as tool:
        began = time.perf_counter()
        for path, form in asked:
            tool.post(path, form)
        return time.perf_counter() - began


def _slug(number: int) -> str:
    return SLUG.format(number)


if __name__ == "__main__":
    for row in main():
        print(row)
