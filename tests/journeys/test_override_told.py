"""An override is told by mail to those whom it concerns, each in their own zone."""

import pytest
from django.db import transaction

from andon.oncall import actions as oncall
from andon.oncall.models import Override
from andon.paging import actions as paging
from andon.paging.models import Notification
from andon.paging.types import Fault, TransportError
from andon.people.models import ContactMethod, Person
from tests.support.world import World

pytestmark = pytest.mark.database


@pytest.fixture
def shop(world: World) -> World:
    """On Tuesday 3 March 2026 `ann` has the rota; `cat` lives in Stockholm."""
    world.service("checkout")
    world.team("checkout", members=["ann", "ben", "cat"])
    world.rota("checkout-rota", ["ann", "ben", "cat"], team="checkout")
    Person.objects.filter(slug="cat").update(timezone="Europe/Stockholm")
    world.at("2026-03-03 10:00 Europe/London")
    return world


def test_who_takes_over_and_whose_shift_it_was_are_told_once(shop: World) -> None:
    shop.override("checkout-rota", "cat", lasts="2h", heard=False)
    shop.run()
    taken = shop.expect.email(to="cat")
    assert taken.subject == (
        "You take checkout-rota from Tue 3 Mar 2026 11:00 Europe/Stockholm "
        "to Tue 3 Mar 2026 13:00 Europe/Stockholm"
    )
    assert "Why: a favour\nMade by: Cat" in taken.body
    assert (taken.link.partition("/rotas/")[2], taken.link_words) == ("checkout-rota/", "The rota")
    assert (taken.ack_link, taken.urgent) == ("", False)
    given = shop.expect.email(to="ann")
    assert given.subject == (
        "Cat takes checkout-rota in your place from Tue 3 Mar 2026 10:00 Europe/London "
        "to Tue 3 Mar 2026 12:00 Europe/London"
    )
    shop.forward("5h")
    shop.expect.nothing()


def test_a_cancelled_one_is_told_to_the_same_people(shop: World) -> None:
    shop.override("checkout-rota", "ben", lasts="6h")
    shop.forward("2h")
    oncall.cancel_override(override=Override.objects.get().pk, by="ann", now=shop.now)
    shop.run()
    assert shop.expect.email(to="ben").subject.startswith(
        "You no longer take checkout-rota from Tue 3 Mar 2026 12:00 Europe/London"
    )
    assert "it is yours again" in shop.expect.email(to="ann").subject
    shop.expect.nothing()


def test_one_that_is_cancelled_before_anybody_was_told_is_told_to_nobody(shop: World) -> None:
    shop.override("checkout-rota", "ben", lasts="6h", heard=False)
    oncall.cancel_override(override=Override.objects.get().pk, by="ben", now=shop.now)
    shop.forward("1h")
    shop.expect.nothing()


def test_it_is_told_when_mail_works_again_and_again_when_nobody_knows(shop: World) -> None:
    shop.email.broken = TransportError("no", fault=Fault.INSTALLATION)
    shop.override("checkout-rota", "ben", lasts="6h", heard=False)
    shop.forward("1h")
    shop.expect.nothing()
    shop.email.broken = None
    shop.forward("1m")
    shop.expect.email(to="ben")
    shop.expect.email(to="ann")
    address = ContactMethod.objects.get(person__slug="cat", kind="email").address
    shop.email.faults[address] = [TransportError("cut off", unknown=True)]
    shop.override("checkout-rota", "cat", lasts="2h", heard=False)
    shop.run()
    shop.forward("1m")
    again = shop.expect.email(to="cat").subject
    assert again.startswith("[may be repeated] You take checkout-rota")
    shop.expect.email(to="ben", containing="in your place")


def test_what_is_not_committed_is_told_later(shop: World) -> None:
    """A worker dies between the messages and their commit: both are undone together."""
    shop.override("checkout-rota", "ben", lasts="6h", heard=False)
    with transaction.atomic():
        assert paging.tell_overrides(now=shop.now, limit=9) == 1
        transaction.set_rollback(True)
    assert not Notification.objects.exists()
    shop.run()
    shop.expect.email(to="ben")
    shop.expect.email(to="ann")
    assert paging.tell_overrides(now=shop.now, limit=9) == 0
