"""What tests of measurements share: the same history in a VictoriaMetrics and in a Prometheus.

A module's `history` says what was measured.
"""

from contextlib import closing

import pytest

from andon.integrations.prometheus.client import PrometheusClient
from andon.integrations.prometheus.queries import Queries
from tests.support import components


@pytest.fixture(scope="module")
def on_victoria(tmp_path_factory, history):
    # As it comes: a latency offset of 30 seconds, and its caches.
    with components.victoria_metrics(tmp_path_factory.mktemp("vm"), flags=()) as vm:
        history.load_into(vm.url)
        yield vm.url


@pytest.fixture(scope="module")
def on_prometheus(tmp_path_factory, history):
    with history.prometheus(tmp_path_factory.mktemp("prometheus")) as prometheus:
        yield prometheus.url


@pytest.fixture(params=["victoria", "prometheus"])
def queries(request):
    with closing(PrometheusClient(url=request.getfixturevalue(f"on_{request.param}"))) as client:
        yield Queries(client)
