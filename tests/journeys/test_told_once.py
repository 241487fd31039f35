"""Nobody is told twice by one step, and a message that is not made is never passed over."""

import pytest
from structlog.testing import capture_logs

from andon.paging.models import Decision, Notification
from andon.people.models import ContactMethod
from tests.support.world import World

pytestmark = pytest.mark.database


@pytest.fixture
def shop(world: World) -> World:
    world.service("checkout")
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    return world


def test_r82_two_people_with_one_address_get_one_message(shop: World) -> None:
    shop.team("checkout", members=["ann", "ben"])
    ContactMethod.objects.filter(person__slug="ben").update(address="Ann@example.org")
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ann")
    shop.forward("5m")
    assert shop.inbox.pop().to == "Ann"
    shop.forward("5m")
    shop.expect.email(to="ann")
    shop.expect.nothing()
    [reason] = shop.reasons("shared")
    assert reason == (
        "Ben has the same email address as somebody else who is asked now: one message for both"
    )


def test_a_fallback_contact_given_twice_is_told_once(shop: World) -> None:
    shop.organisation(fallback=[{"email": "fallback@example.org"}] * 2)
    shop.alertmanager("firing", service="typo")
    shop.expect.email(to="fallback", containing="UNANSWERED")
    shop.expect.nothing()


def test_a_message_that_collides_is_loud_and_the_trail_says_that_it_was_not_made(
    shop: World,
) -> None:
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ann")
    page = shop.page()
    Notification.objects.create(
        page=page,
        step=1,
        kind="email",
        destination="ben@example.org",
        subject="in the way",
        body="",
        created_at=shop.now,
        state="failed",
    )
    with capture_logs() as lines:
        shop.forward("5m")
    assert [one["event"] for one in lines if one["log_level"] == "error"] == [
        "notification_collided"
    ]
    shop.expect.nothing()
    decision = Decision.objects.get(kind="collided")
    assert decision.reason.startswith("No email was made for step 2: there is one like it already")
    shop.forward("5m")
    shop.expect.email(to="ann")
    shop.expect.email(to="ben")
