"""Storms of a real Alertmanager, and large groups: taken whole, and nobody else waits for them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support import components
from tests.support.installation import (
    Installation,
    Mailbox,
    eventually,
    installation,
    mailbox,
    write_catalogue,
)

pytestmark = [pytest.mark.components, pytest.mark.timeout(600)]

GROUPS = 4000
SERVICES = 40
CONFIG = """
route:
  receiver: andon
  group_by: ["..."]
  group_wait: 0s
  group_interval: 5m
receivers:
  - name: andon
    webhook_configs:
      - url: {url}/hooks/alertmanager/
        http_config:
          authorization:
            credentials: {key}
"""


@contextmanager
def running(folder: Path) -> Iterator[tuple[Installation, Mailbox, str]]:
    """Yield an installation that pages by mail, and an Alertmanager key made without a rate."""
    with (
        mailbox() as (box, smtp_url),
        installation(folder / "home", smtp_url=smtp_url) as andon,
    ):
        write_catalogue(folder / "catalogue", services=SERVICES)
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(folder / "catalogue"), "--yes")
        key = andon.key("alertmanager", "--name", "storm")
        andon.start("up")
        yield andon, box, key


def post(andon: Installation, key: str, body: bytes) -> httpx2.Response:
    headers = {"authorization": f"Bearer {key}"}
    url = f"{andon.url}/hooks/alertmanager/"
    return httpx2.post(url, content=body, headers=headers, timeout=120)


def group(count: int, *, service: str) -> bytes:
    """Return a group as Alertmanager writes one: some 730 bytes an alert."""
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "Disk", "instance": f"host-{n}", "service": service,
                       "severity": "critical", "cluster": "eu-west-1", "job": "node"},
            "annotations": {"summary": f"Disk of host-{n} is full", "description": "x" * 300},
            "startsAt": "2026-11-20T20:51:19.507Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example:9090/graph?g0.expr=disk&g0.tab=1",
            "fingerprint": f"{service}-{n:09d}",
        }
        for n in range(count)
    ]  # fmt: skip
    return json.dumps({"version": "4", "status": "firing", "groupKey": "{}", "truncatedAlerts": 0,
                       "alerts": alerts}).encode()  # fmt: skip


def count(andon: Installation, sql: str) -> int:
    return int(andon.rows(f"SELECT count(*) FROM {sql}")[0][0])


class Others:
    """Somebody else's single alerts, one after the other; remembers how long each answer took."""

    def __init__(self, andon: Installation, key: str) -> None:
        self._andon, self._key = andon, key
        self.took: list[float] = []
        self.answers: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Others":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def _send(self) -> None:
        while not self._stop.wait(0.05):
            began = time.perf_counter()
            self.answers.add(post(self._andon, self._key, group(1, service="other")).status_code)
            self.took.append(time.perf_counter() - began)


def test_groups_of_1450_and_of_20000_alerts_are_taken_and_starve_nobody(tmp_path: Path) -> None:
    with running(tmp_path) as (andon, box, key):
        small, large = group(1450, service="service-0001"), group(20_000, service="service-0002")
        assert len(small) > 1024 * 1024
        other = andon.key("alertmanager", "--name", "other")
        with Others(andon, other) as others:
            assert post(andon, key, small).status_code == 202
            middle = time.perf_counter()
            assert post(andon, key, large).status_code == 202
            ended = time.perf_counter()
        assert count(andon, "alerts_alert WHERE dedup_key LIKE 'service-0001-%'") == 1450
        assert count(andon, "alerts_alert WHERE dedup_key LIKE 'service-0002-%'") == 20_000
        assert others.answers == {202}
        assert ended - middle < 60
        assert max(others.took) < 10
        for service in ("service-0001", "service-0002"):
            eventually(lambda name=service: box.mails(subject=name), what=service)  # type: ignore[misc]
        eventually(lambda: count(andon, "alerts_alert WHERE unseen") == 0, what="all alerts joined")
        # One page for each service that has alerts, however many there are.
        assert count(andon, "paging_page") == 3


def test_a_storm_of_4000_groups_from_one_alertmanager_is_taken_without_a_refusal(
    tmp_path: Path,
) -> None:
    with (
        running(tmp_path) as (andon, box, key),
        components.alertmanager(tmp_path, config=CONFIG.format(url=andon.url, key=key)) as am,
    ):
        alerts = [
            {
                "labels": {
                    "alertname": f"a{n}",
                    "service": f"service-{n % SERVICES:04d}",
                    "severity": "critical",
                },
                "annotations": {"summary": "it broke"},
            }
            for n in range(GROUPS)
        ]
        began = time.perf_counter()
        for start in range(0, GROUPS, 500):
            body = json.dumps(alerts[start : start + 500]).encode()
            headers = {"content-type": "application/json"}
            httpx2.post(f"{am.url}/api/v2/alerts", content=body, headers=headers).raise_for_status()
        eventually(lambda: count(andon, "alerts_alert") == GROUPS, what="all groups", patience=180)
        taken = time.perf_counter() - began
        for n in range(SERVICES):
            name = f"service-{n:04d}"
            eventually(lambda name=name: box.mails(subject=name), what=name)  # type: ignore[misc]
        # An answer of 429 or 503 would be a fault of the key.
        assert andon.rows("SELECT rejected_why FROM alerts_integrationkey") == [("",)]
        assert taken < 60
