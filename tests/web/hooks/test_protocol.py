"""The short way through uvicorn's protocol: a real server on loopback, raw sockets."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from andon.alerts import actions, queries
from andon.alerts.models import Alert, IntakeBatch
from andon.web.hooks import protocol
from andon.web.hooks.connections import Limits
from andon.web.hooks.writer import Writer
from tests.support.alerts import NOW, alertmanager_body
from tests.web.hooks.conftest import Sender

pytestmark = pytest.mark.database
PATH = "/hooks/alertmanager/"


class Server(uvicorn.Server):
    """Listens on a free port; `up` is set once it does."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets=sockets)
        self.loop = asyncio.get_running_loop()
        self.up.set()


@contextmanager
def serving(
    sender: Sender, *, limits: Limits | None = None, app: object = None, **more: object
) -> Iterator[tuple[Server, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(
        uvicorn.Config(
            app or sender.intake.app,  # type: ignore[arg-type]
            http=protocol.bind(sender.intake, limits),
            loop="uvloop",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            **more,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        assert server.up.wait(20)
        yield server, listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@pytest.fixture
def port(sender) -> Iterator[int]:
    with serving(sender) as (_, port):
        yield port


@pytest.fixture
def long_way(sender, monkeypatch) -> list[str]:
    """The paths that reached the application the ordinary way."""
    seen: list[str] = []
    app = sender.intake.app

    async def noting(scope, receive, send) -> None:
        seen.append(scope["path"])
        await app(scope, receive, send)

    monkeypatch.setattr(sender.intake, "app", noting)
    return seen


def post(path: str, body: bytes, *headers: str, version: str = "1.1") -> bytes:
    head = [f"POST {path} HTTP/{version}", "Host: andon", *headers]
    if not any(header.lower().startswith("transfer-encoding") for header in headers):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


class Line:
    """One connection; reads answers by their length."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 20)
        self._file = self._socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def first_line(self) -> bytes:
        return self._file.readline()

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        status = int(self.first_line().split()[1])
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        return status, headers, self._file.read(int(headers["content-length"]))

    def ask(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        self.send(data)
        return self.answer()

    def at_end(self) -> bool:
        return self._file.read(1) == b""

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def line(long_way, port) -> Iterator[Line]:
    line = Line(port)
    yield line
    line.close()


def bearer(key: str) -> str:
    return f"Authorization: Bearer {key}"


def test_an_ordinary_request_takes_the_short_way_and_is_on_disk(sender, line, long_way):
    key = sender.key()
    line.ask(post(PATH, alertmanager_body("0"), bearer(key)))
    del long_way[:]  # the first one of a new key makes us read the keys

    answers = [
        line.ask(post(PATH, alertmanager_body("a"), bearer(key))),
        line.ask(post(PATH + key, alertmanager_body("b"))),
        line.ask(post(PATH, alertmanager_body("a"), bearer(key))),
    ]

    assert long_way == []
    assert [(status, body) for status, _, body in answers] == [(202, b"")] * 3
    assert len({headers["x-request-id"] for _, headers, _ in answers}) == 3
    counts = dict(Alert.objects.values_list("dedup_key", "count"))
    assert counts == {"fp-0": 1, "fp-a": 2, "fp-b": 1}
    assert sum(IntakeBatch.objects.values_list("count", flat=True)) == 4


def test_a_body_in_pieces_is_put_together(sender, line, long_way):
    key = sender.key()
    line.ask(post(PATH, alertmanager_body("0"), bearer(key)))
    del long_way[:]
    request = post(PATH, alertmanager_body("a"), bearer(key))
    for at in range(0, len(request), 50):
        line.send(request[at : at + 50])

    assert line.answer()[0] == 202
    assert long_way == []
    assert Alert.objects.filter(dedup_key="fp-a").exists()


def test_what_is_refused_is_refused_as_ever(sender, line, long_way):
    key = sender.key()
    generic = sender.key("generic")
    refused = {
        400: post("/v2/enqueue", b"{"),
        401: post(PATH, alertmanager_body("A"), bearer("andon_key_wrong")),
        403: post(PATH, alertmanager_body("A"), bearer(generic)),
        404: post("/hooks/alertmanagers/", alertmanager_body("A"), bearer(key)),
    }

    for status, request in refused.items():
        found, headers, body = line.ask(request)
        assert found == status
        if status != 400:
            assert headers["content-type"] == "application/problem+json"
            assert f'"status":{status}'.encode() in body
    assert len(long_way) == 4
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    "request_of",
    [
        lambda key: post(
            PATH, gzip.compress(alertmanager_body("A")), bearer(key), "Content-Encoding: gzip"
        ),
        lambda key: post(
            PATH,
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(alertmanager_body("A")), alertmanager_body("A")),
            bearer(key),
            "Transfer-Encoding: chunked",
        ),
        lambda key: post(PATH + "?token=1", alertmanager_body("A"), bearer(key)),
        lambda key: post(PATH, alertmanager_body("A"), bearer(key), "Connection: close"),
        lambda key: post(PATH, alertmanager_body("A"), bearer(key), version="1.0"),
        lambda key: post(PATH, alertmanager_body("A") + b" " * protocol.MAX_BODY, bearer(key)),
    ],
    ids=["gzip", "chunked", "query", "close", "http/1.0", "large"],
)
def test_the_unusual_takes_the_long_way_and_is_stored_too(sender, line, long_way, request_of):
    key = sender.key()
    line.ask(post(PATH, alertmanager_body("0"), bearer(key)))
    del long_way[:]

    assert line.ask(request_of(key))[0] == 202
    assert long_way == [PATH]
    assert Alert.objects.count() == 2


def test_pipelined_requests_are_answered_in_order(sender, line):
    key = sender.key()
    good = [post(PATH, alertmanager_body(f"A{n}"), bearer(key)) for n in range(5)]
    line.ask(good[0])
    line.send(b"".join([good[0], good[1], post(PATH + "a/b", b"{", bearer(key)), good[2], good[3]]))

    assert [line.answer()[0] for _ in range(5)] == [202, 202, 404, 202, 202]
    assert Alert.objects.count() == 4


def test_both_ways_share_a_connection(sender, line):
    key, generic = sender.key(), sender.key("generic")
    event = b'{"summary": "disk full"}'
    for _ in range(3):
        assert line.ask(post(PATH, alertmanager_body("A"), bearer(key)))[0] == 202
        assert line.ask(post("/hooks/generic/", event, bearer(generic)))[0] == 202

    assert sorted(Alert.objects.values_list("count", flat=True)) == [3, 3]


def test_what_cannot_be_stored_is_503_and_the_line_stays_open(sender, line, monkeypatch):
    key = sender.key()
    line.ask(post(PATH, alertmanager_body("0"), bearer(key)))
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "_commit", lambda *_: False)
        status, headers, body = line.ask(post(PATH, alertmanager_body("A"), bearer(key)))
    assert (status, headers["retry-after"]) == (503, "5")
    assert b"unavailable" in body

    assert line.ask(post(PATH, alertmanager_body("A"), bearer(key)))[0] == 202
    assert Alert.objects.count() == 2


def test_a_revoked_key_stops_when_the_keys_are_read(sender, line):
    key = sender.key()
    request = post(PATH, alertmanager_body("A"), bearer(key))
    assert line.ask(request)[0] == 202
    assert line.ask(request)[0] == 202
    actions.revoke_key(key="alertmanager", by="ann", now=NOW)

    ring = sender.intake.ring
    ring.replace(queries.live_keys(), queries.revoked_digests(), ring.read_at)

    assert line.ask(request)[0] == 403


def test_the_rate_counts_on_the_short_way_too(sender, line, long_way):
    key = sender.key(per_minute=3)
    request = post(PATH, alertmanager_body("A"), bearer(key))

    assert [line.ask(request)[0] for _ in range(8)] == [202] * 6 + [503] * 2
    assert len(long_way) == 3  # the first, which made us read the keys, and the refused ones


def test_a_sender_that_goes_away_is_stored_all_the_same(sender, port):
    key = sender.key()
    line, other = Line(port), Line(port)
    line.ask(post(PATH, alertmanager_body("0"), bearer(key)))
    line.send(post(PATH, alertmanager_body("a"), bearer(key)))
    line.close()

    # Commits are in order of arrival on the loop, so once these are answered it was stored.
    for number in range(3):
        body = alertmanager_body(f"b{number}")
        assert other.ask(post(PATH, body, bearer(key)))[0] == 202
    other.close()
    assert Alert.objects.filter(dedup_key="fp-a").exists()


def test_a_stop_answers_what_was_received_and_closes(sender, monkeypatch):
    key = sender.key()
    reached, go_on = threading.Event(), threading.Event()
    commit = Writer._commit

    def slow(self, items) -> bool:
        reached.set()
        return go_on.wait(20) and commit(self, items)

    with serving(sender) as (server, port):
        line, idle = Line(port), Line(port)
        assert line.ask(post(PATH, alertmanager_body("A"), bearer(key)))[0] == 202
        assert idle.ask(post(PATH, alertmanager_body("A"), bearer(key)))[0] == 202
        monkeypatch.setattr(Writer, "_commit", slow)
        line.send(post(PATH, alertmanager_body("B"), bearer(key)))
        assert reached.wait(20)
        server.should_exit = True
        assert idle.at_end()
        go_on.set()
        status, headers, _ = line.answer()
        assert (status, headers["connection"]) == (202, "close")
        assert line.at_end()
        line.close()
        idle.close()
    assert Alert.objects.count() == 2


def test_a_quiet_connection_is_closed_and_a_busy_one_is_not(sender):
    key = sender.key()
    with serving(sender, timeout_keep_alive=1) as (server, port):
        line = Line(port)
        request = post(PATH, alertmanager_body("A"), bearer(key))
        assert line.ask(request)[0] == 202
        assert line.ask(request)[0] == 202
        assert len(server.server_state.connections) == 1
        assert line.at_end()
        line.close()
