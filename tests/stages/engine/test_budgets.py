"""Budgets beside the stages: a metrics server that hangs delays no page and is asked less often."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from andon.budgets.models import BudgetReading
from andon.catalogue.models import Organisation
from andon.core import clock
from andon.core.models import TurnLease
from andon.engine import budgets, health
from andon.engine.budgets import UnableToReadBudgets
from andon.engine.duty import DutyTurn
from andon.engine.run import Engine
from andon.integrations.prometheus.client import PrometheusClient
from andon.slo.models import Change, Declaration
from andon.slo.rules.documents.stored import objective_document
from tests.support import components
from tests.support import factories as make
from tests.support.deployments import KEPT, deployed
from tests.support.estates import objective
from tests.support.outside import Receiver, hang
from tests.support.recorded import Recorded
from tests.support.world import World

pytestmark = pytest.mark.database

MINUTE = timedelta(minutes=1)


def declare(slug: str) -> None:
    Declaration.objects.create(
        kind="slo",
        slug=slug,
        service=make.service(f"{slug}-service"),
        document=objective_document(objective(slug, window=timedelta(days=1))),
        created_at=make.NOW,
    )


def turn(memory, now):
    return DutyTurn(now=now, memory=memory, renew=lambda: True, stop=threading.Event())


@pytest.mark.django_db(transaction=True)
def test_pages_leave_while_the_metrics_server_hangs(settings, receiver: Receiver) -> None:
    settings.ENV = replace(settings.ENV, prometheus_url=receiver.url)
    for path in ("/api/v1/query", "/api/v1/query_range"):
        receiver.answers[path] = hang
    world = World()
    world.team("shop", members=["ann"])
    world.service("checkout", owner="shop", target="99.9")
    declare("answers")
    running = Engine(node="test", transports={"email": world.email})
    running.start()
    try:
        assert receiver.wait_for("/api/v1/query", 1, timeout=20)
        world.post([world.alert("firing", service="checkout")])
        running.wake()
        components.wait_until(lambda: world.email.inbox, what="the page")
        assert not receiver.released.is_set()
        assert TurnLease.objects.get(name=budgets.NAME).lease_until is not None
    finally:
        receiver.released.set()
        running.stop()


@pytest.mark.django_db
def test_a_source_that_is_down_is_asked_less_and_less_often(receiver: Receiver) -> None:
    declare("answers")
    receiver.answers["/api/v1/query_range"] = (503, {}, b"away")
    now, memory, asked, raised = clock.now(), {}, [], []
    with closing(PrometheusClient(url=receiver.url)) as client:
        for minute in range(61):
            before = len(receiver.received)
            try:
                budgets.read(turn(memory, now + minute * MINUTE), client)
            except UnableToReadBudgets as error:
                raised.append(error.message)
            if len(receiver.received) > before:
                asked.append(minute)
    assert asked == [0, 2, 6, 14, 29, 44, 59]
    # From the third failure on each turn counts, so that the watch tells somebody.
    assert len(raised) == 2 + (60 - 6 + 1)
    assert all("answered 503" in one for one in raised)
    assert health.FAILING_AFTER == 3
    assert "answered 503" in BudgetReading.objects.get().error


@pytest.mark.components
@pytest.mark.django_db
def test_a_turn_reads_all_and_forgets_its_failures(tmp_path) -> None:
    declare("answers")
    now = clock.now()
    history = Recorded(now - timedelta(days=2), now).of("answers", bad=0.0005)
    memory = {"failures": 4, "not_before": (now - MINUTE).isoformat(), "error": "away"}
    with (
        components.victoria_metrics(tmp_path) as vm,
        closing(PrometheusClient(url=vm.url)) as client,
    ):
        history.load_into(vm.url)
        assert budgets.read(turn(memory, now), client) == 1
    assert set(memory) == {"pruned_on"}
    assert BudgetReading.objects.get().left == pytest.approx(0.5)


def organisation(query: str) -> None:
    document = {
        "currency": "GBP",
        "availabilityTargets": {"preset": "fruits-r-us"},
        "telemetry": {"deployments": query},
    }
    Organisation.objects.create(slug="shop", title="The Shop", document=document)


@pytest.mark.components
@pytest.mark.django_db
def test_a_turn_marks_deployments(tmp_path) -> None:
    declare("answers")
    organisation(KEPT[0])
    now = clock.now()
    at = (now - timedelta(hours=3)).replace(second=0, microsecond=0)
    since = now - timedelta(days=2)
    history = Recorded(since, now).of("answers", bad=0.0005, service="answers-service")
    deployed(history, {"answers-service": [at]}, since=since)
    memory = {}
    with (
        components.victoria_metrics(tmp_path) as vm,
        closing(PrometheusClient(url=vm.url)) as client,
    ):
        history.load_into(vm.url)
        budgets.read(turn(memory, now), client)
    [found] = Change.objects.values_list("at", flat=True)
    assert timedelta(0) <= found - at <= MINUTE
    assert set(memory["deployments"]) == {"of", "front", "back"}


@pytest.mark.components
@pytest.mark.django_db
def test_deployments_that_cannot_be_read_harm_no_budget_and_are_asked_for_less_often(
    tmp_path,
) -> None:
    declare("answers")
    organisation('nonsense(x{service="$service"})')
    now, memory = clock.now(), {}
    history = Recorded(now - timedelta(days=2), now + MINUTE).of("answers", bad=0.0005)
    with (
        components.victoria_metrics(tmp_path) as vm,
        closing(PrometheusClient(url=vm.url)) as client,
    ):
        history.load_into(vm.url)
        assert budgets.read(turn(memory, now), client) == 1
        first = dict(memory["deployments"])
        assert budgets.read(turn(memory, now + MINUTE), client) == 1
    assert "nonsense" in first["error"]
    assert memory["deployments"] == first
    assert "failures" not in memory


def test_without_an_address_there_is_no_such_duty(settings) -> None:
    settings.ENV = replace(settings.ENV, prometheus_url="")
    assert budgets.duty(node="a") is None
