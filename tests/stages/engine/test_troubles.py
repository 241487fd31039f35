"""What keeps messages from people is seen and told: by whatever works, and by what is mended."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from andon.alerts import actions as alerts
from andon.alerts import types as alert_types
from andon.core.models import StageBeat
from andon.engine import health
from andon.engine.watch import HealthWatch
from andon.paging import actions as paging
from andon.paging.models import Page
from andon.paging.types import Fault, Message, Receipt, TransportError
from tests.support import factories
from tests.support.outside import Receiver
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]

CLOSED = TransportError("refused the sender: 554 5.7.1 closed", fault=Fault.INSTALLATION)


@pytest.fixture
def shop() -> World:
    world = World()
    fallback = [{"email": "fallback@example.org"}, {"ntfy": "https://ntfy.example/fallback"}]
    world.organisation(fallback=fallback)
    world.at("2026-03-03 22:03 Europe/London")
    world.team("checkout", members=["ann"])
    world.rota("checkout-rota", ["ann"], team="checkout")
    for n in range(3):
        world.service(f"s{n}", owner="checkout")
    return world


@pytest.fixture
def outside() -> Iterator[Receiver]:
    made = Receiver()
    stop = made.start()
    yield made
    stop()


def storm(world: World) -> None:
    world.post([world.alert("firing", service=f"s{n}") for n in range(3)])
    world.run()


def watch(world: World) -> HealthWatch:
    return HealthWatch(transports={"email": world.email, "ntfy": world.ntfy})


def well(world: World) -> None:
    """Let every stage have run just now, as the running engine would."""
    for name in health.stage_names():
        StageBeat.objects.update_or_create(
            stage=name, defaults={"started_at": world.now, "finished_at": world.now}
        )


def look(world: World, watch: HealthWatch) -> None:
    well(world)
    watch.look(now=world.now)


def test_a_kind_that_cannot_be_sent_is_said_in_words_with_since_when_and_how_many(
    shop: World,
) -> None:
    shop.email.broken = CLOSED
    storm(shop)
    began = shop.now
    assert health.troubles(now=shop.now) == [], "a hiccup wakes nobody"
    shop.forward("1m")
    [trouble] = health.troubles(now=shop.now)
    assert trouble.words == (
        "Mail cannot be sent since 2026-03-03 22:03 UTC; 3 messages wait: refused the sender: "
        "554 5.7.1 closed"
    )
    assert (trouble.since, trouble.name) == (began, "messages:email:installation")
    health.export(now=shop.now)
    labels = {"kind": "email", "fault": "installation"}
    assert REGISTRY.get_sample_value("andon_notifications_failing", labels) == 3
    assert REGISTRY.get_sample_value("andon_notifications_failing_seconds", labels) == 60
    shop.email.broken = None
    shop.forward("20s")
    assert health.troubles(now=shop.now) == []
    health.export(now=shop.now)
    assert REGISTRY.get_sample_value("andon_notifications_failing", labels) is None
    shop.inbox.clear()


def test_what_nobody_needs_any_more_is_no_trouble(shop: World) -> None:
    shop.email.broken = CLOSED
    storm(shop)
    shop.forward("1m")
    for n in range(3):
        shop.alertmanager("resolved", service=f"s{n}")
    assert health.troubles(now=shop.now) == []


@pytest.mark.parametrize(
    ("fault", "after", "words"),
    [
        (Fault.MESSAGE, "30s", "Some mails are refused for what they say"),
        (Fault.TEMPORARY, "5m", "Some mails are put off again and again"),
    ],
)
def test_other_faults_that_last_are_told_too(
    shop: World, fault: Fault, after: str, words: str
) -> None:
    shop.email.broken = TransportError("451 not now", fault=fault)
    storm(shop)
    shop.forward(after)
    assert [one.what.partition(" since")[0] for one in health.troubles(now=shop.now)] == [words]


def test_a_recipients_fault_is_no_trouble_of_ours(shop: World) -> None:
    shop.email.broken = TransportError("550 5.1.1 no such user", fault=Fault.RECIPIENT)
    storm(shop)
    shop.forward("20m")
    assert health.troubles(now=shop.now) == []
    shop.inbox.clear()


def test_the_fallback_contact_is_told_by_what_works_and_by_mail_when_it_works_again(
    shop: World,
) -> None:
    seen = watch(shop)
    shop.email.broken = CLOSED
    storm(shop)
    shop.forward("20s")
    look(shop, seen)
    told = shop.expect.ntfy(to="fallback", containing="Andon needs help: Mail cannot be sent")
    assert "554 5.7.1 closed" in told.body
    shop.forward("4m")
    look(shop, seen)
    shop.expect.nothing()
    shop.email.broken = None
    shop.forward("20s")
    for _ in range(3):
        shop.expect.email(to="ann")
    look(shop, seen)
    late = shop.expect.email(to="fallback", containing="this message could not be sent")
    assert "Mail cannot be sent since 2026-03-03 22:03 UTC" in late.body
    shop.expect.ntfy(to="fallback", containing="Over: no message of Andon waits any more")
    look(shop, seen)
    shop.expect.nothing()


def test_the_alarm_comes_once_an_hour_from_one_process(shop: World) -> None:
    first, second = watch(shop), watch(shop)
    shop.email.broken = CLOSED
    storm(shop)
    for _ in range(3):
        shop.forward("20s")
        look(shop, first)
        look(shop, second)
    shop.expect.ntfy(to="fallback")
    shop.expect.nothing()
    shop.now += timedelta(hours=1)
    look(shop, first)
    look(shop, second)
    shop.expect.ntfy(to="fallback")
    shop.expect.nothing()


def test_a_transport_that_breaks_keeps_no_other_contact_from_being_told(shop: World) -> None:
    shop.email.broken = RuntimeError("a defect")
    storm(shop)
    shop.forward("20s")
    look(shop, watch(shop))
    shop.expect.ntfy(to="fallback", containing="Andon needs help")


def test_when_nobody_can_be_told_the_outgoing_heartbeat_falls_silent(
    shop: World, outside: Receiver, settings: Any
) -> None:
    settings.ENV = replace(settings.ENV, heartbeat_url=f"{outside.url}/beat")
    seen = watch(shop)
    look(shop, seen)
    assert len(outside.paths("/beat")) == 1
    shop.email.broken = CLOSED
    storm(shop)
    shop.forward("61s")
    look(shop, seen)
    assert len(outside.paths("/beat")) == 2, "they are told by push"
    shop.inbox.clear()
    shop.organisation(fallback=[{"email": "fallback@example.org"}])
    shop.forward("61s")
    look(shop, seen)
    assert len(outside.paths("/beat")) == 2
    ids = list(Page.objects.values_list("pk", flat=True))
    paging.acknowledge(page_ids=ids, by="Ann", person_id=None, now=shop.now, via="test")
    shop.forward("61s")
    look(shop, seen)
    assert len(outside.paths("/beat")) == 3
    shop.inbox.clear()


def test_alerts_that_are_lost_each_time_are_told_once_an_hour_and_their_end_too(
    shop: World,
) -> None:
    seen = watch(shop)
    key = factories.key(name="production")
    lost = alert_types.KeyFault(
        key.pk, "too_large", "A request was refused: too large.", is_loss=True
    )
    for _ in range(3):
        alerts.record_fault(fault=lost, now=shop.now)
        look(shop, seen)
        shop.forward("5m")
    for told in (shop.expect.email(to="fallback"), shop.expect.ntfy(to="fallback")):
        assert "Alerts of an integration key are lost each time they are sent" in told.body
        assert "production: A request was refused: too large." in told.body
        assert "goes on trying" not in told.body
    [trouble] = health.troubles(now=shop.now)
    assert not trouble.is_ours
    shop.forward("50m")
    alerts.record_fault(fault=lost, now=shop.now)
    look(shop, seen)
    shop.expect.email(to="fallback")
    shop.expect.ntfy(to="fallback")
    shop.forward("61m")
    look(shop, seen)
    over = "Over: for an hour no alert of this key was lost"
    shop.expect.email(to="fallback", containing=over)
    shop.expect.ntfy(to="fallback", containing=over)
    look(shop, seen)
    shop.expect.nothing()


def test_pages_that_reached_nobody_are_a_trouble_until_somebody_is_told(shop: World) -> None:
    shop.organisation(fallback=[])
    shop.email.broken = TransportError("550 5.1.1 user unknown", fault=Fault.RECIPIENT)
    unanswered = REGISTRY.get_sample_value("andon_pages_unanswered_total") or 0
    storm(shop)
    shop.forward("20s")
    [one] = health.troubles(now=shop.now)
    assert one.what == ("3 pages are not known to have reached anybody since 2026-03-03 22:03 UTC")
    assert REGISTRY.get_sample_value("andon_pages_unanswered_total") == unanswered + 3
    shop.email.broken = None
    shop.forward("6m")
    for _ in range(3):
        shop.expect.email(to="ann")
    assert health.troubles(now=shop.now) == []


def test_an_alarm_that_may_have_arrived_is_repeated_once_with_a_mark(shop: World) -> None:
    seen = watch(shop)
    shop.email.broken = CLOSED
    storm(shop)
    shop.forward("20s")
    look(shop, seen)
    shop.expect.ntfy(to="fallback")
    tried: list[str] = []

    def lose(message: Message, now: datetime) -> Receipt:
        tried.append(message.subject)
        raise TransportError("went away while it took the mail", unknown=True)

    shop.email.send = lose  # type: ignore[method-assign]
    for _ in range(5):
        look(shop, seen)
    said = "Andon needed help, and this message could not be sent: Mail cannot be sent"
    assert [one.partition(" since ")[0] for one in tried] == [said, f"[may be repeated] {said}"]
