"""People reached by webhook, whose server counts what arrives: for tests that break things."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from tests.support.installation import Installation, alertmanager_body, eventually, write_pagers
from tests.support.outside import Receiver

#: A destination's host may have eight messages under way, so there are several.
HOSTS = 8
REPEATED = "[may be repeated]"


class Pagers:
    """Receivers on several addresses of loopback, seen as one."""

    def __init__(self, *, people: int, seconds: float) -> None:
        self.people = people
        #: How long an answer takes.
        self.seconds = seconds
        self._receivers = [Receiver() for _ in range(min(HOSTS, people))]

    def start(self) -> Iterator[Any]:
        for n, receiver in enumerate(self._receivers):
            receiver.answers.default_factory = lambda: self._answer  # type: ignore[attr-defined]
            yield receiver.start(f"127.0.0.{n + 1}")

    @property
    def addresses(self) -> list[str]:
        many = len(self._receivers)
        return [f"{self._receivers[n % many].url}/{n}" for n in range(self.people)]

    def received(self) -> list[dict[str, Any]]:
        """Return each message that arrived, with `to` and `repeated`, in no order."""
        found = []
        for receiver in self._receivers:
            with receiver.lock:
                arrived = list(receiver.received)
            for one in arrived:
                if len(one.body) < int(one.headers["content-length"]):
                    continue  # its sender was killed in the middle: nobody got that message
                body = json.loads(one.body)
                found.append(
                    {
                        "uid": one.headers["webhook-id"],
                        "to": receiver.url + one.path,
                        "marked": REPEATED in one.body.decode(),
                        "kind": body["type"],
                    }
                )
        return [one for one in found if one["kind"] == "page.notified"]

    def forget(self) -> None:
        """Begin to count anew."""
        for receiver in self._receivers:
            with receiver.lock:
                receiver.received.clear()

    def uids(self) -> set[str]:
        return {one["uid"] for one in self.received()}

    def wait_for(self, count: int, *, within: float, what: str) -> float:
        """Wait until so many different messages have arrived; return the seconds it took."""
        began = time.monotonic()
        eventually(lambda: len(self.uids()) >= count, what=what, patience=within)
        return time.monotonic() - began

    def repeats(self) -> Counter[str]:
        """Return how many messages each address got more than once."""
        counted = Counter((one["to"], one["uid"]) for one in self.received())
        again: Counter[str] = Counter()
        for (to, _), times in counted.items():
            again[to] += times - 1
        return +again

    def check_repeats(self, *, crashes: int = 1) -> None:
        """Assert: at most one repeated to each address for each crash, and marked as repeated."""
        worst = self.repeats().most_common(3)
        assert all(times <= crashes for _, times in worst), f"repeated too often: {worst}"
        by_uid = Counter(one["uid"] for one in self.received())
        plain = Counter(one["uid"] for one in self.received() if not one["marked"])
        twice = [uid for uid, times in by_uid.items() if times > 1 and plain[uid] > 1]
        assert not twice, f"{len(twice)} were sent twice without a mark"

    def _answer(self, handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
        receiver.released.wait(self.seconds)
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")


@contextmanager
def pagers(*, people: int, seconds: float) -> Iterator[Pagers]:
    """Yield pagers of so many people, whose server answers after so many seconds."""
    made = Pagers(people=people, seconds=seconds)
    with ExitStack() as stack:
        for stop in made.start():
            stack.callback(stop)
        yield made


def prepare(andon: Installation, pagers: Pagers, folder: Path, *, services: int) -> str:
    """Declare services whose people have these pagers; return the key for alerts."""
    andon.environ["ANDON_EGRESS_ALLOW"] = "127.0.0.0/8"
    write_pagers(folder, webhooks=pagers.addresses, services=services)
    andon.run("admin", "migrate", "--verbosity", "0")
    andon.run("apply", str(folder), "--yes")
    return andon.key("alertmanager")


def post(
    andon: Installation,
    key: str,
    services: range,
    *,
    status: str = "firing",
    timeout: float = 20,
) -> int:
    """Post one alert of each service in one request; return the status."""
    labels = [
        {"alertname": f"alert-{n}", "service": f"service-{n:04d}", "severity": "critical"}
        for n in services
    ]
    answer = httpx2.post(
        f"{andon.url}/hooks/alertmanager/{key}",
        content=alertmanager_body(labels, status=status),
        timeout=timeout,
    )
    return int(answer.status_code)


@contextmanager
def held(url: str, sql: str) -> Iterator[None]:
    """Hold what a statement locks, as a long transaction of somebody else would."""
    with psycopg.connect(url) as connection:
        connection.execute(sql)  # type: ignore[call-overload]
        yield


def waits_for_a_lock(url: str, pid: int) -> bool:
    """Return whether a process of Andon is in a transaction that waits for somebody else."""
    sql = (
        "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock' "
        "AND backend_xid IS NOT NULL"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(sql, [f"andon {pid}"]).fetchone() is not None
