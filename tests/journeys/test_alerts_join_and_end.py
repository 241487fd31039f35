"""Repeats, pairs, flapping, strangers: one page per problem, and none lost."""

from datetime import timedelta

import pytest

from andon.paging.models import Decision, Page, PagedAlert
from andon.paging.types import Fault, TransportError
from tests.support.world import World

pytestmark = pytest.mark.database


@pytest.fixture
def shop(world: World) -> World:
    world.service("checkout")
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    return world


def test_r30_sender_pairs_make_one_page(shop: World) -> None:
    alert = shop.alert("firing", service="checkout")
    shop.post([alert])
    shop.post([alert])
    shop.run()
    shop.expect.email(to="ann")
    assert (Page.objects.count(), PagedAlert.objects.count()) == (1, 1)


def test_r42_grafana_pair_makes_one_page(shop: World) -> None:
    """Members of a Grafana in high availability that cannot talk to each other all send."""
    firing = shop.alert("firing", service="checkout")
    extras = {
        "fingerprint": "6d5c3a1b0f9e8d7c", "values": {"B": 44.2, "C": 1}, "ruleUID": "cf7e1d3a",
        "valueString": "[ var='B' labels={} value=44.2 ]", "silenceURL": "", "imageURL": "",
        "dashboardURL": "https://grafana.example/d/1", "panelURL": "", "orgId": 1,
    }  # fmt: skip

    def send(member: int, alert: dict[str, object], state: str) -> None:
        shop.receive(
            {
                "receiver": "andon", "status": alert["status"], "alerts": [alert | extras],
                "groupLabels": {}, "commonLabels": {"service": "checkout"}, "groupKey": "{}",
                "externalURL": f"https://grafana-{member}.example/", "version": "1", "orgId": 1,
                "appVersion": "12.1.0", "title": "[FIRING:1] Down", "state": state,
                "truncatedAlerts": 0, "message": "**Firing**",
            }
        )  # fmt: skip

    for member in (1, 2, 1, 2):
        send(member, firing, "alerting")
        shop.run()
    shop.expect.email(to="ann")
    shop.expect.nothing()
    shop.forward("2m")
    over = shop.alert("resolved", service="checkout")
    for member in (2, 1):
        send(member, over, "ok")
        shop.run()
    shop.expect.email(to="ann", containing="Resolved")
    assert (Page.objects.count(), PagedAlert.objects.count()) == (1, 1)
    assert shop.page().state == "resolved"


def test_r31_resent_groups_do_not_page_again(shop: World) -> None:
    group = [
        shop.alert("firing", service="checkout", name=name) for name in ("Down", "Slow", "Sad")
    ]
    shop.post(group)
    shop.run()
    shop.expect.email(to="ann")
    for again in (group, group[1:], group[::-1]):
        shop.post(again)
        shop.run()
    shop.expect.nothing()
    assert (Page.objects.count(), PagedAlert.objects.count()) == (1, 3)


def test_later_alerts_join_and_the_page_ends_with_the_last(shop: World) -> None:
    shop.alertmanager("firing", service="checkout", severity="warning")
    message = shop.expect.email(to="ann", containing="[warning]")
    shop.press(message)
    shop.alertmanager("firing", service="checkout", name="Slow", severity="critical")
    assert shop.page().severity == "critical"
    assert shop.reasons("joined") == ["1 more of the same service: Slow of checkout"]
    shop.alertmanager("resolved", service="checkout", severity="warning")
    assert shop.page().state == "acknowledged"
    shop.alertmanager("resolved", service="checkout", name="Slow")
    shop.expect.email(to="ann", containing="Resolved")
    assert shop.page().state == "resolved"


def test_only_those_who_were_notified_learn_that_it_is_over(shop: World) -> None:
    shop.email.faults["ann@example.org"] = [TransportError("gone", fault=Fault.RECIPIENT)]
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ben")
    shop.alertmanager("resolved", service="checkout")
    shop.expect.email(to="ben", containing="Resolved")


def test_r11_flapping_without_resolve_pages_again(shop: World) -> None:
    for _ in range(2):
        shop.alertmanager("firing", service="checkout")
        shop.expect.email(to="ann", containing="[critical]")
        shop.forward("1m")
        shop.alertmanager("resolved", service="checkout")
        shop.expect.email(to="ann", containing="Resolved")
        shop.forward("1m")
    assert Page.objects.count() == 2


def test_r14_alert_fires_again_after_a_resolve(shop: World) -> None:
    """Fire and resolve between two turns of the engine are both kept; the next firing pages."""
    shop.alertmanager("firing", service="checkout", run=False)
    shop.now += timedelta(seconds=1)
    shop.alertmanager("resolved", service="checkout")
    assert shop.page().state == "resolved"
    assert shop.reasons() == ["Resolved before anybody was paged: recorded, not sent"]
    shop.forward("1m")
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ann", containing="[critical]")


def test_r09_unknown_route_reaches_the_catch_all(world: World) -> None:
    world.rota("duty", ["dan"])
    world.organisation(catchAllRota="duty")
    world.alertmanager("firing", service="typo")
    world.expect.email(to="dan", containing="typo")
    assert world.page().reason == 'No service is called "typo": paging the catch-all rota duty'


def test_an_unknown_service_without_a_catch_all_reaches_the_fallback(world: World) -> None:
    world.alertmanager("firing", service="typo")
    world.expect.email(to="fallback", containing="UNANSWERED")
    assert world.page().reason.startswith('No service is called "typo", and no catch-all rota')


def test_information_is_recorded_and_pages_nobody_until_it_gets_worse(shop: World) -> None:
    shop.alertmanager("firing", service="checkout", severity="info")
    assert not Page.objects.exists()
    assert Decision.objects.get().reason == "Severity info: recorded, pages nobody"
    shop.alertmanager("firing", service="checkout", severity="critical")
    shop.expect.email(to="ann")


def test_r38_message_text_is_frozen(shop: World) -> None:
    busy = TransportError("try later")
    shop.email.faults["ann@example.org"] = [busy]
    began = shop.now - timedelta(minutes=1)
    shop.alertmanager(
        "firing", service="checkout", severity="warning", summary="5xx above 1%", began=began
    )
    shop.alertmanager("firing", service="checkout", name="Slow", severity="critical")
    shop.forward("1m")
    message = shop.expect.email(to="ann")
    assert message.subject == "[warning] Checkout: 5xx above 1%"
    shop.alertmanager("resolved", service="checkout", name="Slow")
    stale = shop.now - timedelta(hours=1)
    over = shop.alert("resolved", service="checkout", severity="warning", began=stale)
    shop.post([over | {"endsAt": (stale + timedelta(minutes=5)).isoformat()}])
    shop.run()
    assert shop.page().state == "paging"
    shop.alertmanager("resolved", service="checkout", severity="warning", began=began)
    shop.expect.email(to="ann", containing="Resolved: Checkout: 5xx above 1%")


def test_an_override_decides_who_is_paged(shop: World) -> None:
    shop.override("checkout-rota", "ben", lasts="2h")
    shop.alertmanager("firing", service="checkout")
    shop.expect.email(to="ben")


def test_whoever_may_have_read_a_page_learns_that_it_is_over(shop: World) -> None:
    gone = TransportError("went away while it took the mail", unknown=True)
    shop.email.faults["ann@example.org"] = [gone]
    shop.alertmanager("firing", service="checkout")
    assert shop.states() == ["pending"]
    shop.alertmanager("resolved", service="checkout")
    shop.expect.email(to="ann", containing="Resolved")
    assert (
        "a message that it is over goes to those who were sent one" in shop.reasons("resolved")[0]
    )
