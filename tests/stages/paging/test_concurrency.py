"""Two engines, one database: each alert is routed once, each step runs once, an answer wins."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from andon.alerts import actions as alerts
from andon.paging import actions as paging
from andon.paging.models import Decision, Notification, Page, PagedAlert
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def together(*work: Callable[[], object]) -> list[object]:
    """Run each in a thread of its own, all at once; return what they return, or raise."""
    start = threading.Barrier(len(work))
    results: list[object] = [None] * len(work)

    def run(index: int, one: Callable[[], object]) -> None:
        start.wait()
        try:
            results[index] = one()
        except BaseException as error:  # noqa: BLE001
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def drain(work: Callable[[], int]) -> int:
    total = 0
    while done := work():
        total += done
    return total


def test_two_engines_route_every_alert_once_and_open_one_page_per_service(world: World) -> None:
    world.rota("shop-rota", ["ann", "ben"], team="shop")
    for n in range(20):
        world.service(f"s{n}", owner="shop")
    # Ten alerts of each service, mixed so that both engines meet every service at once.
    world.post([world.alert("firing", service=f"s{n % 20}", name=f"A{n}") for n in range(200)])
    alerts.find_services(now=world.now, limit=1000)

    def engine() -> int:
        return drain(lambda: paging.route_alerts(now=world.now, limit=7))

    routed = together(engine, engine)
    # One may pass over what the other holds; the next turn finds it.
    assert sum(routed) + engine() == 200
    assert Page.objects.count() == 20
    assert PagedAlert.objects.count() == 200
    assert Notification.objects.count() == 20
    assert Decision.objects.filter(kind="route").count() == 20


def test_r33_one_message_per_destination_and_step(world: World) -> None:
    world.rota("shop-rota", ["ann", "ben"], team="shop")
    for n in range(60):
        world.service(f"s{n}", owner="shop")
    world.post([world.alert("firing", service=f"s{n}") for n in range(60)])
    world.run()
    later = world.now + timedelta(minutes=5)

    def engine() -> int:
        return drain(lambda: paging.escalate_due(now=later, limit=7))

    assert sum(together(engine, engine, engine)) + engine() == 60
    seen = Counter(Notification.objects.values_list("page_id", "step", "destination"))
    assert len(seen) == 120
    assert max(seen.values()) == 1
    assert set(Page.objects.values_list("step", flat=True)) == {2}


def test_r32_an_acknowledgement_during_an_escalation_wins(world: World) -> None:
    world.rota("shop-rota", ["ann", "ben"], team="shop")
    for n in range(60):
        world.service(f"s{n}", owner="shop")
    world.post([world.alert("firing", service=f"s{n}") for n in range(60)])
    world.run()
    ids = list(Page.objects.order_by("pk").values_list("pk", flat=True))
    later = world.now + timedelta(minutes=5)

    def escalate() -> int:
        return drain(lambda: paging.escalate_due(now=later, limit=3))

    def acknowledge() -> int:
        return sum(
            paging.acknowledge(page_ids=[pk], by="Ann", person_id=None, now=later, via="test")
            for pk in reversed(ids)
        )

    assert together(escalate, acknowledge)[1] == 60
    assert set(Page.objects.values_list("state", "next_at")) == {("acknowledged", None)}
    assert not Notification.objects.filter(state="pending").exists()


def test_of_two_acknowledgements_one_counts(world: World) -> None:
    world.rota("shop-rota", ["ann", "ben"], team="shop")
    world.service("s", owner="shop")
    world.alertmanager("firing", service="s")
    [pk] = Page.objects.values_list("pk", flat=True)

    def by(name: str) -> Callable[[], int]:
        return lambda: paging.acknowledge(
            page_ids=[pk], by=name, person_id=None, now=world.now, via="test"
        )

    assert sorted(together(by("Ann"), by("Ben"), by("Cat"))) == [0, 0, 1]
    assert Decision.objects.filter(kind="acknowledged").count() == 1


def test_a_page_that_is_resolved_while_an_alert_joins_is_opened_anew(world: World) -> None:
    world.rota("shop-rota", ["ann"], team="shop")
    world.service("s", owner="shop")
    for round_ in range(10):
        world.post([world.alert("firing", service="s", name=f"A{round_}")])
        world.run()
        page = Page.objects.latest("pk")
        world.post([world.alert("firing", service="s", name=f"B{round_}")])
        alerts.find_services(now=world.now, limit=10)
        together(
            lambda: paging.route_alerts(now=world.now, limit=10),
            lambda pk=page.pk: paging.resolve(page_ids=[pk], by="Ann", now=world.now),
        )
        drain(lambda: paging.route_alerts(now=world.now, limit=10))
        assert PagedAlert.objects.filter(alert__unseen=True).count() == 0
        # The new alert is on a page: the resolved one if it joined first, else one of its own.
        assert PagedAlert.objects.count() == 2 * (round_ + 1)
        paging.resolve(
            page_ids=list(Page.objects.values_list("pk", flat=True)), by="Ann", now=world.now
        )
