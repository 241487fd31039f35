"""Pages leave before paperwork is done, and paperwork is never starved."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from andon.alerts.models import Alert
from andon.core import claims, clock
from andon.engine import run
from andon.engine.run import Engine
from andon.engine.stages import STAGES, Stage
from andon.paging.models import Notification, Page
from andon.paging.types import Message, Receipt
from tests.support.world import World

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


class Story:
    """What happened, in order: a stage that does paperwork, and the transport of all kinds."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.change = threading.Condition()

    def add(self, line: str) -> None:
        with self.change:
            self.lines.append(line)
            self.change.notify_all()

    def wait_for(self, line: str) -> bool:
        with self.change:
            return self.change.wait_for(lambda: line in self.lines, timeout=20)

    def send(self, message: Message, now: datetime) -> Receipt:
        self.add(f"sent {message.data['service']}")
        return Receipt()

    def work(self, *, now: datetime, limit: int) -> int:
        states = Notification.objects.values_list("state", flat=True)
        self.add(f"paperwork for {Page.objects.count()} pages, messages {sorted(set(states))}")
        return 0


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def engine(story: Story) -> Iterator[Engine]:
    paperwork = Stage("paperwork", story.work, paperwork=True)
    made = Engine(
        node="test",
        transports={"email": story},
        stages=(*STAGES[:3], paperwork),
        read_clock=clock.now,
    )
    yield made
    made.stop()


@pytest.mark.django_db(transaction=True)
def test_paperwork_waits_until_the_page_has_left(story: Story, engine: Engine) -> None:
    world = World()
    world.now = clock.now()
    world.service("checkout")
    world.rota("rota", ["ann"], team="checkout")
    engine.start()
    assert story.wait_for("paperwork for 0 pages, messages []")
    alert = [world.alert("firing", service="checkout")]
    # SQLite in memory does not wait for the engine's lock, it says that there is one.
    claims.retry(lambda: world.post(alert), attempts=10)
    engine.wake()
    done = "paperwork for 1 pages, messages ['sent']"
    assert story.wait_for(done), story.lines
    about = [line for line in story.lines if "0 pages" not in line]
    assert about[:2] == ["sent Checkout", done]
    assert not Alert.objects.filter(unseen=True).exists()


@pytest.mark.django_db
def test_paperwork_has_its_turn_at_last_however_much_is_due(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*, now: datetime, limit: int) -> int:
        return limit

    busy = Stage("route_alerts", endless, limit=10, budget=0.001)
    paperwork = Stage("follow_pages", story.work, paperwork=True)
    engine = Engine(node="t", transports={}, stages=(busy, paperwork), read_clock=lambda: NOW)
    assert engine.cycle()
    assert len(story.lines) == 1
    assert engine.cycle()
    assert len(story.lines) == 1, "alerts wait: the paperwork has had its turn a moment ago"
    monkeypatch.setattr(run, "PATIENCE_SECONDS", 0.0)
    assert engine.cycle()
    assert len(story.lines) == 2


@pytest.mark.django_db
def test_paperwork_ends_its_turn_when_somebody_may_have_to_be_paged() -> None:
    engine: Engine
    turns: list[int] = []

    def interrupted(*, now: datetime, limit: int) -> int:
        turns.append(limit)
        if len(turns) == 3:
            engine.wake()
        return limit if len(turns) < 9 else 0

    stage = Stage("follow_pages", interrupted, limit=1, budget=5.0, paperwork=True)
    engine = Engine(node="t", transports={}, stages=(stage,), read_clock=lambda: NOW)
    # The first turn is overdue: nothing has been done since the start.
    assert not engine.cycle()
    assert len(turns) == 9
    turns.clear()
    assert engine.cycle(), "more is waiting"
    assert len(turns) == 1, "it was woken before"
