"""Tickets: something to look at in working hours. They wake nobody, and hide nothing that does."""

import pytest

from andon.incidents.models import Incident
from andon.paging.models import Page
from tests.support.world import World

pytestmark = pytest.mark.database

NIGHT = "2026-03-04 03:00 Europe/London"
MORNING = "2026-03-04 09:00 Europe/London"


@pytest.fixture
def checkout(world: World) -> World:
    world.service("checkout", target="99.9")
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    return world


def ticket(world: World, status: str = "firing") -> None:
    world.alertmanager(status, service="checkout", name="SloTicketSlow", severity="ticket")


def test_a_ticket_at_night_waits_for_working_hours_though_there_is_cover(checkout: World) -> None:
    ticket(checkout.at(NIGHT))
    assert checkout.page().state == "held"
    assert checkout.page().reason == "A ticket, out of hours: held until Wed 09:00 Europe/London"
    checkout.forward("8h")
    checkout.expect.email(to="ann", at=MORNING)
    checkout.expect.nothing()


def test_a_ticket_is_no_incident_and_asks_one_person(checkout: World) -> None:
    ticket(checkout.at("2026-03-04 10:00 Europe/London"))
    message = checkout.expect.email(to="ann")
    checkout.forward("2h")
    checkout.expect.nothing()
    assert checkout.press(message).acknowledged_by == "Ann"
    ticket(checkout, "resolved")
    checkout.expect.email(to="ann", containing="Resolved")
    assert not Incident.objects.exists()
    assert not Page.objects.filter(unseen=True).exists()


def test_a_ticket_nobody_takes_for_a_day_is_told_to_the_fallback(checkout: World) -> None:
    ticket(checkout.at("2026-03-04 10:00 Europe/London"))
    checkout.expect.email(to="ann")
    checkout.forward("25h")
    checkout.expect.email(to="fallback", at="2026-03-05 10:00 Europe/London")
    assert checkout.page().state == "unanswered"


def test_a_page_wakes_somebody_though_a_ticket_of_the_service_was_taken(checkout: World) -> None:
    ticket(checkout.at("2026-03-04 16:30 Europe/London"))
    checkout.press(checkout.expect.email(to="ann"))
    checkout.forward("9h")
    checkout.alertmanager("firing", service="checkout", name="SloPageFast", severity="page")
    checkout.expect.email(to="ann", containing="SloPageFast")
    assert Page.objects.exclude(state="resolved").count() == 2
    assert Incident.objects.count() == 1


@pytest.mark.parametrize("taken", [True, False])
def test_a_ticket_that_becomes_worse_pages_at_once(checkout: World, taken: bool) -> None:
    same = {"fingerprint": "f00d"}
    checkout.at("2026-03-04 16:30 Europe/London")
    checkout.post([checkout.alert("firing", service="checkout", severity="ticket") | same])
    checkout.run()
    message = checkout.expect.email(to="ann")
    if taken:
        checkout.press(message)
    checkout.forward("9h")
    checkout.post([checkout.alert("firing", service="checkout", severity="critical") | same])
    checkout.run()
    checkout.expect.email(to="ann")
    assert checkout.page().state == "paging"
    assert checkout.page().acknowledged_by == ""
    assert Incident.objects.count() == 1
    assert Page.objects.count() == 1


def test_another_ticket_joins_an_unanswered_one_and_still_wakes_nobody(checkout: World) -> None:
    ticket(checkout.at("2026-03-04 10:00 Europe/London"))
    checkout.expect.email(to="ann")
    checkout.forward("38h")
    checkout.expect.email(to="fallback")
    checkout.alertmanager("firing", service="checkout", name="SloNoData", severity="ticket")
    checkout.expect.nothing()
    checkout.forward("10h")
    checkout.expect.email(to="ann", at="2026-03-06 09:00 Europe/London")
