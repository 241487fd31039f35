"""A page says the worst of what fires on it, and nothing that has ended."""

import pytest

from andon.incidents.models import Incident, TimelineEntry
from andon.paging.models import Page
from tests.support.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def shop() -> World:
    world = World()
    world.at("2026-03-03 22:03 Europe/London")
    world.team("checkout", members=["ann", "ben"])
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    world.service("checkout", owner="checkout", exposure="GBP 150000/h")
    return world


def fire(world: World, name: str, severity: str, status: str = "firing") -> tuple[str, str]:
    world.alertmanager(status, service="checkout", name=name, severity=severity)
    page = Page.objects.latest("pk")
    return page.severity, page.summary


def test_the_page_says_what_still_fires_when_its_first_alert_has_ended(shop: World) -> None:
    assert fire(shop, "Down", "critical") == ("critical", "Down of checkout")
    assert fire(shop, "Slow", "warning") == ("critical", "Down of checkout")
    assert fire(shop, "Down", "critical", "resolved") == ("warning", "Slow of checkout")
    shop.inbox.clear()
    shop.forward("6m")
    shop.expect.email(to="ben", containing="[warning] Checkout: Slow of checkout")
    page = Page.objects.get()
    reasons = [one.reason for one in page.decisions.all()]
    assert "Ended: Down of checkout. What fires still: Slow of checkout" in reasons


def test_one_of_two_alike_that_ends_changes_nothing(shop: World) -> None:
    fire(shop, "Down", "critical")
    fire(shop, "Errors", "critical")
    assert fire(shop, "Errors", "critical", "resolved") == ("critical", "Down of checkout")
    assert fire(shop, "Slow", "warning") == ("critical", "Down of checkout")
    assert fire(shop, "Slow", "warning", "resolved") == ("critical", "Down of checkout")


def test_a_warning_alone_is_the_lowest_severity_until_something_worse_says_it_is_down(
    shop: World,
) -> None:
    fire(shop, "Slow", "warning")
    incident = Incident.objects.get()
    assert (incident.is_down, incident.was_down, incident.major) == (False, False, False)
    assert incident.severity_reason.startswith(
        "Warnings alone, which do not say that it is down; GBP 150,000 an hour would be at risk"
    )
    low = incident.severity
    assert fire(shop, "Down", "critical") == ("critical", "Down of checkout")
    incident.refresh_from_db()
    assert (incident.is_down, incident.was_down) == (True, True)
    assert incident.severity != low
    assert TimelineEntry.objects.filter(kind="severity").count() == 1
    fire(shop, "Down", "critical", "resolved")
    incident.refresh_from_db()
    assert (incident.is_down, incident.was_down, incident.severity != low) == (False, True, True)
    assert Page.objects.count() == 1
