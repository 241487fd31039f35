"""An exercise pages like an outage; an outage in the middle of one pages like an outage too."""

import pytest

from andon.alerts.models import Alert
from andon.alerts.types import AlertKind
from andon.incidents import queries as incidents
from andon.incidents.models import Incident
from andon.paging.models import Page
from tests.support.world import World

pytestmark = pytest.mark.database

WORDS = "EXERCISE: checkout answers no requests"


@pytest.fixture
def shop(world: World) -> World:
    world.service("checkout", exposure="GBP 200000/h")
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    return world


def exercise(shop: World, status: str = "firing", **fields: str) -> None:
    shop.alertmanager(status, service="checkout", name="Drill", summary=WORDS, **fields)


def kinds() -> list[str]:
    return [f"{one.kind} {one.state}" for one in Incident.objects.order_by("number")]


def test_an_exercise_is_an_incident_of_its_own_kind_from_its_first_alert(shop: World) -> None:
    exercise(shop)
    message = shop.expect.email(to="ann", containing="EXERCISE: [critical]")
    assert message.subject.startswith("EXERCISE: [critical]")
    assert "Money at risk: none, this is an exercise" in message.body
    assert {Alert.objects.get().kind, shop.page().kind} == {"exercise"}
    [made] = Incident.objects.all()
    assert {Alert.objects.get().summary, shop.page().summary, made.title} == {
        "checkout answers no requests"
    }
    assert (made.kind, made.severity, made.major) == ("exercise", "", False)
    assert (made.exposure_minor, made.target_ppm) == (None, None)
    assert made.severity_reason == (
        "An exercise: it has no severity, costs nothing and counts in no figure."
    )
    shop.press(message)
    exercise(shop, "resolved")
    shop.expect.email(to="ann", containing="EXERCISE: Resolved")
    assert kinds() == ["exercise restored"]


def test_an_outage_during_an_exercise_pages_even_whoever_has_taken_the_exercise(
    shop: World,
) -> None:
    exercise(shop)
    shop.press(shop.expect.email(to="ann", containing="EXERCISE"))
    shop.forward("1m")
    shop.alertmanager("firing", service="checkout", name="Slow")
    message = shop.expect.email(to="ann", containing="Slow of checkout")
    assert "EXERCISE" not in message.subject + message.body
    assert kinds() == ["exercise acknowledged", "incident open"]
    shop.forward("5m")
    assert "EXERCISE" not in shop.expect.email(to="ben", containing="Slow of checkout").body
    exercise(shop, "resolved")
    shop.expect.email(to="ann", containing="EXERCISE: Resolved")
    assert kinds() == ["exercise restored", "incident open"]
    real = incidents.find(number=Incident.objects.get(kind="incident").number)
    assert real is not None
    assert real.is_active


def test_the_outage_is_found_even_when_its_alert_is_the_one_that_was_exercised(
    shop: World,
) -> None:
    """A rule that was fired as an exercise has the same labels when it fires in earnest."""
    exercise(shop)
    shop.press(shop.expect.email(to="ann", containing="EXERCISE"))
    shop.forward("1m")
    shop.alertmanager("firing", service="checkout", name="Drill", summary="It really is down")
    shop.expect.email(to="ann", containing="EXERCISE: Resolved")
    shop.expect.email(to="ann", containing="It really is down")
    assert kinds() == ["exercise restored", "incident open"]
    exercise(shop, "resolved")
    assert kinds() == ["exercise restored", "incident open"]
    assert shop.page().kind == AlertKind.INCIDENT


def test_an_exercise_during_an_outage_joins_nothing_of_it(shop: World) -> None:
    shop.alertmanager("firing", service="checkout")
    shop.press(shop.expect.email(to="ann"))
    exercise(shop)
    shop.press(shop.expect.email(to="ann", containing="EXERCISE: [critical]"))
    shop.alertmanager("resolved", service="checkout")
    shop.expect.email(to="ann", containing="Resolved")
    assert kinds() == ["incident restored", "exercise acknowledged"]
    exercise(shop, "resolved")
    shop.expect.email(to="ann", containing="EXERCISE: Resolved")


def test_what_nobody_declared_is_exercised_apart_too(shop: World) -> None:
    labels = {"name": "Drill", "andon_kind": "exercise"}
    shop.alertmanager("firing", service="kiosk", summary="kiosk is down", **labels)
    message = shop.expect.email(to="fallback", containing="EXERCISE")
    assert message.subject.endswith("[critical] kiosk is down")
    shop.alertmanager("firing", service="kiosk")
    shop.expect.email(to="fallback", containing="Down of kiosk")
    assert sorted(str(page.subject) for page in Page.objects.all()) == [
        "exercise-unknown:kiosk",
        "unknown:kiosk",
    ]
    shown = incidents.list_incidents(service="kiosk")
    assert [(one.affected, one.kind.value) for one in shown] == [
        ("kiosk", "incident"),
        ("kiosk", "exercise"),
    ]


def test_grafanas_test_button_is_a_test_and_wakes_nobody_at_night(shop: World) -> None:
    test = {"service": "checkout", "name": "TestAlert", "instance": "Grafana"}
    shop.alertmanager("firing", summary="Notification test", **test)
    message = shop.expect.email(to="ann", containing="Notification test")
    assert message.subject.startswith("TEST: [critical]")
    assert kinds() == ["test open"]
    shop.alertmanager("resolved", **test)
    shop.expect.email(to="ann", containing="TEST: Resolved")
    shop.at("2026-03-04 03:00 Europe/London")
    shop.alertmanager("firing", summary="Notification test", **test)
    shop.expect.nothing()
    assert shop.reasons("recorded") == ["A test alert out of hours: recorded, pages nobody"]
