"""Whether messages could leave is looked at before there is one, and said where people look."""

from datetime import timedelta

import pytest

from andon.catalogue import queries as catalogue
from andon.core.models import StageBeat
from andon.engine import health
from andon.engine.watch import HealthWatch
from andon.incidents.models import Incident
from andon.integrations.registry import NoTransport
from andon.paging import queries
from andon.paging.actions import ways
from andon.paging.models import Page, Way
from andon.paging.types import Fault, TransportError
from andon.people import queries as people
from andon.people.models import ContactMethod, Person
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]

AWAY = TransportError("cannot connect to mail.example:25: refused", fault=Fault.INSTALLATION)


@pytest.fixture
def shop() -> World:
    world = World()
    world.organisation(fallback=[{"email": "fallback@example.org"}])
    world.at("2026-03-03 22:03 Europe/London")
    world.team("checkout", members=["ann", "ben"])
    return world


def look(world: World, **changes: object) -> list[str]:
    transports = {"email": world.email, "ntfy": world.ntfy} | changes
    ways.look(transports=transports, now=world.now)  # type: ignore[arg-type]
    return [one.what for one in queries.troubles(now=world.now)]


def test_without_a_mail_server_nobody_can_be_paged_and_it_is_said_before_any_page(
    shop: World,
) -> None:
    assert look(shop, email=NoTransport("no SMTP server is configured: set ANDON_SMTP_URL")) == [
        "Mail cannot be sent, and there is no other way to anybody: nobody can be paged"
    ]
    (one,) = queries.troubles(now=shop.now)
    assert one.is_ours
    assert one.said == "no SMTP server is configured: set ANDON_SMTP_URL"
    assert not Page.objects.exists()
    assert not Incident.objects.exists()


def test_one_failure_of_a_server_that_worked_tells_nobody_two_do_and_it_ends(shop: World) -> None:
    assert look(shop) == []
    shop.email.broken = AWAY
    shop.now += timedelta(minutes=5)
    assert look(shop) == []
    shop.now += timedelta(seconds=10)
    (what,) = look(shop)
    assert what.startswith("Mail cannot be sent")
    shop.email.broken = None
    shop.now += timedelta(seconds=29)
    assert look(shop) == [what]  # not due yet
    shop.now += timedelta(seconds=1)
    assert look(shop) == []


def test_an_address_of_a_kind_that_nobody_declares_is_said_and_holds_nobody_up(
    shop: World,
) -> None:
    ann = Person.objects.get(slug="ann")
    ContactMethod.objects.filter(person=ann).update(kind="pigeon", address="loft-of-secrets")
    assert look(shop) == [
        "Messages of kind pigeon cannot be sent; 1 of 2 people cannot be paged at all"
    ]
    (one,) = queries.troubles(now=shop.now)
    assert one.said == "no integration of this installation knows the kind of contact 'pigeon'"
    found = people.contacts(slugs=["ann", "ben"])
    assert [len(found[slug].contacts) for slug in ("ann", "ben")] == [0, 1]
    listed = {one.slug: one.contacts for one in people.list_people()}
    assert [(one.kind, one.address) for one in listed["ann"]] == [("pigeon", "...")]


def test_a_fallback_contact_of_a_kind_that_nobody_declares_is_said(shop: World) -> None:
    shop.organisation(fallback=[{"pigeon": "loft-of-secrets"}, {"email": "duty@example.org"}])
    assert look(shop) == [
        "Messages of kind pigeon cannot be sent: the fallback contact is not told of anything by it"
    ]
    sent_to = [one.kind for one in catalogue.organisation(whole=True).fallback]
    assert sent_to == ["email"]


def test_a_mail_server_that_is_busy_is_not_called_broken(shop: World) -> None:
    shop.email.broken = TransportError("421 too many connections", fault=Fault.TEMPORARY)
    assert look(shop) == []


def test_other_addresses_are_counted_and_servers_nobody_names_are_forgotten(shop: World) -> None:
    ann = Person.objects.get(slug="ann")
    push = ContactMethod.objects.create(
        person=ann, kind="ntfy", address="https://ntfy.example/secret-topic", position=2
    )
    shop.email.broken = AWAY
    (what,) = look(shop)
    assert what == "Mail cannot be sent; 1 of 2 people cannot be paged at all"
    assert set(Way.objects.values_list("kind", "server")) == {
        ("email", ""), ("ntfy", "ntfy.example")
    }  # fmt: skip
    push.delete()
    shop.now += timedelta(minutes=5)
    look(shop)
    assert list(Way.objects.values_list("kind", flat=True)) == ["email"]


def test_the_heartbeat_outwards_stops_when_the_fallback_cannot_be_told(
    shop: World, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    watch = HealthWatch(transports={"email": shop.email})
    look(shop)
    assert not watch._is_mute({one.name for one in queries.troubles(now=shop.now)})
    shop.email.broken = AWAY
    for _ in range(2):
        shop.now += timedelta(minutes=5)
        look(shop)
    assert watch._is_mute({one.name for one in queries.troubles(now=shop.now)})


def test_messages_that_wait_tell_of_it_instead(shop: World) -> None:
    """One trouble and not two while the same server keeps pages waiting."""
    shop.rota("checkout-rota", ["ann"], team="checkout")
    shop.service("checkout", owner="checkout")
    shop.email.broken = AWAY
    look(shop)
    shop.alertmanager("firing", service="checkout")
    shop.forward("1m")
    (what,) = look(shop)
    assert what.startswith("Mail cannot be sent since")


def test_the_health_of_the_engine_is_asked_of_the_same_troubles(shop: World) -> None:
    look(shop, email=NoTransport("no SMTP server is configured: set ANDON_SMTP_URL"))
    StageBeat.objects.all().delete()
    assert [one.name for one in health.troubles(now=shop.now)] == ["way:email:"]
