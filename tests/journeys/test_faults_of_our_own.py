"""Nothing can be sent, by a fault that is nobody's address: nobody is lost, nobody is blamed."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from andon.engine.run import Engine
from andon.paging import actions as paging
from andon.paging.models import Decision, Notification, Page
from andon.paging.types import UNTAKEN_STATES, Fault, Message, Receipt, TransportError
from andon.people.models import ContactMethod
from tests.support.world import World, instant

pytestmark = pytest.mark.database

CLOSED = TransportError("refused the sender: 554 5.7.1 closed", fault=Fault.INSTALLATION)
SERVICES = 40


@pytest.fixture
def shop(world: World) -> World:
    world.at("2026-03-03 10:00 Europe/London")
    world.team("checkout", members=["ann", "ben"])
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    for n in range(SERVICES):
        world.service(f"s{n:02}", owner="checkout")
    return world


def storm(shop: World, services: Sequence[str]) -> None:
    shop.post([shop.alert("firing", service=one) for one in services])
    shop.run()


ALL = [f"s{n:02}" for n in range(SERVICES)]


def test_five_seconds_of_554_cost_no_page_of_a_storm(shop: World) -> None:
    shop.email.broken = CLOSED
    storm(shop, ALL)
    shop.forward("5s")
    shop.expect.nothing()
    shop.email.broken = None
    shop.forward("15s")
    assert len(shop.inbox) == SERVICES, "each of them, and each once"
    assert len({one.message.data["page"] for one in shop.inbox}) == SERVICES
    assert {one.to for one in shop.inbox} == {"ann"}, "the next step came at its own time"
    assert set(Page.objects.values_list("state", flat=True)) == {"paging"}
    assert not ContactMethod.objects.exclude(fault="").exists()
    shop.inbox.clear()


def test_a_long_outage_ends_with_one_mail_each_within_seconds(shop: World) -> None:
    shop.email.broken = CLOSED
    storm(shop, ALL[:2])
    shop.forward("46m")
    shop.expect.nothing()
    assert set(Page.objects.values_list("state", flat=True)) == {"unanswered"}
    assert all(Page.objects.values_list("next_at", flat=True))
    shop.email.broken = None
    shop.forward("20s")
    for _ in range(2):
        for one in ("ann", "ben"):
            message = shop.expect.email(to=one)
            assert message.body.count(" late: it was due") == 1
        shop.expect.email(to="fallback", containing="UNANSWERED")
    shop.expect.nothing()


def test_nobody_counts_as_asked_whom_nothing_reached(shop: World) -> None:
    shop.email.broken = CLOSED
    storm(shop, ALL[:1])
    shop.forward("31m")
    [said] = shop.reasons("unanswered")
    assert said == (
        "Nobody could be told, no message is known to have left: every step of the escalation "
        "policy is used up: UNANSWERED, asking the fallback contact (email)"
    )
    assert shop.page().unanswered_at == instant("2026-03-03 10:30 Europe/London")
    assert shop.page().first_sent_at is None
    assert shop.reasons("undelivered")[0] == (
        "The mail to Ann cannot be sent: refused the sender: 554 5.7.1 closed. No address is "
        "blamed; it is tried again while the page is open"
    )
    shop.email.broken = None
    shop.forward("20s")
    assert "The mail to Ann has left; it could not be sent since 2026-03-03 10:00 UTC" in (
        shop.reasons("delivered")
    )
    shop.press(shop.expect.email(to="ann"))
    shop.inbox.clear()


def test_while_one_kind_is_broken_the_other_is_used_as_always(world: World) -> None:
    world.person("ann", by=("email", "ntfy"))
    world.team("basket", members=["ann"])
    world.service("basket")
    world.email.broken = CLOSED
    world.alertmanager("firing", service="basket")
    world.press(world.expect.ntfy(to="ann"))
    world.email.broken = None
    world.forward("1h")
    world.expect.nothing()
    assert sorted(world.states()) == ["cancelled", "sent"]


@pytest.mark.parametrize("fault", [Fault.INSTALLATION, Fault.MESSAGE])
def test_notices_wait_for_a_server_of_ours_too(shop: World, fault: Fault) -> None:
    storm(shop, ALL[:1])
    shop.expect.email(to="ann")
    shop.email.broken = TransportError("554", fault=fault)
    shop.alertmanager("resolved", service="s00")
    shop.forward("3m")
    shop.email.broken = None
    shop.forward("40s")
    shop.expect.email(to="ann", containing="Resolved")


def test_a_transport_with_a_defect_wakes_nobody_out_of_turn_and_gives_no_page_up(
    shop: World,
) -> None:
    shop.email.broken = RuntimeError("a defect")
    storm(shop, ALL[:1])
    shop.forward("4m")
    assert Notification.objects.filter(person__slug="ben").count() == 0, "not before its step"
    shop.forward("30m")
    page = shop.page()
    assert page.state == "unanswered"
    shop.email.broken = None
    shop.forward("5m")
    for one in ("ann", "ben", "fallback"):
        shop.expect.email(to=one)


def test_the_recipients_own_fault_still_hastens_the_next_step(shop: World) -> None:
    gone = TransportError("refused the recipient: 550 5.1.1 no such user", fault=Fault.RECIPIENT)
    shop.email.faults["ann@example.org"] = [gone]
    storm(shop, ALL[:1])
    shop.expect.email(to="ben", at="2026-03-03 10:00 Europe/London")
    assert ContactMethod.objects.get(person__slug="ann").fault == str(gone)


def test_an_acknowledgement_ends_the_trying(shop: World) -> None:
    shop.email.broken = CLOSED
    storm(shop, ALL[:1])
    shop.forward("10m")
    page = shop.page()
    paging.acknowledge(page_ids=[page.pk], by="Ben", person_id=None, now=shop.now, via="test")
    shop.email.broken = None
    shop.forward("2h")
    shop.expect.nothing()
    assert not Notification.objects.exclude(failing_since=None).exists()


def test_a_fault_that_lasts_longer_than_a_message_is_useful_says_how_late_it_is(
    shop: World,
) -> None:
    shop.email.broken = CLOSED
    storm(shop, ALL[:1])
    began = shop.now
    shop.forward("16m")
    shop.email.broken = None
    shop.forward("20s")
    late = int((shop.inbox[0].at - began) / timedelta(minutes=1))
    message = shop.expect.email(to="ann")
    said = rf"Sent {late} min( \d+ s)? late: it was due at 2026-03-03 10:00 UTC\."
    assert re.match(said, message.body)
    shop.inbox.clear()


class Whims:
    """A transport that comes to anything at all, by its seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.kinds: Counter[str] = Counter()

    def send(self, message: Message, now: datetime) -> Receipt:
        whim = self._random.choice([*Fault, "unknown", "defect", "sent"])
        self.kinds[str(whim)] += 1
        if whim == "sent":
            return Receipt()
        if whim == "defect":
            raise RuntimeError("a defect")
        unknown = whim == "unknown"
        raise TransportError("no", fault=Fault.TEMPORARY if unknown else whim, unknown=unknown)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_transports_do_a_page_that_nobody_has_taken_has_a_next_act(
    shop: World, seed: int
) -> None:
    whims = Whims(seed)
    shop.engine = Engine(
        node="test", transports={"email": whims, "ntfy": whims}, read_clock=lambda: shop.now
    )
    storm(shop, ALL[:6])
    untaken = Page.objects.filter(state__in=UNTAKEN_STATES)
    for _ in range(20):
        shop.forward("4m")
        assert untaken.count() == 6
        assert not untaken.filter(next_at=None).exists()
        assert not untaken.filter(next_at__gt=shop.now + timedelta(minutes=30)).exists()
    assert not Decision.objects.filter(kind="repaired").exists(), "without the auditor's help"
    assert len(whims.kinds) == len(Fault) + 3
