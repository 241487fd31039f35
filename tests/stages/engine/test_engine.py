"""The loop: a failing stage, a broken row, a stale heartbeat, a lost hint; and its alarm."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from structlog.testing import capture_logs

from andon.core import clock, turns
from andon.core.models import StageBeat
from andon.engine import health
from andon.engine.run import Engine
from andon.engine.stages import STAGES, Stage
from andon.engine.watch import HealthWatch
from andon.paging import actions as paging
from andon.paging.models import Decision, Page
from andon.paging.types import TransportError
from tests.support import factories
from tests.support.world import World

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


class Defect(RuntimeError):
    """What a stage raises when it is broken."""


def engine(*stages: Stage, now: datetime = NOW) -> Engine:
    return Engine(node="test", transports={}, stages=stages, read_clock=lambda: now)


def broken(*, now: datetime, limit: int) -> int:
    raise Defect("it is broken")


@pytest.mark.django_db
def test_a_failing_stage_does_not_stop_the_others_and_is_seen() -> None:
    ran: list[str] = []

    def works(*, now: datetime, limit: int) -> int:
        ran.append("works")
        return 0

    engine(Stage("route_alerts", broken), Stage("follow_pages", works)).cycle()
    assert ran == ["works"]
    beat = StageBeat.objects.get(stage="route_alerts")
    assert (beat.failures, beat.error) == (1, "Defect: it is broken")
    assert StageBeat.objects.get(stage="follow_pages").error == ""


@pytest.mark.django_db
def test_every_stage_can_be_run_as_the_running_engine_runs_it() -> None:
    world = World()
    with capture_logs() as lines:
        for _ in range(3):
            world.now += timedelta(seconds=10)
            world.engine.cycle()
    assert [one["stage"] for one in lines if one["event"] == "stage_failed"] == []


@pytest.mark.django_db
def test_a_stage_with_too_much_to_do_leaves_the_rest_for_its_next_turn() -> None:
    def endless(*, now: datetime, limit: int) -> int:
        return limit

    assert engine(Stage("endless", endless, limit=10, budget=0.01)).cycle() is True
    assert StageBeat.objects.get(stage="endless").handled >= 10


@pytest.mark.django_db
def test_health_knows_stages_that_never_ran_and_stale_ones() -> None:
    assert {stage.stale for stage in health.stages(now=NOW)} == {True}
    World().engine.run_until_idle(NOW)
    running = Engine(node="n1", transports={}, read_clock=lambda: NOW)
    running.cycle()
    found = health.stages(now=NOW + timedelta(seconds=30))
    assert [stage.name for stage in found] == [
        "find_services", "route_alerts", "escalate_due", "deliver", "follow_pages",
        "tell_overrides", "ledger", "housekeeping",
    ]  # fmt: skip
    assert not any(stage.sick for stage in found)
    assert {stage.error for stage in found} == {""}, "each stage takes what the engine gives it"
    assert {stage.node for stage in found} == {"n1"}
    assert all(stage.sick for stage in health.stages(now=NOW + timedelta(seconds=31)))


@pytest.mark.django_db
def test_messages_that_do_not_leave_are_seen_as_late_delivery() -> None:
    world = World()
    world.service("checkout")
    world.rota("rota", ["ann"], team="checkout")
    world.email.faults["ann@example.org"] = [TransportError("later")]
    world.alertmanager("firing", service="checkout")
    late = world.now + timedelta(minutes=4)
    Engine(node="n", transports={}, stages=(), read_clock=lambda: late).cycle()
    assert "the oldest due message has waited" in StageBeat.objects.get(stage="deliver").error


@pytest.mark.django_db
def test_the_watch_alarms_the_fallback_contact_once_an_hour() -> None:
    world = World()
    watch = HealthWatch(transports={"email": world.email})
    watch.look(now=NOW)
    world.expect.nothing()
    watch.look(now=NOW + timedelta(seconds=10))
    told = world.expect.email(to="fallback", containing="Andon itself is in trouble")
    assert "route alerts has never run" in told.body
    watch.look(now=NOW + timedelta(minutes=59))
    HealthWatch(transports={"email": world.email}).look(now=NOW + timedelta(minutes=59))
    world.expect.nothing()
    watch.look(now=NOW + timedelta(minutes=61))
    world.expect.email(to="fallback")
    for stage in STAGES:
        StageBeat.objects.update_or_create(
            stage=stage.name, defaults={"started_at": NOW, "finished_at": NOW + timedelta(hours=3)}
        )
    StageBeat.objects.create(stage="deliver", started_at=NOW, finished_at=NOW + timedelta(hours=3))
    assert list(watch.look(now=NOW + timedelta(hours=3))) == []
    world.expect.nothing()


@pytest.mark.django_db
def test_an_alarm_that_reached_nobody_comes_again_within_a_minute() -> None:
    world = World()
    watch = HealthWatch(transports={"email": world.email})
    watch.look(now=NOW)
    world.email.faults["fallback@example.org"] = [TransportError("no server")]
    watch.look(now=NOW + timedelta(seconds=10))
    # Another node, should this one have died over it.
    other = HealthWatch(transports={"email": world.email})
    other.look(now=NOW + timedelta(seconds=65))
    world.expect.nothing()
    other.look(now=NOW + timedelta(seconds=75))
    world.expect.email(to="fallback", containing="Andon itself is in trouble")
    other.look(now=NOW + timedelta(minutes=30))
    world.expect.nothing()


@pytest.mark.django_db
def test_a_turn_is_taken_once_per_interval() -> None:
    minute = timedelta(minutes=1)
    assert turns.take(name="x", every=minute, now=NOW)
    assert not turns.take(name="x", every=minute, now=NOW + timedelta(seconds=59))
    assert turns.take(name="x", every=minute, now=NOW + minute)
    turns.put_off(name="x", until=NOW + 3 * minute)
    assert not turns.take(name="x", every=minute, now=NOW + 2 * minute)
    assert turns.take(name="x", every=minute, now=NOW + 3 * minute)


@pytest.mark.django_db
def test_a_page_that_lost_its_next_action_is_made_due_again() -> None:
    world = World()
    world.service("checkout")
    world.rota("rota", ["ann", "ben"], team="checkout")
    world.alertmanager("firing", service="checkout")
    world.expect.email(to="ann")
    Page.objects.update(next_at=None)
    world.forward("61s")
    world.expect.email(to="ben")
    assert Decision.objects.filter(kind="repaired").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["held", "paging", "unanswered"])
def test_r83_the_auditor_lets_no_page_that_nobody_has_taken_be_without_a_next_act(
    state: str,
) -> None:
    page = factories.page(factories.service(), state=state, next_at=None)
    for other in ("acknowledged", "resolved"):
        factories.page(factories.service(), state=other, next_at=None)
    assert paging.repair(now=NOW, limit=10) == 1
    assert Page.objects.get(next_at=NOW) == page


@pytest.fixture
def started(transactional_db: None) -> Iterator[tuple[World, Engine]]:
    world = World()
    world.now = clock.now()
    engine = Engine(node="t", transports={"email": world.email, "ntfy": world.ntfy})
    engine.start()
    yield world, engine
    engine.stop()
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hinted", [True, False])
def test_r71_wakeups_are_only_hints(started: tuple[World, Engine], hinted: bool) -> None:
    """With and without the hint, a page leaves; the poll is the truth behind it."""
    world, running = started
    arrived = threading.Event()
    inbox = world.email.inbox

    class Noticed(list[Any]):
        def append(self, item: Any) -> None:
            super().append(item)
            arrived.set()

    world.email.inbox = Noticed(inbox)
    world.team("shop", members=["ann"])
    world.service("checkout", owner="shop", target="99.9")
    world.post([world.alert("firing", service="checkout")])
    if hinted:
        running.wake()
    assert arrived.wait(20)
    assert world.email.inbox[0].to == "ann"


@pytest.mark.django_db
def test_marking_as_seen_spares_what_has_changed_since() -> None:
    world = World()
    world.service("checkout")
    world.rota("rota", ["ann"], team="checkout")
    world.alertmanager("firing", service="checkout")
    Page.objects.update(unseen=True)
    page = world.page()
    paging.mark_seen(seen=[(page.pk, page.revision - 1)])
    assert Page.objects.get().unseen
    paging.mark_seen(seen=[(page.pk, page.revision)])
    assert not Page.objects.get().unseen
