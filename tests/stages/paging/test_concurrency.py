"""Two engines, one database: each alert is routed once, each step runs once, an answer wins."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from andon.alerts import actions as alerts
from andon.alerts.models import Alert
from andon.paging import actions as paging
from andon.paging.actions import delivery
from andon.paging.actions.delivery import SendOutcome
from andon.paging.models import Decision, Notification, Page, PagedAlert
from andon.paging.types import Receipt
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


def test_r70_no_deadlocks_under_load(world: World) -> None:
    """Everything that locks alerts, pages and messages at once, in every order it is asked for."""
    world.rota("shop-rota", ["ann", "ben"], team="shop")
    slugs = [f"s{n}" for n in range(12)]
    for slug in slugs:
        world.service(slug, owner="shop")
    world.post([world.alert("firing", service=slug) for slug in slugs])
    world.run()
    world.inbox.clear()
    chance = random.Random(70)
    groups = [
        [world.alert(state, service=slug, name=f"A{n % 3}") for slug in chance.sample(slugs, 6)]
        for n in range(60)
        for state in ("firing", "resolved")
    ]
    orders = [chance.sample(range(1, 40), 12) for _ in range(40)]
    later = world.now + timedelta(minutes=5)
    halves = (groups[::2], groups[1::2])

    def receive(part: list[list[dict[str, object]]]) -> Callable[[], None]:
        return lambda: [world.post(group) for group in part] and None

    def engine() -> None:
        for _ in range(60):
            alerts.find_services(now=later, limit=50)
            paging.route_alerts(now=later, limit=7)
            paging.escalate_due(now=later, limit=7)

    def act() -> None:
        for ids in orders:
            paging.acknowledge(page_ids=ids, by="Ann", person_id=None, now=later, via="test")
            paging.resolve(page_ids=ids[::-1], by="Ben", now=later)

    def send() -> None:
        for _ in range(60):
            claimed = delivery.claim_due(kinds=["email"], now=later, limit=20)
            done = [SendOutcome(one, Receipt()) for one in claimed]
            delivery.finish(results=done[::-1], now=later)

    together(receive(halves[0]), receive(halves[1]), engine, engine, act, send)
    world.at("2026-03-03 10:06 Europe/London").run()
    world.inbox.clear()
    assert not Alert.objects.filter(unseen=True).exists()
    assert Page.objects.exclude(state="resolved").values(
        "subject_kind", "subject_ref"
    ).distinct().count() == (Page.objects.exclude(state="resolved").count())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_r73_insert_retries_are_safe(world: World) -> None:
    """The database gives up on a transaction in its middle; a retry makes no second row."""
    world.rota("shop-rota", ["ann", "ben"], team="shop")
    world.service("s", owner="shop")
    world.post([world.alert("firing", service="s")])
    alerts.find_services(now=world.now, limit=10)
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE SEQUENCE tries;
            CREATE FUNCTION lose() RETURNS trigger AS $$ BEGIN
              IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END IF;
              RETURN NEW; END $$ LANGUAGE plpgsql;
            CREATE TRIGGER lose BEFORE INSERT ON paging_notification
              FOR EACH ROW EXECUTE FUNCTION lose();
        """)
        try:
            assert paging.route_alerts(now=world.now, limit=10) == 1
            cursor.execute("SELECT last_value FROM tries")
            assert cursor.fetchone() == (3,)
        finally:
            cursor.execute("DROP TRIGGER lose ON paging_notification")
            cursor.execute("DROP FUNCTION lose; DROP SEQUENCE tries")
    for model, count in ((Page, 1), (PagedAlert, 1), (Notification, 1)):
        assert model.objects.count() == count
    assert Decision.objects.filter(kind="paged").count() == 1


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
