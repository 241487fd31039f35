"""Under load for a while: what is flat stays flat, and an overload ends when the load does."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.support.installation import (
    Installation,
    Mailbox,
    alertmanager_body,
    eventually,
    installation,
    mailbox,
    write_catalogue,
)

pytestmark = pytest.mark.chaos

SERVICES = 40
#: What the documentation promises of an idle installation, in MiB.
IDLE_MIB = 250
#: Who ask for a simulation, each again and again.
ASKING = 6
#: The last of these services is left alone by the storms, to see how its page fares.
QUIET = f"service-{SERVICES - 1:04d}"


@dataclass(frozen=True)
class Use:
    """What a process uses at one moment."""

    mib: float
    threads: int
    files: int


def use_of(pid: int) -> Use:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Use(int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"]), files)


@contextmanager
def running(tmp_path: Path) -> Iterator[tuple[Installation, int, Mailbox, str]]:
    with mailbox() as (box, smtp), installation(tmp_path / "home", smtp_url=smtp) as andon:
        write_catalogue(tmp_path / "catalogue", services=SERVICES)
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(tmp_path / "catalogue"), "--yes")
        key = andon.key("alertmanager")
        yield andon, andon.start("up").popen.pid, box, key


def labels(service: str, name: str) -> dict[str, str]:
    return {"alertname": name, "service": service, "severity": "critical"}


def post(client: httpx2.Client, andon: Installation, key: str, body: bytes) -> int:
    return client.post(f"{andon.url}/hooks/alertmanager/{key}", content=body).status_code


def work_for(seconds: float, work: Callable[[httpx2.Client, int], None], *, threads: int) -> int:
    """Do a piece of work again and again in threads; return how often it was done."""
    until, done = time.monotonic() + seconds, [0] * threads

    def run(at: int) -> None:
        with httpx2.Client(timeout=30) as client:
            while time.monotonic() < until:
                work(client, done[at] * threads + at)
                done[at] += 1

    running = [threading.Thread(target=run, args=(at,)) for at in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(done)


def test_r72_long_soak_is_stable_and_r89_idle_memory_is_small(tmp_path: Path) -> None:
    """Not 24 hours: as many alerts as a busy day brings, and the pages that people open."""
    with running(tmp_path) as (andon, pid, _, key):
        idle = use_of(pid)
        assert idle.mib < IDLE_MIB

        def day(client: httpx2.Client, n: int) -> None:
            slug, name = f"service-{n % SERVICES:04d}", f"alert-{n % 200}"
            for status in ("firing", "resolved"):
                body = alertmanager_body([labels(slug, name)], status=status)
                assert post(client, andon, key, body) == 202
            for path in ("/healthz", "/sign-in/", "/nowhere/", "/api/v1/services"):
                client.get(f"{andon.url}{path}")

        work_for(8, day, threads=4)
        warm = use_of(pid)
        done = work_for(25, day, threads=4)
        after = use_of(pid)
        print(f"idle {idle}, warm {warm}, after {done} more rounds {after}")
        assert done > 100
        assert after.mib < warm.mib + 30
        assert after.threads <= warm.threads + 3
        assert after.files <= warm.files + 8


def test_r79_overload_recovers_quickly(tmp_path: Path) -> None:
    """A storm of new alerts and repeats, and in its middle one alert of another service."""
    with running(tmp_path) as (andon, _, box, key):
        answers: list[int] = []

        def storm(client: httpx2.Client, n: int) -> None:
            slug = f"service-{n % (SERVICES - 1):04d}"
            group = [labels(slug, f"alert-{n}-{one}") for one in range(5)]
            answers.append(post(client, andon, key, alertmanager_body(group)))

        blowing = threading.Thread(target=work_for, args=(12, storm), kwargs={"threads": 6})
        blowing.start()
        eventually(lambda: len(answers) > 50, what="a storm")
        with httpx2.Client(timeout=30) as client:
            assert post(client, andon, key, alertmanager_body([labels(QUIET, "quiet")])) == 202
        sent = time.monotonic()
        eventually(lambda: box.mails(subject=QUIET), what="the quiet service's page")
        took = time.monotonic() - sent
        blowing.join()
        ended = time.monotonic()
        unseen = "SELECT count(*) FROM alerts_alert WHERE unseen"
        eventually(lambda: andon.rows(unseen)[0][0] == 0, what="no backlog", patience=60)
        print(
            f"{len(answers)} posts of five, {answers.count(202)} taken; the quiet page after "
            f"{took:.1f} s; the backlog gone {time.monotonic() - ended:.1f} s after the storm"
        )
        assert took < 10
        assert set(answers) == {202}


def test_a_page_does_not_wait_for_what_is_calculated(tmp_path: Path) -> None:
    """The engine's turn, from an alert to its page in the database, while years are simulated."""
    with running(tmp_path) as (andon, _, _box, key), httpx2.Client(timeout=60) as client:
        api, turns = andon.key("api", "--organisation"), iter(range(SERVICES))
        head, slowest = {"authorization": f"Bearer {api}"}, {"years": 3_000}

        pages = "SELECT COUNT(*) FROM paging_page"

        def delay() -> float:
            service = f"service-{next(turns):04d}"
            [(before,)] = andon.rows(pages)
            started = time.perf_counter()
            body = alertmanager_body([labels(service, f"turn of {service}")])
            assert post(client, andon, key, body) == 202
            while andon.rows(pages) == [(before,)]:
                assert time.perf_counter() - started < 60
                time.sleep(0.005)
            return time.perf_counter() - started

        def simulate() -> None:
            asked.append(1)
            url = f"{andon.url}/api/v1/planning/simulate"
            answered.append(client.post(url, headers=head, json=slowest).status_code)

        def go_on() -> None:
            while not over.is_set():
                simulate()

        asked: list[int] = []
        answered: list[int] = []
        over = threading.Event()
        simulate()
        idle = statistics.median(delay() for _ in range(12))
        asking = [threading.Thread(target=go_on) for _ in range(ASKING)]
        for one in asking:
            one.start()
        eventually(lambda: len(asked) > ASKING, what="simulations at the same time")
        busy = statistics.median(delay() for _ in range(12))
        over.set()
        for one in asking:
            one.join()
        print(f"alert to page: idle {idle * 1000:.0f} ms, while simulated {busy * 1000:.0f} ms")
        assert set(answered) == {200}
        assert busy < 2 * idle + 0.1
