"""Nobody answers, somebody cannot be reached, somebody has left: the page goes on."""

import random
from datetime import UTC, timedelta

import pytest

from andon.catalogue import models as catalogue
from andon.paging import actions as paging
from andon.paging.types import Fault, TransportError
from andon.people.models import ContactMethod, Person
from tests.support.world import World, instant

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
    assert shop.press(told).state == "acknowledged"
    shop.forward("5h")


def test_a_hand_over_between_two_steps_passes_over_nobody(shop: World) -> None:
    """Ann has it until Monday 09:00, then Ben; Cat would be next to him."""
    shop.at("2026-03-09 08:58 Europe/London").alertmanager("firing", service="checkout")
    shop.forward("16m")
    shop.expect.email(to="ann", at="2026-03-09 08:58 Europe/London")
    shop.expect.email(to="ben", at="2026-03-09 09:03 Europe/London")
    assert shop.reasons("paged")[1].startswith(
        "Step 2 of 3: paging Ben (on call for rota checkout-rota now, and not asked before)"
    )
    for one in ("ann", "ben", "cat"):
        shop.expect.email(to=one, at="2026-03-09 09:08 Europe/London")
    shop.expect.email(to="ben", at="2026-03-09 09:13 Europe/London")


def test_who_takes_over_from_somebody_that_left_is_asked_before_who_is_next(shop: World) -> None:
    shop.at("2026-03-03 10:00 Europe/London").alertmanager("firing", service="checkout")
    shop.forward("1m")
    shop.expect.email(to="ann")
    Person.objects.filter(slug="ann").update(is_active=False, retired_at=shop.now)
    shop.forward("5m")
    shop.expect.email(to="ben", at="2026-03-03 10:05 Europe/London")


def test_r83_an_unanswered_page_is_taken_round_again_until_somebody_takes_it(shop: World) -> None:
    shop.at("2026-03-03 10:00 Europe/London").alertmanager("firing", service="checkout")
    shop.forward("30m")
    assert shop.page().state == "unanswered"
    assert shop.page().next_at == instant("2026-03-03 10:35 Europe/London")
    shop.inbox.clear()
    shop.forward("75m")
    for at in ("10:35", "10:40", "10:50", "11:10", "11:40"):
        for one in ("ann", "ben", "cat"):
            shop.expect.email(to=one, at=f"2026-03-03 {at} Europe/London")
        shop.expect.email(to="fallback", containing="UNANSWERED")
    shop.expect.nothing()
    assert shop.reasons("asked-again")[0] == (
        "Nobody has acknowledged 5 min after the last step: asking Ann, Ben and Cat once more, "
        "again in 5 min"
    )
    shop.forward("25m")
    shop.press(shop.expect.email(to="ben"))
    shop.inbox.clear()
    shop.forward("3d")
    shop.expect.nothing()


def test_an_unanswered_page_that_its_target_holds_at_night_waits_and_begins_anew(
    world: World,
) -> None:
    """Nobody is woken for a service whose target buys no cover, also not by the fifth round."""
    world.team("basket", members=["ann"])
    world.service("basket", target="99.0")
    world.at("2026-03-03 16:45 Europe/London").alertmanager("firing", service="basket")
    world.forward("8h")
    page = world.page()
    assert page.state == "held"
    assert page.next_at == instant("2026-03-04 09:00 Europe/London")
    assert {one.at.astimezone(UTC).hour for one in world.inbox} <= {16, 17}
    world.inbox.clear()
    world.forward("9h")
    world.expect.email(to="ann", at="2026-03-04 09:00 Europe/London")
    world.inbox.clear()


def test_whoever_joins_a_rota_nobody_was_on_is_asked_in_the_next_round(world: World) -> None:
    world.service("checkout")
    world.organisation(fallback=[])
    world.alertmanager("firing", service="checkout")
    assert world.page().state == "unanswered"
    assert "there is no fallback contact" in world.reasons("unanswered")[0]
    world.forward("4m")
    world.team("checkout", members=["ann"])
    world.forward("1m")
    world.expect.email(to="ann")


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
    gone = TransportError("no such mailbox", fault=Fault.RECIPIENT)
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
    assert shop.reasons("tried") == [
        "Ann, Ben and Cat have no address that was not refused before: tried all the same"
    ]
    for one in ("ann", "ben", "cat"):
        shop.expect.email(to=one)
    assert not ContactMethod.objects.exclude(fault="").exists(), "what took a message works"


def test_seconds_in_which_everybody_was_unknown_cost_nobody_later_pages(shop: World) -> None:
    shop.email.broken = TransportError("550 5.1.1 user unknown", fault=Fault.RECIPIENT)
    shop.alertmanager("firing", service="checkout")
    shop.forward("2s")
    assert shop.page().state == "unanswered"
    assert ContactMethod.objects.exclude(fault="").count() == 3
    shop.expect.nothing()
    shop.email.broken = None
    shop.forward("5m")
    for one in ("ann", "ben", "cat", "fallback"):
        shop.expect.email(to=one)
    shop.alertmanager("resolved", service="checkout")
    for one in ("ann", "ben", "cat", "fallback"):
        shop.expect.email(to=one, containing="Resolved")
    shop.alertmanager("firing", service="checkout", name="Later")
    shop.expect.email(to="ann")


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
    busy = TransportError("try later")
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
