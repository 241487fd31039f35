"""Every page can be reached by clicking, and those that begin something are in the head."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from andon.core import clock
from andon.oncall import actions as oncall
from andon.oncall.models import Override
from andon.people.actions import create_api_key
from andon.web.portal import urls
from tests.support import budgets, factories
from tests.support.scenery import Scene

pytestmark = pytest.mark.database

#: What nothing in the portal leads to, and why.
ELSEWHERE = {
    "sign-in": "for who is not signed in",
    "ask-link": "on the page to sign in",
    "use-link": "a message leads to it",
    "set-up": "the first start prints it",
    "acknowledge": "a message leads to it",
    "look": "the page after acknowledging leads to it",
    "calendar": "shown once, when it is made",
    "proposal": "only while a review proposes something",
}
HEAD = {
    *("home", "services", "incidents", "rotas", "teams", "budgets", "portfolio", "me", "people"),
    *("domains", "telemetry", "planner", "reviews", "forecast", "costs", "gaps", "engine", "keys"),
    *("sign-out", "search"),
}


def addresses(html: str) -> Iterator[str]:
    for found in re.findall(r'(?:href|action|hx-get)="([^"]+)"', html):
        yield urlsplit(unescape(found)).path


def named(address: str) -> str:
    try:
        match = resolve(address)
    except Resolver404:
        return ""
    return match.url_name or "" if match.app_name == "portal" else ""


@pytest.fixture
def full(scene: Scene) -> Scene:
    """Give the shop what brings out the rest: budgets, a calendar, keys, an override of today."""
    now = clock.now()
    budgets.measure(scene, now=now)
    oncall.create_feed(person="ben", by="Ben", now=now)
    oncall.create_feed(rota="checkout-rota", by="Ben", now=now)
    factories.key()
    assert Override.objects.exists()
    return scene


def walked(client: Client) -> set[str]:
    """Return the names of all addresses that clicking leads to, two pages of each name read."""
    found, read, waiting = set(), {}, ["/"]
    while waiting:
        path = waiting.pop(0)
        name = named(path)
        found.add(name)
        if read.setdefault(name, set()) >= {path} or len(read[name]) >= 2 or name == "sign-out":
            continue
        read[name].add(path)
        response = client.get(path, follow=True)
        if response.status_code == 200 and "text/html" in response["Content-Type"]:
            waiting += [one for one in addresses(response.content.decode()) if named(one)]
    return found


def test_every_page_is_linked_from_some_other(ben: Client, full: Scene) -> None:
    create_api_key(name="laptop", person="ben", by="Ben", now=clock.now())
    names = {one.name for one in urls.urlpatterns}
    assert names - walked(ben) == set(ELSEWHERE), "linked nowhere, or linked after all"


def test_what_begins_something_is_in_the_head_of_every_page(ben: Client, full: Scene) -> None:
    for path in ("/", "/services/checkout/", "/nowhere/"):
        html = ben.get(path).content.decode()
        head = html[: html.index("</header>")]
        assert {named(one) for one in addresses(head)} >= HEAD, path
