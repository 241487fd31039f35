"""Deployments read from a real VictoriaMetrics and a real Prometheus, many services at once."""

from datetime import timedelta

import pytest

from andon.core import clock
from andon.slo.ports import UnableToMeasure
from andon.slo.rules.deployments import began
from tests.support.deployments import KEPT, deployed
from tests.support.recorded import Recorded

pytestmark = pytest.mark.components

MINUTE = timedelta(minutes=1)
NOW = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=5)
SINCE = NOW - timedelta(hours=6)
#: Half a minute past: what changed is seen at the next whole one.
FOUND = {
    "checkout": [NOW - 200.5 * MINUTE, NOW - 30.5 * MINUTE],
    "stock-1": [NOW - 90.5 * MINUTE],
    "quiet": [],
}
SERVICES = ["checkout", "stock-1", "quiet", "unknown"]


@pytest.fixture(scope="module")
def history():
    start = SINCE - 20.25 * MINUTE
    return deployed(Recorded(start, NOW), {**FOUND, "other": FOUND["stock-1"]}, since=start)


def asked(queries, query, services):
    return queries.deployed(query=query, services=services, first=SINCE, last=NOW, step=MINUTE)


@pytest.mark.parametrize("query", KEPT)
def test_asked_for_many_is_asked_for_each(queries, query):
    together = asked(queries, query, SERVICES)
    alone = {one: asked(queries, query, [one]).get(one) for one in SERVICES}
    assert together == {one: instants for one, instants in alone.items() if instants}
    assert set(together) == {"checkout", "stock-1"}
    for service, instants in together.items():
        wanted = [at + 0.5 * MINUTE for at in FOUND[service]]
        found = began(instants, since=SINCE)
        assert len(found) == len(wanted)
        # Measured once a minute, at some second of it.
        assert all(at <= one <= at + MINUTE for at, one in zip(wanted, found, strict=True))


def test_what_the_server_cannot_do_is_told(queries):
    query = 'changes(app_version{service="$service"}[5m]) * on (service) app_version > 0 and x['
    with pytest.raises(UnableToMeasure, match="answered 4") as caught:
        asked(queries, query, SERVICES)
    assert not caught.value.too_much
    assert not caught.value.down
