"""A real Andon under connections that say nothing, or never stop: alerts still come through."""

import resource
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from tests.support.installation import Installation, alertmanager_body, eventually, installation

pytestmark = [pytest.mark.chaos]

SILENT = 1_100
MIB = 1024 * 1024


@contextmanager
def running(tmp_path: Path, limits: dict[int, int] | None = None) -> Iterator["Web"]:
    with installation(tmp_path / "home", limits=limits or {}) as andon:
        andon.run("admin", "migrate", "--verbosity", "0")
        key = andon.key("alertmanager")
        process = andon.start("web")
        yield Web(andon, key, process.popen.pid, process.log)


class Web:
    def __init__(self, andon: Installation, key: str, pid: int, log: Path) -> None:
        self.andon, self.key, self.pid, self.log = andon, key, pid, log
        self._number = 0

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def resident(self) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text()
        return 1024 * int(text.split("VmRSS:")[1].split()[0])

    def alert(self, *, timeout: float = 2.0) -> int:
        """Send one alert on a connection of its own; return the status."""
        self._number += 1
        labels = {"alertname": f"a{self._number}", "service": "checkout", "severity": "critical"}
        return httpx2.post(
            f"{self.andon.url}/hooks/alertmanager/",
            content=alertmanager_body([labels]),
            headers={"authorization": f"Bearer {self.key}"},
            timeout=timeout,
        ).status_code

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.andon.port), 20)


@contextmanager
def crowd(web: Web, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(web.connect()) for _ in range(count)]


@pytest.mark.parametrize("limits", [{}, {resource.RLIMIT_NOFILE: 1024}], ids=["as is", "1,024"])
def test_an_alert_comes_through_1100_silent_connections(
    tmp_path: Path, limits: dict[int, int]
) -> None:
    with running(tmp_path, limits) as web:
        quiet = web.descriptors()
        with crowd(web, SILENT):
            started = time.monotonic()
            assert [web.alert() for _ in range(3)] == [202] * 3
            assert time.monotonic() - started < 2
            assert web.descriptors() < quiet + 300
        eventually(lambda: web.descriptors() <= quiet + 10, what="descriptors given back")
        assert "Too many open files" not in web.log.read_text()
        assert "Traceback" not in web.log.read_text()


def test_alerts_come_through_while_others_connect_without_end(tmp_path: Path) -> None:
    """New connections, half requests and slow bodies, from the address that alerts come from."""
    sent = (
        b"",
        b"POST /hooks/generic/ HTTP/1.1\r\nContent-Le",
        b"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000\r\n\r\na",
        b"POST /v2/enqueue HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\n\r\n{",
    )
    over, opened = threading.Event(), 0

    def connect_without_end() -> None:
        nonlocal opened
        held: deque[socket.socket] = deque()
        while not over.is_set():
            held.append(web.connect())
            with suppress(OSError):
                held[-1].sendall(sent[opened % len(sent)])
            opened += 1
            if len(held) > 3_000:
                held.popleft().close()
        for line in held:
            line.close()

    with running(tmp_path, {resource.RLIMIT_NOFILE: 1024}) as web:
        assert web.alert() == 202
        flood = threading.Thread(target=connect_without_end)
        flood.start()
        try:
            eventually(lambda: opened > 2_000, what="a flood")
            took = []
            for _ in range(30):
                started = time.monotonic()
                assert web.alert(timeout=10) == 202
                took.append(time.monotonic() - started)
        finally:
            over.set()
            flood.join(60)
        print(
            f"{opened} connections; alerts took {sorted(took)[15]:.3f} s, at most {max(took):.3f}"
        )
        assert max(took) < 5
        assert "Too many open files" not in web.log.read_text()


def test_connections_that_are_silent_for_long_are_closed(tmp_path: Path) -> None:
    with running(tmp_path) as web:
        quiet = web.descriptors()
        with crowd(web, 200):
            eventually(lambda: web.descriptors() > quiet + 150, what="they are open")
            eventually(lambda: web.descriptors() <= quiet + 10, what="all closed", patience=30)


def test_60_mb_of_headers_are_431_and_take_no_memory(tmp_path: Path) -> None:
    with running(tmp_path) as web:
        assert web.alert() == 202
        before = web.resident()
        with crowd(web, 1) as (line,):
            line.sendall(b"POST /hooks/alertmanager/ HTTP/1.1\r\nHost: andon\r\n")
            part = b"".join(b"x-%06d: 1234567890123456789012345678\r\n" % n for n in range(25_000))
            most, refused = before, False
            for _ in range(60):
                try:
                    line.sendall(part)
                except OSError:
                    refused = True
                    break
                most = max(most, web.resident())
            assert refused or line.recv(64).startswith(b"HTTP/1.1 431 ")
        assert most - before < 16 * MIB, f"{(most - before) / MIB:.0f} MiB more"
        assert web.alert() == 202


def test_3000_connects_leave_no_descriptor_behind(tmp_path: Path) -> None:
    with running(tmp_path) as web:
        assert web.alert() == 202
        before = web.descriptors()
        for number in range(3_000):
            with web.connect() as line:
                if number % 3 == 1:
                    line.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                    assert line.recv(64).startswith(b"HTTP/1.1 200 ")
                elif number % 3 == 2:
                    line.sendall(b"POST /hooks/generic/ HTTP/1.1\r\nContent-Le")
        eventually(lambda: web.descriptors() <= before + 5, what="descriptors given back")
        assert web.alert() == 202
