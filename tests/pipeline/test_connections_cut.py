"""A real Alertmanager whose resting connections are closed under its hands: no alert is lost."""

import json
import threading
from pathlib import Path

import httpx2
import pytest
from prometheus_client import REGISTRY

from andon.alerts.models import Alert
from andon.web.hooks.connections import IDLE
from tests.support import components
from tests.support.installation import eventually
from tests.support.telemetry import alertmanager_config
from tests.web.hooks.conftest import sender, stored  # noqa: F401 - fixtures
from tests.web.hooks.test_protocol import serving

pytestmark = [pytest.mark.components]

ALERTS = 150


def test_a_request_that_crosses_with_our_closing_is_sent_again(sender, tmp_path: Path):  # noqa: F811
    key = sender.key("alertmanager")
    cut = 0
    done = threading.Event()
    with serving(sender) as (server, port):
        loop = server.loop
        assert loop is not None

        def cut_idle() -> None:
            nonlocal cut
            for one in [c for c in server.server_state.connections if c.phase == IDLE]:
                one.drop()
                cut += 1

        def cut_all_the_time() -> None:
            while not done.wait(0.002):
                loop.call_soon_threadsafe(cut_idle)

        config = alertmanager_config(f"http://127.0.0.1:{port}/hooks/alertmanager", key)
        with components.alertmanager(tmp_path, config=config) as alertmanager:
            cutter = threading.Thread(target=cut_all_the_time)
            cutter.start()
            try:
                for number in range(ALERTS):
                    labels = {"alertname": f"a{number:03}", "service": "checkout"}
                    httpx2.post(
                        f"{alertmanager.url}/api/v2/alerts",
                        content=json.dumps([{"labels": labels}]),
                        headers={"content-type": "application/json"},
                    ).raise_for_status()
                eventually(lambda: Alert.objects.count() == ALERTS, what="every alert")
            finally:
                done.set()
                cutter.join(20)
    assert cut > ALERTS / 3, "hardly a connection was cut: nothing was tested"
    assert REGISTRY.get_sample_value("andon_connections") == 0
