"""Recorded measurements read from a real VictoriaMetrics and a real Prometheus: the same sums."""

import math
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from andon.core import clock
from andon.integrations.prometheus.client import PrometheusClient
from andon.integrations.prometheus.queries import Queries
from andon.slo.ports import UnableToMeasure
from tests.support import components
from tests.support.outside import Receiver, hang
from tests.support.recorded import Recorded

pytestmark = pytest.mark.components

NOW = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=2)
START = NOW - timedelta(days=2)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HOLE = (NOW - 20 * HOUR, NOW - 17 * HOUR)


def wavy(at):
    """Return traffic that changes, with an hour of errors."""
    hour = at.hour + at.minute / 60
    total = 50 + 40 * math.sin(hour / 24 * 2 * math.pi)
    broken = NOW - 6 * HOUR < at < NOW - 5 * HOUR
    return (total * 0.25 if broken else 0.01, total)


def holed(at):
    return None if HOLE[0] < at < HOLE[1] else (0.5, 5.0)


def stale_nan(at):
    return (math.nan, math.nan) if at.minute == 7 else (0.0, 1.0)


@pytest.fixture(scope="module")
def history():
    return (
        Recorded(START, NOW)
        .of("wavy", wavy)
        .of("holed", holed)
        .of("quiet", bad=0.0, total=0.0)
        .also("slo:error_ratio:1h", "wavy", 0.25, at=NOW - MINUTE)
        .also("slo:error_ratio:6h", "wavy", 0.05, at=NOW - MINUTE)
    )


@contextmanager
def asking(url, **options):
    with closing(PrometheusClient(url=url, **options)) as client:
        yield Queries(client)


def near(sums):
    return pytest.approx((sums.bad, sums.total, sums.samples))


def as_tuple(sums):
    return (sums.bad, sums.total, sums.samples)


@pytest.mark.parametrize("span", [MINUTE, HOUR, timedelta(hours=30)])
def test_sums_are_those_of_the_samples(queries, history, span):
    for until in (NOW, NOW - 5 * HOUR):
        found = queries.sums(
            objectives=["wavy", "holed", "quiet", "unknown"], until=until, span=span, every=MINUTE
        )
        assert set(found) == {"wavy", "holed", "quiet"}
        for slug, sums in found.items():
            wanted = history.sums(slug, start=until - span, end=until)
            assert as_tuple(sums) == near(wanted), slug


def test_neighbouring_spans_share_no_sample(queries, history):
    """A sample that lies exactly on the border belongs to one of the two, on both engines."""
    whole = queries.sums(objectives=["wavy"], until=NOW, span=10 * HOUR, every=MINUTE)["wavy"]
    parts = [
        queries.sums(objectives=["wavy"], until=NOW - one * HOUR, span=HOUR, every=MINUTE)["wavy"]
        for one in range(10)
    ]
    assert sum(one.samples for one in parts) == whole.samples == 600


def test_cells_are_the_sums_of_each_step(queries, history):
    found = queries.cells(
        objectives=["wavy", "holed"], first=NOW - 24 * HOUR, last=NOW, step=HOUR, every=MINUTE
    )
    for slug, cells in found.items():
        assert [at for at, _ in cells] == [NOW - HOUR * back for back in range(24, -1, -1)]
        for at, sums in cells:
            wanted = history.sums(slug, start=at - HOUR, end=at)
            assert as_tuple(sums) == near(wanted), (slug, at)
    empty = [at for at, sums in found["holed"] if sums.samples == 0]
    assert len(empty) in (2, 3)
    assert all(HOLE[0] < at <= HOLE[1] for at in empty)


def test_samples_come_with_their_instants(queries, history):
    found = queries.samples(objectives=["wavy", "quiet"], until=NOW, span=10 * MINUTE)
    assert [len(found["wavy"]), len(found["quiet"])] == [10, 10]
    last = found["wavy"][-1]
    assert last.at == NOW - timedelta(minutes=1) + history.offset
    assert (last.bad, last.total) == pytest.approx(wavy(last.at))


def test_ratios_are_by_window(queries):
    assert queries.ratios(objectives=["wavy", "quiet"], at=NOW) == {
        "wavy": {"1h": 0.25, "6h": 0.05}
    }


def test_a_sample_that_is_no_number_is_not_hidden_by_prometheus(tmp_path):
    """Prometheus keeps NaN and sums become NaN; VictoriaMetrics passes it over."""
    history = Recorded(NOW - 3 * HOUR, NOW).of("odd", stale_nan)
    with history.prometheus(tmp_path) as prometheus, asking(prometheus.url) as queries:
        odd = queries.sums(objectives=["odd"], until=NOW, span=2 * HOUR, every=MINUTE)["odd"]
        assert math.isnan(odd.bad)
        found = queries.samples(objectives=["odd"], until=NOW, span=2 * HOUR)["odd"]
        assert len(found) == 118
        assert all(math.isfinite(one.total) for one in found)


