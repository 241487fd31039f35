"""What Andon decided about an alert is said: in messages, and to whoever asks why nobody woke."""

import pytest
from structlog.testing import capture_logs

from andon.catalogue.models import Organisation
from andon.paging import queries as paging
from andon.paging.models import Page
from tests.support.world import World

pytestmark = pytest.mark.database


def test_alerts_that_paged_nobody_are_told_newest_first_each_with_its_sentence(
    world: World,
) -> None:
    checkout = world.service("checkout")
    world.service("stock")
    world.rota("checkout-rota", ["ann"], team="checkout")
    for number in range(12):
        world.alertmanager("firing", service="checkout", name=f"Note{number}", severity="info")
        world.forward("1m")
    world.alertmanager("firing", service="stock", name="Other", severity="info")
    found = paging.quiet_alerts(service_id=checkout.pk)
    assert [one.summary for one in found] == [f"Note{n} of checkout" for n in range(11, 1, -1)]
    assert {one.reason for one in found} == {"Severity info: recorded, pages nobody"}
    assert not Page.objects.exists()


def test_one_that_gets_worse_and_pages_is_no_longer_among_them(world: World) -> None:
    checkout = world.service("checkout")
    world.rota("checkout-rota", ["ann"], team="checkout")
    world.alertmanager("firing", service="checkout", severity="info")
    [alert] = paging.quiet_alerts(service_id=checkout.pk)
    assert alert.state == "open"
    body = world.alert("firing", service="checkout", severity="critical")
    world.post([body | {"fingerprint": "x"}])
    world.run()
    world.expect.email(to="ann")


def test_a_later_message_says_how_many_alerts_there_are_so_far_and_where(world: World) -> None:
    world.service("checkout")
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    world.alertmanager("firing", service="checkout", pod="checkout-7f9c", region="eu-west-1")
    first = world.expect.email(to="ann")
    assert "Labels: pod checkout-7f9c, region eu-west-1" in first.body
    assert "so far" not in first.body, "there is one, and the message is about it"
    world.alertmanager("firing", service="checkout", name="Slow")
    world.alertmanager("firing", service="checkout", name="Empty")
    world.forward("5m")
    second = world.expect.email(to="ben")
    assert "Alerts so far: 3" in second.body
    assert second.data["alerts"] == 3
    world.forward("10m")
    for _ in range(len(world.inbox)):
        assert "Alerts so far: 3" in world.inbox.pop().message.body


def test_alerts_that_come_together_are_counted_in_the_first_message(world: World) -> None:
    world.service("checkout")
    world.rota("checkout-rota", ["ann"], team="checkout")
    world.post([world.alert("firing", service="checkout", name=name) for name in ("A", "B")])
    world.run()
    assert "Alerts so far: 2" in world.expect.email(to="ann").body


def test_a_storm_without_an_organisation_logs_a_line_a_batch(world: World) -> None:
    Organisation.objects.all().delete()
    world.post([world.alert("firing", service=f"unknown-{n}") for n in range(600)])
    with capture_logs() as lines:
        world.run()
    assert Page.objects.filter(state="unanswered").count() == 600
    said = [one for one in lines if one["event"] == "page_unanswered"]
    assert sum(one["pages"] for one in said) == 600
    assert {one["log_level"] for one in said} == {"error"}
    assert len(lines) < 20
