"""Heavy turns in a process of their own: what comes back, what ends it, and pages meanwhile."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.core import claims, clock
from andon.engine import telemetry
from andon.engine.apart import Apart, Sized, UnableToWorkApart
from andon.engine.duty import Duty, DutyTurn, Stopped
from andon.engine.run import Engine
from andon.integrations import telemetry as pipeline
from tests.support import factories as make
from tests.support import turns
from tests.support.world import World

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def turn(memory: dict[str, Any], stop: threading.Event | None = None) -> DutyTurn:
    return DutyTurn(now=NOW, memory=memory, renew=lambda: True, stop=stop or threading.Event())


def pids_in(place: Path) -> list[int]:
    until = time.monotonic() + 30
    while not place.exists():
        if time.monotonic() > until:
            raise TimeoutError("the turn never began")
        time.sleep(0.02)
    return [int(pid) for pid in place.read_text(encoding="ascii").split()]


def test_what_a_turn_did_remembers_and_counts_comes_back() -> None:
    this = turn({"turns": 1})
    assert Apart(turns.counts, seconds=60)(this) == 7
    assert this.memory == {"turns": 2, "niceness": os.nice(0) + 10, "at": NOW.isoformat()}
    assert this.figures == {"seen": 3}


def test_a_refusal_comes_back_with_its_words_and_what_it_remembered() -> None:
    this = turn({})
    with pytest.raises(UnableToWorkApart, match=r"^there is no room$"):
        Apart(turns.refuses, seconds=60)(this)
    assert this.memory == {"problem": "no room"}
    with pytest.raises(UnableToWorkApart, match="gone"):
        Apart(turns.breaks, seconds=60)(this)


def test_a_process_that_dies_is_a_failed_turn_that_keeps_its_memory() -> None:
    this = turn({"of": "something"})
    with pytest.raises(UnableToWorkApart, match="ended with signal 9 and no answer"):
        Apart(turns.dies, seconds=60)(this)
    assert this.memory == {"of": "something"}


def test_a_turn_without_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    place = tmp_path / "pids"
    with pytest.raises(UnableToWorkApart, match="not done within 3 s"):
        Apart(turns.never_ends, seconds=3)(turn({"place": str(place)}))
    turns.wait_gone(pids_in(place))


def test_it_is_ended_when_the_engine_stops(tmp_path: Path) -> None:
    place, stop = tmp_path / "pids", threading.Event()
    ended: list[str] = []

    def work() -> None:
        try:
            Apart(turns.never_ends, seconds=600)(turn({"place": str(place)}, stop))
        except Stopped:
            ended.append("stopped")

    thread = threading.Thread(target=work)
    thread.start()
    pids = pids_in(place)
    stop.set()
    thread.join(20)
    assert ended == ["stopped"]
    turns.wait_gone(pids)


_ENGINE = """
import os, sys, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "andon.project.settings"
import django
django.setup()
from datetime import UTC, datetime
from andon.engine.apart import Apart
from andon.engine.duty import DutyTurn
from tests.support import turns
now = datetime(2026, 3, 3, tzinfo=UTC)
Apart(turns.never_ends, seconds=600)(
    DutyTurn(now=now, memory={"place": sys.argv[1]}, renew=lambda: True, stop=threading.Event()))
"""


@pytest.mark.chaos
def test_it_ends_when_the_engine_is_killed(tmp_path: Path) -> None:
    place = tmp_path / "pids"
    environ = {**os.environ, "ANDON_HOME": str(tmp_path)}
    engine = subprocess.Popen([sys.executable, "-c", _ENGINE, str(place)], env=environ)
    pids = pids_in(place)
    assert all(map(turns.is_running, pids))
    engine.send_signal(signal.SIGKILL)
    engine.wait(10)
    turns.wait_gone(pids)


@pytest.mark.django_db
def test_little_is_done_here_and_much_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def noting(where: str) -> Any:
        return lambda _: len(done.append(where) or done)

    sized = Sized(noting("apart"), here=noting("here"))
    make.service("stock")
    sized(turn({}))
    monkeypatch.setattr("andon.engine.apart.MUCH", -1)
    sized(turn({}))
    assert done == ["here", "apart"]


@pytest.mark.django_db
def test_a_rollout_whose_process_dies_is_tried_again_in_five_minutes(tmp_path: Path) -> None:
    memory: dict[str, Any] = {}
    dying = Apart(turns.dies, seconds=60)
    keeper = telemetry.Keeper(folder=tmp_path, tools=pipeline.Tools(), apart=dying)
    with pytest.raises(UnableToWorkApart):
        keeper(turn(memory))
    assert memory["again_at"] == (NOW + telemetry.RETRY_EVERY).timestamp()
    with pytest.raises(telemetry.UnableToKeepInForce, match="signal 9"):
        keeper(turn(memory))


class Box:
    """A transport that says when something was handed to it."""

    def __init__(self) -> None:
        self.sent = threading.Event()

    def send(self, message: Any, now: datetime) -> Any:
        from andon.paging.types import Receipt  # noqa: PLC0415

        self.sent.set()
        return Receipt()


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[Engine, Box, Path]]:
    """Return an engine with a duty that takes an interpreter for good."""
    box, place = Box(), tmp_path / "pids"

    def work(this: DutyTurn) -> int:
        this.memory["place"] = str(place)
        return Apart(turns.never_ends, seconds=600)(this)

    engine = Engine(node="test", transports={"email": box}, read_clock=clock.now)
    engine._duties = [
        Duty(name="telemetry", every=timedelta(minutes=1), work=work, node="test",
             read_clock=clock.now)
    ]  # fmt: skip
    yield engine, box, place
    engine.stop()


@pytest.mark.django_db(transaction=True)
def test_a_page_leaves_while_a_duty_takes_an_interpreter_for_good(
    busy: tuple[Engine, Box, Path],
) -> None:
    engine, box, place = busy
    world = World()
    world.now = clock.now()
    world.service("checkout")
    world.rota("rota", ["ann"], team="checkout")
    engine.start()
    pids = pids_in(place)
    alert = [world.alert("firing", service="checkout")]
    claims.retry(lambda: world.post(alert), attempts=10)
    engine.wake()
    assert box.sent.wait(30)
    assert os.getpid() not in pids
    assert all(map(turns.is_running, pids))
    engine.stop()
    turns.wait_gone(pids)
