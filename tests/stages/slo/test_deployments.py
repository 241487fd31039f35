"""Deployments read into the database: once each, however often, and kept as burn-downs are."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.core import clock
from andon.core.periods import Period
from andon.integrations.prometheus.client import PrometheusClient
from andon.integrations.prometheus.queries import Queries
from andon.slo import queries
from andon.slo.actions import deployments
from andon.slo.models import Change
from andon.slo.ports import UnableToMeasure
from tests.support import components
from tests.support import factories as make
from tests.support.deployments import KEPT, deployed
from tests.support.recorded import Recorded

pytestmark = pytest.mark.database

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 10, 12, 0, 20, tzinfo=UTC)
#: What is read up to: what is younger may still come.
AT = NOW.replace(second=0) - 2 * MINUTE
QUERY = KEPT[0]


class Source:
    """Tells of given instants, and writes down what it was asked."""

    def __init__(self, above=None, most=10_000):
        self.above = above or {}
        self.most = most
        self.asked = []
        self.broken = ""

    def deployed(self, *, query, services, first, last, step):
        self.asked.append((tuple(services), first, last))
        if self.broken:
            raise UnableToMeasure(self.broken, down=True)
        if len(services) > self.most:
            raise UnableToMeasure("too many samples", too_much=True)
        found = {
            slug: [at for at in self.above.get(slug, ()) if first <= at <= last]
            for slug in services
        }
        return {slug: instants for slug, instants in found.items() if instants}


@pytest.fixture
def services(db):
    return {slug: make.service(slug).pk for slug in ("checkout", "stock")}


def mark(source, services, memory, now=NOW, query=QUERY):
    return deployments.mark(query=query, services=services, source=source, memory=memory, now=now)


def stored(service):
    return list(
        Change.objects.filter(service__slug=service).order_by("at").values_list("at", flat=True)
    )


def pulse(at):
    return [at + MINUTE * number for number in range(5)]


def test_what_is_new_comes_at_once_and_what_was_before_a_day_a_turn(services):
    old, recent, new = AT - 3 * DAY, AT - HOUR, AT + 10 * MINUTE
    source, memory = Source({"checkout": [*pulse(old), *pulse(recent), *pulse(new)]}), {}
    mark(source, services, memory)
    assert stored("checkout") == [recent]
    mark(source, services, memory, NOW + 20 * MINUTE)
    assert stored("checkout") == [recent, new]
    for turn in range(40):
        mark(source, services, memory, NOW + (21 + turn) * MINUTE)
    assert stored("checkout") == [old, recent, new]
    # All of it is read: from now on a question a turn, about a minute.
    source.asked.clear()
    mark(source, services, memory, NOW + 61 * MINUTE)
    [(asked, first, last)] = source.asked
    assert asked == ("checkout", "stock")
    assert last - first == MINUTE + deployments.deployments.QUIET
    assert stored("stock") == []


def test_read_twice_is_stored_once(services):
    source = Source({"checkout": pulse(AT - HOUR), "stock": pulse(AT - 2 * HOUR)})
    for _ in range(3):
        mark(source, services, {})
    assert [stored("checkout"), stored("stock")] == [[AT - HOUR], [AT - 2 * HOUR]]


def test_a_service_that_is_new_gets_its_history(services):
    source, memory = Source({"new": pulse(AT - 5 * HOUR)}), {}
    for turn in range(40):
        mark(source, services, memory, NOW + turn * MINUTE)
    services["new"] = make.service("new").pk
    mark(source, services, memory, NOW + HOUR)
    assert stored("new") == [AT - 5 * HOUR]


def test_nothing_is_lost_by_a_failure_or_a_standstill(services):
    source, memory = Source({"checkout": pulse(AT + HOUR)}), {}
    mark(source, services, memory)
    source.broken = "cannot connect"
    before = dict(memory)
    assert mark(source, services, memory, NOW + 2 * HOUR).error == "cannot connect"
    assert memory == before
    source.broken = ""
    source.asked.clear()
    for turn in range(4):
        mark(source, services, memory, NOW + 3 * DAY + turn * MINUTE)
    assert stored("checkout") == [AT + HOUR]
    assert max(last for _, _, last in source.asked) == AT + 3 * DAY + 3 * MINUTE
    longest = max(last - first for _, first, last in source.asked)
    assert longest <= deployments.STRETCH + deployments.deployments.QUIET


def test_too_much_is_asked_for_in_halves_and_one_that_is_too_much_alone_is_left_out(services):
    source = Source({"checkout": pulse(AT - HOUR), "stock": pulse(AT - HOUR)}, most=1)
    done = mark(source, services, {})
    assert (done.found, done.skipped, done.error) == (2, 0, "")
    source.most = 0
    done = mark(source, services, {})
    assert (done.found, done.skipped, done.error) == (0, 2, "")


def test_questions_stay_short_however_often_the_query_names_the_service():
    query = " or ".join(['x{service="$service"}'] * 20)
    slugs = [f"service-number-{number:05}" for number in range(3000)]
    source = Source()
    deployments.mark(
        query=query, services=dict.fromkeys(slugs, 0), source=source, memory={}, now=NOW
    )
    asked = [one for batch, _, _ in source.asked for one in batch]
    assert asked == slugs
    text = max(source.asked, key=lambda one: len(one[0]))[0]
    whole = deployments.deployments.of_services(query=query, services=text)
    assert len(whole) < 16_000
    assert len(source.asked) < 200


def test_a_query_that_flickers_fills_no_table(services):
    above = [AT - DAY + MINUTE * number for number in range(0, 1440, 4)]
    mark(Source({"checkout": above}), services, {})
    assert stored("checkout") == above[-deployments.MOST_MARKS :]


def test_old_ones_are_thinned_to_one_a_day_and_forgotten_at_last(services):
    checkout, stock = services["checkout"], services["stock"]
    midnight = AT.replace(hour=0, minute=0)
    kept = [midnight - 40 * DAY + 9 * HOUR, midnight - 39 * DAY, midnight - DAY, midnight - HOUR]
    gone = [midnight - 40 * DAY + 10 * HOUR, midnight - 39 * DAY + HOUR, midnight - 500 * DAY]
    Change.objects.bulk_create(Change(service_id=checkout, at=at) for at in [*kept, *gone])
    Change.objects.create(service_id=stock, at=gone[0])
    assert deployments.prune(now=NOW) == 3
    assert stored("checkout") == kept
    assert stored("stock") == gone[:1]


def test_the_newest_of_a_period_are_read_in_one_query(services):
    for hours in range(6):
        Change.objects.create(service_id=services["checkout"], at=AT - hours * HOUR)
    with CaptureQueriesContext(connection) as statements:
        found = queries.deployments_of(
            service="checkout", period=Period(AT - 4 * HOUR, AT - HOUR), limit=2
        )
    assert found == [AT - 2 * HOUR, AT - HOUR]
    assert len(statements) == 1


@pytest.mark.components
@pytest.mark.parametrize("kind", ["victoria", "prometheus"])
def test_from_real_metrics_to_marks(services, tmp_path, kind):
    now = clock.now().replace(microsecond=0) - 10 * MINUTE
    at = now.replace(second=0)
    wanted = {"checkout": [at - 20 * HOUR, at - 3 * HOUR], "stock": [at - 90 * MINUTE]}
    # Longer than what is read: to VictoriaMetrics a series that begins is a change.
    start = now - 26 * HOUR
    history = deployed(Recorded(start, now), wanted, since=start)
    if kind == "victoria":
        running = components.victoria_metrics(tmp_path, flags=())
    else:
        running = history.prometheus(tmp_path)
    with running as server, closing(PrometheusClient(url=server.url)) as client:
        if kind == "victoria":
            history.load_into(server.url)
        assert mark(Queries(client), services, {}, now).error == ""
    for service, instants in wanted.items():
        found = stored(service)
        assert len(found) == len(instants)
        late = [one - at for one, at in zip(found, instants, strict=True)]
        assert all(timedelta(0) <= one <= MINUTE for one in late)
