"""From the alert being on disk (when its sender gets the 202) to its message being handed over.

The whole stack in one process on a database of its own: receive, route, escalate, claim, send. Only
the transport is ours: it notes the time. The senders' HTTP is measured by `bench.intake`.
"""
# ruff: noqa: PLC0415 - Django is set up by the child process, with a home of its own

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.table import Row

ROOT = Path(__file__).resolve().parent.parent
STORMS = ((1000, 1.0), (5000, 4.0))
IDLE, TEAMS = 50, 50


def main() -> list[Row]:
    """Return idle latency and the last first page of two storms, each on a fresh database."""
    rows: list[Row] = []
    for case in ("idle", *(str(count) for count, _ in STORMS)):
        with tempfile.TemporaryDirectory(prefix="andon-bench-") as home:
            env = {**os.environ, "ANDON_HOME": home, "ANDON_LOG": "json", "ANDON_DATABASE_URL": ""}
            env["DJANGO_SETTINGS_MODULE"] = "andon.project.settings"
            done = subprocess.run(
                [sys.executable, "-m", "bench.latency", case],
                env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=180,
            )  # fmt: skip
            rows += [Row(**row) for row in json.loads(done.stdout.strip().splitlines()[-1])]
    return rows


class Clockwork:
    """A transport that notes when each page was handed to it first."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.change = threading.Condition()

    def send(self, message: Any, now: datetime) -> Any:  # noqa: ARG002 - the port's shape
        """Note the time."""
        from andon.paging.types import Receipt

        with self.change:
            self.first.setdefault(str(message.data["page"]), time.perf_counter())
            self.change.notify_all()
        return Receipt()

    def wait_for(self, count: int, timeout: float = 60.0) -> None:
        """Wait until so many pages were handed over."""
        with self.change:
            if not self.change.wait_for(lambda: len(self.first) >= count, timeout):
                raise TimeoutError(f"{len(self.first)} of {count} pages were handed over")


def _child(case: str) -> list[Row]:
    import django

    django.setup()
    from django.core.management import call_command

    from andon.engine.run import Engine

    call_command("migrate", verbosity=0)
    count = IDLE if case == "idle" else int(case)
    catalogue(count)
    transport = Clockwork()
    kinds = ("email", "ntfy", "webhook")
    engine = Engine(node="bench", transports=dict.fromkeys(kinds, transport))
    engine.start()
    try:
        time.sleep(1.5)  # the engine's first cycle is not what is measured
        return _idle(engine, transport) if case == "idle" else _storm(engine, transport, count)
    finally:
        engine.stop()


def _idle(engine: Any, transport: Clockwork) -> list[Row]:
    took = []
    for n in range(IDLE):
        accepted = receive(engine, [n])
        transport.wait_for(n + 1)
        took.append((max(transport.first.values()) - accepted) * 1000)
        time.sleep(0.2)  # idle: the paperwork of the last one is done
    took.sort()
    p50, p99 = statistics.median(took), took[int(len(took) * 0.99) - 1]
    return [
        Row("alert accepted to message handed over, idle, p50", p50, "ms", None, None, "", ok=True),
        Row(
            "alert accepted to message handed over, idle, p99",
            p99, "ms", None, None, "< 50 ms", ok=p99 < 50,
        ),
    ]  # fmt: skip


def _storm(engine: Any, transport: Clockwork, count: int) -> list[Row]:
    first = time.perf_counter()
    for start in range(0, count, 100):
        receive(engine, range(start, start + 100))
    transport.wait_for(count)
    last = max(transport.first.values()) - first
    target = dict(STORMS)[count]
    return [
        Row(
            f"storm of {count:,} services at once, last first page",
            last, "s", None, None, f"<= {target:g} s", ok=last <= target,
        )
    ]  # fmt: skip


def receive(engine: Any, numbers: Any) -> float:
    """Store one request's alerts, wake the engine and return when they were on disk."""
    from andon.alerts import actions as alerts
    from andon.alerts.types import Action, KnownKey, ReceivedAlert, Severity
    from andon.core import clock

    now = clock.now()
    key = KnownKey(1, "generic", "bench", None, None, 0)
    received = [
        ReceivedAlert(
            action=Action.TRIGGER,
            dedup_key=f"bench-{n}",
            severity=Severity.CRITICAL,
            summary="availability is below target",
            service_ref=f"service-{n}",
            starts_at=now,
        )
        for n in numbers
    ]
    alerts.receive(received=[(key, one) for one in received], raw=[], now=now)
    accepted = time.perf_counter()
    engine.wake()
    return accepted


def catalogue(count: int) -> None:
    """Make services owned by teams whose rotas always cover them."""
    from django.db import transaction

    from andon.catalogue.models import AvailabilityTarget, Service
    from tests.support import factories

    with transaction.atomic():
        factories.key()
        teams = []
        for n in range(TEAMS):
            person = factories.person(f"person-{n}")
            team = factories.team(f"team-{n}", members=[person])
            factories.rota(f"rota-{n}", of=team, people=[person])
            teams.append(team)
        made = Service.objects.bulk_create(
            Service(
                slug=f"service-{n}", title=f"Service {n}", owner=teams[n % TEAMS],
                exposure_minor=10_000_000, exposure_currency="GBP",
            )
            for n in range(count)
        )  # fmt: skip
        AvailabilityTarget.objects.bulk_create(
            AvailabilityTarget(service=one, ppm=999_000, starts_at=factories.NOW.replace(month=1))
            for one in made
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps([asdict(row) for row in _child(sys.argv[1])]))
    else:
        for line in main():
            print(line)
