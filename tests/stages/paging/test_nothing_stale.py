"""What a page is decided by is read when it is decided: a change counts from the next page on."""

import pytest

from andon.alerts import actions as alerts
from andon.catalogue.models import RotaVersion, Service
from andon.paging import actions as paging
from andon.paging.actions import delivery
from andon.paging.models import Notification
from andon.people.models import ContactMethod, Membership, Person, Team
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def world() -> World:
    """Return a running installation that has just paged ann about a service of the same team."""
    made = World()
    for slug in ("first", "second"):
        made.service(slug, owner="shop")
    made.rota("shop-rota", ["ann"], team="shop")
    made.person("ben")
    page(made, "first")
    made.expect.email(to="ann")
    return made


def page(world: World, service: str) -> None:
    world.post([world.alert("firing", service=service)])
    # As the engine's thread does it: with the memory of a turn, and no other.
    world.engine.cycle()
    world.run()


def test_an_override_counts_for_the_next_page(world: World) -> None:
    world.override("shop-rota", "ben", lasts="1h")
    page(world, "second")
    world.expect.email(to="ben")
    world.expect.nothing()


def test_a_changed_address_counts_for_the_next_page(world: World) -> None:
    ContactMethod.objects.filter(person__slug="ann").update(address="other@example.org")
    page(world, "second")
    world.expect.email(to="other")
    world.expect.nothing()


def test_an_address_that_was_found_faulty_is_not_used_again(world: World) -> None:
    ann = Person.objects.get(slug="ann")
    ContactMethod.objects.create(person=ann, kind="ntfy", address="https://ntfy.example/ann")
    ContactMethod.objects.filter(kind="email").update(fault="no such mailbox")
    page(world, "second")
    world.expect.ntfy(to="ann")
    world.expect.nothing()


def test_who_has_left_is_not_paged(world: World) -> None:
    Person.objects.filter(slug="ann").update(is_active=False)
    Membership.objects.create(
        team=Team.objects.get(slug="shop"), person=Person.objects.get(slug="ben")
    )
    page(world, "second")
    world.expect.email(to="ben")
    world.expect.nothing()


def test_a_rota_declared_anew_counts_for_the_next_page(world: World) -> None:
    version = RotaVersion.objects.get()
    version.document["rotation"]["participants"] = ["ben"]
    version.save()
    page(world, "second")
    world.expect.email(to="ben")
    world.expect.nothing()


def test_a_service_given_to_another_team_pages_that_team(world: World) -> None:
    world.rota("other-rota", ["ben"], team="other")
    Service.objects.filter(slug="second").update(owner=Team.objects.get(slug="other"))
    page(world, "second")
    world.expect.email(to="ben")
    world.expect.nothing()


def test_a_memory_reads_what_a_later_batch_needs_and_never_everything(world: World) -> None:
    world.rota("other-rota", ["ben"], team="other")
    world.rota("strange-rota", ["cat"], team="strange")
    world.service("third", owner="other")
    world.post([world.alert("firing", service=slug) for slug in ("second", "third")])
    alerts.find_services(now=world.now, limit=10)
    memory = paging.Memory()
    assert paging.route_alerts(now=world.now, limit=1, memory=memory) == 1
    assert len(memory.rotas) == 1
    assert paging.route_alerts(now=world.now, limit=1, memory=memory) == 1
    assert memory.rotas.keys() == {"shop-rota", "other-rota"}
    world.run()
    world.expect.email(to="ann")
    world.expect.email(to="ben")
    world.expect.nothing()


def test_the_kinds_that_are_due_are_found_without_taking_them(world: World) -> None:
    page(world, "second")
    world.expect.email(to="ann")
    kinds = ("email", "ntfy")
    assert delivery.find_due_kinds(kinds=kinds, now=world.now) == set()
    Notification.objects.update(state="pending", next_at=world.now, lease_until=None)
    assert delivery.find_due_kinds(kinds=kinds, now=world.now) == {"email"}
    assert delivery.find_due_kinds(kinds=("ntfy",), now=world.now) == set()
    assert len(delivery.claim_due(kinds=kinds, now=world.now)) == 2
    assert delivery.find_due_kinds(kinds=kinds, now=world.now) == set()
    assert delivery.find_due_kinds(kinds=kinds, now=world.now + 2 * delivery.LEASE) == {"email"}
