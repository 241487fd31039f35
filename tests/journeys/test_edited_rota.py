"""A rota is edited on a Friday night: pages go on to whoever serves the turn, then in the order."""

import pytest

from andon.catalogue.actions.versions import write_versions
from andon.catalogue.models import RotaVersion
from tests.support.world import World, instant

pytestmark = pytest.mark.database


@pytest.fixture
def shop(world: World) -> World:
    world.service("checkout")
    world.team("checkout", members=["ann", "ben", "cat"])
    world.rota("checkout-rota", ["ann", "ben", "cat"], team="checkout")
    return world


def edit(shop: World, *people: str) -> None:
    for one in people:
        shop.person(one)
    document = RotaVersion.objects.get(ends_at=None).document
    document = {**document, "rotation": {**document["rotation"], "participants": list(people)}}
    write_versions({"checkout-rota": document}, shop.now, leaving=())


def test_r81_people_appended_at_night_are_paged_after_everybody_else(shop: World) -> None:
    """On Friday 6 March 2026 `ann` has it until Monday."""
    shop.at("2026-03-06 22:00 Europe/London").alertmanager("firing", service="checkout")
    shop.forward("1m")
    shop.expect.email(to="ann", at="2026-03-06 22:00 Europe/London")
    edit(shop, "ann", "ben", "cat", "new", "newer")
    shop.forward("4m")
    shop.expect.email(to="ben", at="2026-03-06 22:05 Europe/London")
    shop.alertmanager("resolved", service="checkout")
    shop.forward("10m")
    shop.inbox.clear()
    weeks = ("09", "16", "23", "30")
    for day, person in zip(weeks, ("ben", "cat", "ann", "new"), strict=True):
        shop.at(f"2026-03-{day} 12:00 Europe/London")
        shop.alertmanager("firing", service="checkout")
        shop.forward("10s")
        shop.expect.email(to=person, at=f"2026-03-{day} 12:00 Europe/London")
        shop.expect.nothing()
        shop.alertmanager("resolved", service="checkout")
        shop.forward("10m")
        shop.inbox.clear()


def test_somebody_struck_off_while_a_page_is_open_is_asked_until_the_turn_ends(
    shop: World,
) -> None:
    shop.at("2026-03-08 23:00 Europe/London")
    edit(shop, "ben", "cat")
    shop.alertmanager("firing", service="checkout")
    shop.forward("10s")
    shop.expect.email(to="ann", at="2026-03-08 23:00 Europe/London")
    assert shop.now < instant("2026-03-09 09:00 Europe/London")