def test_two_that_record_the_same_are_one_objective(tmp_path):
    """A rule group that was renamed leaves two series of one objective."""
    history = Recorded(NOW - HOUR, NOW).of("a", bad=1.0, total=2.0)
    other = Recorded(NOW - 2 * HOUR, NOW - HOUR).of("a", bad=1.0, total=2.0, service="before")
    with components.victoria_metrics(tmp_path) as vm, asking(vm.url) as queries:
        history.load_into(vm.url)
        other.load_into(vm.url)
        found = queries.sums(objectives=["a"], until=NOW, span=2 * HOUR, every=MINUTE)
    assert as_tuple(found["a"]) == pytest.approx((7200, 14400, 120))


def test_the_headers_and_the_tenant_are_sent(receiver: Receiver):
    body = b'{"status":"success","isPartial":false,"data":{"resultType":"vector","result":[]}}'
    receiver.answers["/select/7/prometheus/api/v1/query"] = (200, {}, body)
    headers = (("Authorization", "Bearer s"), ("X-Scope-OrgID", "shop"))
    client = PrometheusClient(url=f"{receiver.url}/select/7/prometheus", headers=headers)
    assert Queries(client).ratios(objectives=["a"], at=NOW) == {}
    assert receiver.received[0].headers["authorization"] == "Bearer s"
    assert receiver.received[0].headers["x-scope-orgid"] == "shop"
    client.close()


def _error(text):
    return b'{"status":"error","errorType":"x","error":"' + text.encode() + b'"}'


@pytest.mark.parametrize(
    ("answer", "words", "too_much", "down"),
    [
        ((401, {}, b"no"), "answered 401.*ANDON_PROMETHEUS_HEADERS", False, True),
        ((422, {}, _error("query processing would load too many samples")), "422", True, False),
        (
            (422, {}, _error("cannot select more than -search.maxSamplesPerQuery=10")),
            "cannot select more",
            True,
            False,
        ),
        ((503, {}, _error("query timed out in expression evaluation")), "timed out", True, False),
        ((503, {}, b"starting"), "answered 503", False, True),
        ((404, {}, b"what"), "answered 404", False, True),
        ((400, {}, _error("parse error")), "parse error", False, False),
        (
            (200, {}, b'{"status":"success","isPartial":true,"data":{"result":[]}}'),
            "partial: a storage node is away",
            False,
            False,
        ),
        ((200, {}, b'{"status":"success","data":{"resu'), "not JSON", False, False),
        (
            (200, {}, b'{"status":"success","data":{"x":1}}'),
            "answered something else",
            False,
            False,
        ),
        (hang, "did not answer in time", False, True),
    ],
)
def test_what_goes_wrong_is_told_apart(receiver, answer, words, too_much, down):
    receiver.answers["/api/v1/query"] = answer
    with (
        asking(receiver.url, total=0.3) as queries,
        pytest.raises(UnableToMeasure, match=words) as caught,
    ):
        queries.ratios(objectives=["a"], at=NOW)
    assert (caught.value.too_much, caught.value.down) == (too_much, down)


def test_nobody_there(receiver):
    url = f"http://127.0.0.1:{components.free_port()}"
    with (
        asking(url) as queries,
        pytest.raises(UnableToMeasure, match="cannot connect") as caught,
    ):
        queries.sums(objectives=["a"], until=NOW, span=HOUR, every=MINUTE)
    assert caught.value.down


def test_limits_of_real_servers_are_known(tmp_path):
    """The words by which they refuse what is too much are theirs: a new version may change them."""
    history = Recorded(NOW - 5 * HOUR, NOW).of("a", bad=1.0).of("b", bad=1.0)
    flags = ("-search.maxSamplesPerQuery=100",)
    with components.victoria_metrics(tmp_path, flags=flags) as vm, asking(vm.url) as queries:
        history.load_into(vm.url)
        with pytest.raises(UnableToMeasure) as caught:
            queries.sums(objectives=["a", "b"], until=NOW, span=5 * HOUR, every=MINUTE)
        assert caught.value.too_much, str(caught.value)
    flags = ("--query.max-samples=100",)
    with history.prometheus(tmp_path, flags=flags) as prometheus, asking(prometheus.url) as queries:
        with pytest.raises(UnableToMeasure) as caught:
            queries.samples(objectives=["a", "b"], until=NOW, span=5 * HOUR)
        assert caught.value.too_much, str(caught.value)
