"""The lanes with their threads: nobody is held up by somebody else's receiver."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from andon.core import claims, clock
from andon.engine.lanes import Lanes
from andon.integrations import egress
from andon.integrations.webhook.transport import WebhookTransport
from andon.paging.actions import delivery
from andon.paging.models import Attempt, Notification, Page
from andon.paging.ports import Transport
from andon.paging.rules.delivery import server
from andon.paging.types import Fault, Message, Receipt, TransportError
from andon.people.models import Person
from tests.support import factories
from tests.support.outside import Receiver, hang

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


class Phones:
    """Takes messages in memory; can be told to misbehave, or to wait until told to go on."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.lock = threading.Condition()

    def send(self, message: Message, now: datetime) -> Receipt:
        with self.lock:
            self.got.append(message)
            self.lock.notify_all()
        self.gate.wait(20)
        if self.error is not None:
            raise self.error
        return Receipt()

    def wait_for(self, count: int, timeout: float = 10) -> bool:
        with self.lock:
            return self.lock.wait_for(lambda: len(self.got) >= count, timeout)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    ended = made.start()
    yield made
    ended()


@pytest.fixture
def phones() -> Phones:
    return Phones()


@pytest.fixture
def page() -> Page:
    now = clock.now()
    return factories.page(factories.service(), at=now, next_at=now + timedelta(minutes=5), step=1)


@pytest.fixture
def ann() -> Person:
    return factories.person("ann")


def enqueue(
    page: Page, to: Person, *destinations: str, kind: str = "email", priority: int = 5
) -> None:
    now = clock.now()
    rows = [
        Notification(
            page=page, person=to, step=n, kind=kind, destination=destination, subject="s", body="b",
            server=server(destination=destination),
            created_at=now, next_at=now, priority=priority,
        )
        for n, destination in enumerate(destinations)
    ]  # fmt: skip
    # SQLite in memory does not wait for the clerk's lock, it says that there is one.
    claims.retry(lambda: Notification.objects.bulk_create(rows), attempts=10)


@pytest.fixture
def running() -> Iterator[list[Lanes]]:
    """Stop what a test started, whatever happened."""
    started: list[Lanes] = []
    yield started
    for lanes in started:
        lanes.stop()


def start(running: list[Lanes], transports: dict[str, Transport]) -> Lanes:
    lanes = Lanes(transports, clock.now)
    running.append(lanes)
    lanes.start()
    return lanes


def stop(running: list[Lanes]) -> None:
    running.pop().stop()


def states() -> dict[str, int]:
    counted: dict[str, int] = {}
    for state in Notification.objects.values_list("state", flat=True):
        counted[state] = counted.get(state, 0) + 1
    return counted


def test_what_is_due_is_sent_and_written_down(
    page: Page, ann: Person, phones: Phones, running: list[Lanes]
) -> None:
    enqueue(page, ann, *(f"{n}@example.org" for n in range(250)))
    start(running, {"email": phones})
    assert phones.wait_for(250)
    stop(running)
    assert states() == {"sent": 250}
    assert Attempt.objects.count() == 250
    assert len({message.uid for message in phones.got}) == 250


def test_a_wake_is_felt_at_once(
    page: Page, ann: Person, phones: Phones, running: list[Lanes]
) -> None:
    lanes = start(running, {"email": phones})
    enqueue(page, ann, "ann@example.org")
    began = time.perf_counter()
    lanes.wake()
    assert phones.wait_for(1)
    assert time.perf_counter() - began < 0.9, "sooner than the poll"
    stop(running)


def test_r04_a_receiver_that_hangs_delays_nobody_else(
    page: Page, ann: Person, receiver: Receiver, running: list[Lanes]
) -> None:
    """A hundred messages for a receiver that hangs, and then fifty for others on the same host."""
    receiver.answers["/hangs"] = hang
    enqueue(page, ann, *[f"{receiver.url}/hangs"] * 100, kind="webhook", priority=0)
    others = [f"{receiver.url}/works/{n}" for n in range(50)]
    enqueue(page, ann, *others, kind="webhook", priority=9)
    client = egress.Client(egress.Guard(["127.0.0.0/8"]), total=5.0)
    start(running, {"webhook": WebhookTransport(client=client, installation_key="k")})
    began = time.perf_counter()
    assert receiver.wait_for("/works", 50, timeout=4.5)
    took = time.perf_counter() - began
    assert took < 3, f"the others took {took:.1f} s"
    assert len(receiver.paths("/hangs")) <= 4
    receiver.released.set()
    stop(running)


def test_r75_a_kind_that_hangs_delays_no_other_kind(
    page: Page, ann: Person, phones: Phones, running: list[Lanes]
) -> None:
    stuck = Phones()
    stuck.gate.clear()
    enqueue(page, ann, *(f"https://n.example/{n}" for n in range(60)), kind="ntfy")
    lanes = start(running, {"ntfy": stuck, "email": phones})
    assert stuck.wait_for(8)
    enqueue(page, ann, "ann@example.org")
    began = time.perf_counter()
    lanes.wake()
    assert phones.wait_for(1)
    assert time.perf_counter() - began < 0.9
    stuck.gate.set()
    stop(running)


