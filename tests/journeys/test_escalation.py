"""Nobody answers, somebody cannot be reached, somebody has left: the page goes on."""

import random
from datetime import timedelta

import pytest

from andon.catalogue import models as catalogue
from andon.paging import actions as paging
from andon.paging.types import TransportError
from andon.people.models import ContactMethod, Person
from tests.support.world import World

pytestmark = pytest.mark.database


@pytest.fixture
def shop(world: World) -> World:
    world.service("checkout")
    world.team("checkout", members=["ann", "ben", "cat"])
    world.rota("checkout-rota", ["ann", "ben", "cat"], team="checkout")
    return world


def test_a_page_goes_to_the_next_then_to_everyone_twice_and_then_it_is_unanswered(
    shop: World,
) -> None:
    shop.at("2026-03-03 10:00 Europe/London").alertmanager("firing", service="checkout")
    shop.forward("29m")
    for start in ("10:00", "10:15"):
        hour, minute = start.split(":")
        times = [f"2026-03-03 {hour}:{int(minute) + n:02} Europe/London" for n in (0, 5, 10)]
        shop.expect.email(to="ann", at=times[0])
        shop.expect.email(to="ben", at=times[1])
        for one in ("ann", "ben", "cat"):
            shop.expect.email(to=one, at=times[2])
    assert shop.page().state == "paging"
    shop.forward("1m")
    told = shop.expect.email(to="fallback", at="2026-03-03 10:30 Europe/London")
    assert told.subject == "UNANSWERED [critical] Checkout: Down of checkout"
    assert shop.page().state == "unanswered"
    shop.forward("5h")
    assert shop.press(told).state == "acknowledged"


def test_something_new_on_an_unanswered_page_asks_everybody_once_more(shop: World) -> None:
    shop.alertmanager("firing", service="checkout")
    shop.forward("1h")
    assert shop.page().state == "unanswered"
    shop.inbox.clear()
    shop.alertmanager("firing", service="checkout", name="Slow")
    message = shop.expect.email(to="ann")
    assert shop.press(message).state == "acknowledged"


def test_r06_wait_steps_are_respected(shop: World) -> None:
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ann")
    for _ in range(299):
        shop.forward("1s")
    shop.expect.nothing()
    shop.forward("1s")
    shop.expect.email(to="ben")


def test_r04_one_recipient_failing_does_not_stop_others(world: World) -> None:
    world.team("basket", members=["ann", "ben", "cat"])
    world.service("basket")
    gone = TransportError("no such mailbox", permanent=True)
    world.email.faults["ann@example.org"] = [gone] * 9
    world.email.faults["ben@example.org"] = [RuntimeError("a defect in the transport")] * 9
    world.alertmanager("firing", service="basket")
    world.expect.email(to="cat")
    assert ContactMethod.objects.get(person__slug="ann").fault
    assert world.states().count("sent") == 1


def test_r07_no_usable_contact_fails_the_step_at_once(shop: World) -> None:
    ContactMethod.objects.filter(person__slug="ann").update(fault="bounced")
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ben", at="2026-03-03 10:00 Europe/London")
    told = shop.expect.email(to="fallback", at="2026-03-03 10:00 Europe/London")
    assert "Why you: Step 1 of 3: Ann cannot be reached: no usable contact" in told.body
    assert shop.reasons("skipped") == [
        "Step 1 of 3: Ann cannot be reached: no usable contact; skipped at once"
    ]


def test_nobody_at_all_can_be_reached_so_the_fallback_is_told_at_once(shop: World) -> None:
    ContactMethod.objects.all().update(fault="bounced")
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="fallback", containing="UNANSWERED")
    assert shop.page().state == "unanswered"


def test_r08_deleted_person_or_step_is_skipped_safely(shop: World) -> None:
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ann")
    Person.objects.filter(slug="ben").update(is_active=False, retired_at=shop.now)
    shop.forward("5m")
    shop.expect.email(to="cat", at="2026-03-03 10:05 Europe/London")
    catalogue.RotaVersion.objects.all().delete()
    shop.forward("5m")
    for one in ("ann", "cat"):
        shop.expect.email(to=one, at="2026-03-03 10:10 Europe/London")


def test_editing_the_policy_never_changes_a_page_in_flight(shop: World) -> None:
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ann")
    shop.organisation(
        escalation={"steps": [{"target": "everyone", "waitMinutes": 1}], "repeats": 0}
    )
    shop.forward("4m")
    shop.expect.nothing()
    shop.forward("1m")
    shop.expect.email(to="ben")


def test_r32_acknowledge_cancels_what_is_pending(shop: World) -> None:
    busy = TransportError("try later", permanent=False)
    shop.person("ann", by=("email",))
    ContactMethod.objects.create(
        person=Person.objects.get(slug="ann"), kind="ntfy", address="https://ntfy.example/ann"
    )
    shop.ntfy.faults["https://ntfy.example/ann"] = [busy] * 3
    shop.alertmanager("firing", service="checkout")
    message = shop.expect.email(to="ann")
    assert "pending" in shop.states()
    shop.press(message)
    assert shop.states() == ["sent", "cancelled"]
    shop.forward("2h")


def test_the_link_works_once_and_says_why_it_does_not(shop: World) -> None:
    shop.alertmanager("firing", service="checkout")
    message = shop.expect.email(to="ann")
    token = message.ack_link.rstrip("/").rpartition("/")[2]
    with pytest.raises(paging.UnableToReadAckLink):
        paging.use_ack_link(token=token[:-1] + "x", now=shop.now)
    with pytest.raises(paging.AckLinkExpired):
        paging.use_ack_link(token=token, now=shop.now + timedelta(days=7))
    shop.press(message)
    with pytest.raises(paging.AckLinkUsed):
        paging.use_ack_link(token=token, now=shop.now)


def test_two_people_press_and_the_second_learns_who_was_first(world: World) -> None:
    world.team("basket", members=["ann", "ben"])
    world.service("basket")
    world.alertmanager("firing", service="basket")
    first, second = world.expect.email(to="ann"), world.expect.email(to="ben")
    world.press(first)
    with pytest.raises(paging.NothingToAcknowledge, match="Ann has acknowledged it already"):
        world.press(second)


def test_r12_first_alert_is_immediate(world: World) -> None:
    """However arrivals and the engine's turns are mixed, the next turn sends the first alert."""
    chance = random.Random(12)
    world.rota("shop-rota", ["ann"], team="shop")
    for n in range(60):
        world.service(f"s{n:02}", owner="shop")
    waiting: list[str] = []
    fresh = [f"s{n:02}" for n in range(60)]
    while fresh or waiting:
        if fresh and chance.random() < 0.6:
            group = [fresh.pop() for _ in range(min(len(fresh), chance.randint(1, 3)))]
            world.post([world.alert("firing", service=slug) for slug in group])
            waiting += group
        else:
            world.run()
            for slug in waiting:
                world.expect.email(to="ann", containing=f"Down of {slug}")
            waiting.clear()
            world.expect.nothing()
