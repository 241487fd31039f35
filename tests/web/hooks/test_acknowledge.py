"""A sender's acknowledge by the door it comes in, and the page it is about, on the real clock."""

import html
import json

import pytest
from django.test import Client

from andon.core import clock
from andon.incidents.models import Incident
from andon.paging.models import Decision, Notification, Page
from andon.people.models import Person
from tests.support import factories as make
from tests.support.world import World

PD = "/v2/enqueue"
THE_SENDER = "the sender (PagerDuty key pagerduty)"


@pytest.fixture
def world(transactional_db: None) -> World:
    made = World()
    made.now = clock.now()
    made.service("shop")
    made.rota("shop-rota", ["ann", "ben"], team="shop")
    return made


def enqueue(key: str, action: str) -> bytes:
    payload = {"summary": "it broke", "source": "db1", "severity": "critical"}
    event = {"routing_key": key, "event_action": action, "dedup_key": "a", "payload": payload}
    return json.dumps(event).encode()


def turn(world: World) -> None:
    world.now = clock.now()
    world.run()


def test_an_acknowledge_after_the_page_has_left_stops_it(sender, world):
    key = sender.key("pagerduty", service_slug="shop")
    assert sender.post(PD, enqueue(key, "trigger")).status == 202
    turn(world)
    world.expect.email(to="ann")
    assert sender.post(PD, enqueue(key, "acknowledge")).status == 202
    turn(world)
    page = Page.objects.get()
    assert (page.state, page.acknowledged_by, page.next_at) == ("acknowledged", THE_SENDER, None)
    _says_who_has_it(page)
    world.forward("2h")
    world.expect.nothing()


def test_an_acknowledge_before_the_first_routing_leaves_a_page_that_calls_nobody(sender, world):
    key = sender.key("pagerduty", service_slug="shop")
    for action in ("trigger", "acknowledge"):
        assert sender.post(PD, enqueue(key, action)).status == 202
    turn(world)
    page = Page.objects.get()
    assert (page.state, page.acknowledged_by) == ("acknowledged", THE_SENDER)
    assert Incident.objects.get().acknowledged_by == THE_SENDER
    assert not Notification.objects.exists()
    assert Decision.objects.latest("pk").reason == (
        "PagerDuty key pagerduty acknowledged the alert before anybody was paged: nobody is called"
    )
    world.expect.nothing()


def _says_who_has_it(page: Page) -> None:
    ann = Person.objects.get(slug="ann")
    api = Client(headers={"host": "127.0.0.1:8000", "authorization": f"Bearer {make.api_key(ann)}"})
    assert api.get(f"/api/v1/pages/{page.uid}").json()["acknowledged_by"] == THE_SENDER
    portal = Client()
    portal.force_login(ann)
    number = Incident.objects.get().number
    assert f"<strong>{THE_SENDER}</strong> has it since" in html.unescape(
        portal.get(f"/incidents/INC-{number}/").content.decode()
    )