def test_r32_nothing_is_sent_that_waited_while_the_page_was_acknowledged(
    page: Page, ann: Person, phones: Phones, running: list[Lanes]
) -> None:
    phones.gate.clear()
    enqueue(page, ann, *["ann@example.org"] * 30)
    start(running, {"email": phones})
    assert phones.wait_for(1)
    mine = Page.objects.filter(pk=page.pk)
    claims.retry(lambda: mine.update(state="acknowledged"), attempts=10)
    phones.gate.set()
    stop(running)
    assert len(phones.got) == 1, "one at a time for one address"
    assert states()["sent"] == 1


def test_a_stop_gives_back_what_was_not_started(
    page: Page, ann: Person, phones: Phones, running: list[Lanes]
) -> None:
    phones.gate.clear()
    enqueue(page, ann, *(f"{n}@example.org" for n in range(30)))
    start(running, {"email": phones})
    assert phones.wait_for(8)
    stopper = threading.Thread(target=stop, args=(running,))
    stopper.start()
    phones.gate.set()
    stopper.join(20)
    found = states()
    assert found["sent"] >= 8
    assert set(found) <= {"sent", "pending"}
    rest = delivery.claim_due(kinds=["email"], now=clock.now())
    assert len(rest) == 30 - found["sent"]
    assert not any(one.message.body.startswith("[may be") for one in rest)


def test_r04_a_transport_that_breaks_breaks_only_its_message(
    page: Page, ann: Person, phones: Phones, running: list[Lanes]
) -> None:
    broken = Phones()
    broken.error = ZeroDivisionError("a defect")
    enqueue(page, ann, "https://h.example/x", kind="webhook")
    enqueue(page, ann, "ann@example.org")
    start(running, {"webhook": broken, "email": phones})
    assert phones.wait_for(1)
    assert broken.wait_for(1)
    stop(running)
    assert Notification.objects.get(kind="email").state == "sent"
    attempt = Attempt.objects.get(notification__kind="webhook")
    assert attempt.outcome == "unknown"
    assert "ZeroDivisionError: a defect" in attempt.detail


def test_a_result_that_cannot_be_written_down_stops_no_other(
    page: Page, ann: Person, phones: Phones, running: list[Lanes]
) -> None:
    class Odd(Phones):
        def send(self, message: Message, now: datetime) -> Receipt:
            super().send(message, now)
            return Receipt(provider_id=5)  # type: ignore[arg-type]

    enqueue(page, ann, "https://h.example/x", kind="webhook")
    enqueue(page, ann, *(f"{n}@example.org" for n in range(30)))
    start(running, {"webhook": Odd(), "email": phones})
    assert phones.wait_for(30, timeout=60)
    stop(running)
    assert states()["sent"] == 30


def test_by_hand_the_same_happens_in_the_calling_thread(
    page: Page, ann: Person, phones: Phones
) -> None:
    enqueue(page, ann, "ann@example.org", "bob@example.org")
    lanes = Lanes({"email": phones}, clock.now)
    now = clock.now()
    assert lanes.run_until_idle(now) == 2
    assert lanes.run_until_idle(now) == 0
    assert states() == {"sent": 2}


def test_a_temporary_failure_is_tried_again_when_its_time_has_come(
    page: Page, ann: Person, phones: Phones
) -> None:
    phones.error = TransportError("busy")
    enqueue(page, ann, "https://h.example/x", kind="webhook")
    lanes = Lanes({"webhook": phones}, clock.now)
    now = clock.now()
    assert lanes.run_until_idle(now) == 1
    phones.error = None
    assert lanes.run_until_idle(now + timedelta(seconds=1)) == 0
    assert lanes.run_until_idle(now + timedelta(seconds=3)) == 1
    assert states() == {"sent": 1}


def test_a_broken_server_is_asked_by_one_message_at_a_time_until_it_takes_one(
    page: Page, ann: Person, phones: Phones, running: list[Lanes]
) -> None:
    """Three hundred mails wait; the server is not tried by each of them, and all leave at last."""
    phones.error = TransportError("554 closed", fault=Fault.INSTALLATION)
    enqueue(page, ann, *(f"{n}@example.org" for n in range(300)))
    start(running, {"email": phones})
    assert phones.wait_for(3)
    time.sleep(3)  # what is measured: how often the server is asked in this time
    asked = len(phones.got)
    assert asked < 40, f"asked {asked} times in 3 s"
    assert states().get("failed", 0) == 0
    phones.error = None
    assert phones.wait_for(asked + 300, timeout=20)
    stop(running)
    assert states() == {"sent": 300}


def test_one_broken_server_is_no_fault_of_another(
    page: Page, ann: Person, receiver: Receiver, running: list[Lanes]
) -> None:
    class TwoServers(Phones):
        def send(self, message: Message, now: datetime) -> Receipt:
            broken = "broken.example" in message.contact.address
            self.error = TransportError("503", fault=Fault.INSTALLATION) if broken else None
            return super().send(message, now)

    phones = TwoServers()
    enqueue(page, ann, *(f"https://broken.example/{n}" for n in range(60)), kind="ntfy", priority=0)
    lanes = start(running, {"ntfy": phones})
    assert phones.wait_for(3)
    enqueue(page, ann, *(f"https://works.example/{n}" for n in range(60)), kind="ntfy", priority=9)
    lanes.wake()

    def taken() -> int:
        return sum("works.example" in one.contact.address for one in phones.got)

    with phones.lock:
        assert phones.lock.wait_for(lambda: taken() == 60, 10)
    stop(running)
