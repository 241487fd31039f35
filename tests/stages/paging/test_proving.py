"""A test of somebody's addresses goes the way of a page, and is none."""

from datetime import timedelta

import pytest

from andon.core.models import AuditEntry
from andon.incidents.models import Incident
from andon.paging import actions, queries
from andon.paging.actions import proving
from andon.paging.models import Decision, Notification, Page
from andon.paging.types import Fault, TransportError
from andon.people.models import ContactMethod, Person
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def shop() -> World:
    world = World()
    world.at("2026-03-03 22:03 Europe/London")
    world.team("checkout", members=["ann"])
    ann = Person.objects.get(slug="ann")
    ContactMethod.objects.create(
        person=ann, kind="ntfy", address="https://ntfy.example/ann", position=2
    )
    return world


def outcome(world: World) -> dict[str, tuple[str, str]]:
    uids = actions.send_test(person="ann", by="Ann", now=world.now)
    world.run()
    found = queries.list_tests(uids=uids, whole=True)
    return {one.kind: (str(one.state), one.came_of_it) for one in found}


def test_each_address_gets_one_and_nothing_else_comes_of_it(shop: World) -> None:
    assert {kind: state for kind, (state, _) in outcome(shop).items()} == {
        "email": "sent", "ntfy": "sent"
    }  # fmt: skip
    mail = shop.expect.email(to="ann", containing="You asked for this")
    shop.expect.ntfy(to="ann", containing="Nothing is wrong")
    shop.expect.nothing()
    assert mail.urgent
    assert mail.ack_link == ""
    assert mail.link.endswith("/people/me/")
    assert not Page.objects.exists()
    assert not Incident.objects.exists()
    assert not Decision.objects.exists()
    assert AuditEntry.objects.get(verb="tested").subject == "person:ann"


@pytest.mark.parametrize("fault", list(Fault))
def test_what_is_refused_is_said_at_once_and_not_tried_again(shop: World, fault: Fault) -> None:
    shop.email.broken = TransportError("550 5.1.1 no such user", fault=fault)
    assert outcome(shop) == {
        "email": ("failed", "550 5.1.1 no such user"),
        "ntfy": ("sent", ""),
    }
    shop.expect.ntfy(to="ann")
    shop.email.broken = None
    shop.forward("10m")
    shop.expect.nothing()
    marked = ContactMethod.objects.exclude(fault="").values_list("kind", flat=True)
    assert list(marked) == (["email"] if fault is Fault.RECIPIENT else [])
    assert queries.troubles(now=shop.now) == []


def test_one_that_may_have_arrived_is_not_repeated(shop: World) -> None:
    shop.email.broken = TransportError("went away", fault=Fault.INSTALLATION, unknown=True)
    assert outcome(shop)["email"] == ("failed", "went away")


def test_a_test_that_succeeds_takes_the_mark_off_an_address(shop: World) -> None:
    ContactMethod.objects.filter(kind="email").update(fault="550 no such user")
    assert outcome(shop)["email"][0] == "sent"
    assert not ContactMethod.objects.exclude(fault="").exists()
    shop.inbox.clear()


def test_phones_ring_once_in_thirty_seconds_whoever_asks(shop: World) -> None:
    outcome(shop)
    shop.inbox.clear()
    with pytest.raises(actions.UnableToTest, match="tested a moment ago: wait 30 s"):
        actions.send_test(person="ann", by="Ben", now=shop.now)
    shop.now += timedelta(seconds=30)
    actions.send_test(person="ann", by="Ben", now=shop.now)


def test_who_is_nobody_or_has_no_address_is_said(shop: World) -> None:
    with pytest.raises(actions.UnableToTest, match="nobody called 'eve'"):
        actions.send_test(person="eve", by="Ann", now=shop.now)
    ContactMethod.objects.all().delete()
    with pytest.raises(actions.UnableToTest, match="has no address"):
        actions.send_test(person="ann", by="Ann", now=shop.now)


def test_what_nobody_sends_is_withdrawn_and_what_is_late_never_arrives(shop: World) -> None:
    uids = actions.send_test(person="ann", by="Ann", now=shop.now)
    assert proving.give_up(uids=uids) == 2
    shop.run()
    shop.expect.nothing()
    shop.now += timedelta(minutes=5)
    actions.send_test(person="ann", by="Ann", now=shop.now)
    shop.now += timedelta(minutes=2)
    shop.run()
    shop.expect.nothing()
    assert set(Notification.objects.values_list("state", flat=True)) == {"cancelled"}


def test_no_link_of_a_test_acknowledges_anything(shop: World) -> None:
    from andon.paging import links  # noqa: PLC0415 - what a message would carry

    uids = actions.send_test(person="ann", by="Ann", now=shop.now)
    token = links.sign(uid=uids[0])
    assert queries.find_by_token(token=token, now=shop.now) is None
    with pytest.raises(actions.UnableToReadAckLink):
        actions.use_ack_link(token=token, now=shop.now)
