"""What a page waits for while a duty of the same engine works on thousands of services.

From the alert being on disk to its message being handed over, as `bench.latency` measures it, one
alert at a time: without a duty, while the duty `telemetry` generates everything and brings it into
force, and while `budgets` reads error budgets from a real VictoriaMetrics. The peer is the first.
"""
# ruff: noqa: PLC0415 - Django is set up by the child process, with a home of its own

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import budgets, latency
from bench.table import Row
from tests.support import components

ROOT = Path(__file__).resolve().parent.parent
CASES = (("none", 1000), ("telemetry", 1000), ("telemetry", 5000), ("budgets", 5000))
#: Pages that are measured while a duty works: at most so many, and this far apart.
MOST, APART = 400, 0.15
P99_MS = 150


def main() -> list[Row]:
    """Return the latency of pages beside each duty, on a fresh database each."""
    rows: list[Row] = []
    for duty, count in CASES:
        with tempfile.TemporaryDirectory(prefix="andon-bench-") as home, ExitStack() as stack:
            env = {**os.environ, "ANDON_HOME": home, "ANDON_LOG": "json", "ANDON_DATABASE_URL": ""}
            env["DJANGO_SETTINGS_MODULE"] = "andon.project.settings"
            if duty == "telemetry":
                env["ANDON_TELEMETRY_DIR"] = f"{home}/telemetry"
            if duty == "budgets":
                vm = stack.enter_context(components.victoria_metrics(Path(home), flags=()))
                env["ANDON_PROMETHEUS_URL"] = vm.url
            done = subprocess.run(
                [sys.executable, "-m", "bench.duties", duty, str(count)],
                env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=900,
            )  # fmt: skip
            rows.append(Row(**json.loads(done.stdout.strip().splitlines()[-1])))
    alone = rows[0].measured
    return [replace(row, peer=alone, ratio=row.measured / alone) for row in rows]


def _child(duty: str, count: int) -> Row:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from andon.core import clock
    from andon.engine.run import Engine

    call_command("migrate", verbosity=0)
    latency.catalogue(count)
    _declare()
    if duty == "budgets":
        url, now = settings.ENV.prometheus_url, clock.now().replace(second=40)
        budgets.fill(url, now, services=count, slug="service-{}")
    transport = latency.Clockwork()
    engine = Engine(node="bench", transports=dict.fromkeys(("email", "ntfy", "webhook"), transport))
    _let_begin_in(5)
    engine.start()
    try:
        time.sleep(2)  # the engine's first cycle is not what is measured
        return _measured(engine, transport, duty, count)
    finally:
        engine.stop()


def _measured(engine: Any, transport: latency.Clockwork, duty: str, count: int) -> Row:
    from andon.core.models import TurnLease

    took: list[float] = []
    while duty != "none" and not TurnLease.objects.filter(name=duty).exclude(lease_until=None):
        time.sleep(0.05)
    started = time.perf_counter()
    while len(took) < MOST and not _is_done(duty, len(took)):
        accepted = latency.receive(engine, [len(took)])
        transport.wait_for(len(took) + 1)
        took.append((max(transport.first.values()) - accepted) * 1000)
        time.sleep(APART)
    seconds = time.perf_counter() - started
    took.sort()
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99) - 1]
    words = "no duty" if duty == "none" else f"{duty} of {count:,} services works ({seconds:.0f} s)"
    return Row(
        f"alert accepted to message handed over while {words}; {len(took)} pages, "
        f"p50 {p50:.0f}, longest {took[-1]:.0f} ms; p99",
        p99, "ms", None, None, f"< {P99_MS} ms", ok=p99 < P99_MS,
    )  # fmt: skip


def _let_begin_in(seconds: int) -> None:
    """Let the duties look for work some seconds from now."""
    from andon.core import clock
    from andon.core.models import TurnLease

    later = clock.now() + timedelta(seconds=seconds - 1)
    TurnLease.objects.bulk_create(
        TurnLease(name=name, next_at=later) for name in ("telemetry", "budgets")
    )


def _is_done(duty: str, pages: int) -> bool:
    from andon.core.models import StageBeat

    if duty == "none":
        return pages >= latency.IDLE
    return StageBeat.objects.filter(stage=duty).exists()


def _declare() -> None:
    from andon.catalogue.models import Service
    from andon.core import clock
    from andon.slo.models import Declaration
    from andon.slo.rules.documents.stored import objective_document
    from tests.support.estates import objective

    Declaration.objects.bulk_create(
        Declaration(
            kind="slo",
            slug=service.slug,
            service=service,
            document=objective_document(objective(service.slug, window=budgets.WINDOW)),
            created_at=clock.now(),
        )
        for service in Service.objects.filter(slug__startswith="service-")
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(asdict(_child(sys.argv[1], int(sys.argv[2])))))
    else:
        for line in main():
            print(line)
