"""What a peer may send instead of a request, or never send: a real server, raw sockets."""

import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from andon.alerts.models import Alert
from andon.web.hooks import bounds
from andon.web.hooks.connections import BODY, BUSY, HEAD, IDLE, SILENT, Connections, Limits
from andon.web.hooks.writer import Writer
from tests.support.alerts import alertmanager_body
from tests.web.hooks.conftest import Sender
from tests.web.hooks.test_protocol import PATH, Line, bearer, post, serving

pytestmark = pytest.mark.database
#: Deadlines that a test can wait for.
HASTY = Limits(head=1.0, body=1.0, body_rate=1024, unread=2.0, linger=1.0, look=0.1)


@contextmanager
def lines(port: int, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            for _ in range(count)
        ]


def read_all(line: socket.socket) -> bytes:
    """Return what comes until the end, however it ends."""
    line.settimeout(20)
    found = b""
    try:
        while part := line.recv(65536):
            found += part
    except ConnectionResetError:
        found += b"<reset>"
    return found


def drip(line: socket.socket, data: bytes, *, every: float = 0.05) -> None:
    """Send byte by byte until the other side has had enough."""
    try:
        for byte in data:
            line.sendall(bytes([byte]))
            time.sleep(every)
    except OSError:
        return


@pytest.mark.parametrize("sent", [b"", b"POST /hooks/generic/ HTTP/1.1\r\nHost: a"])
def test_a_head_that_does_not_come_is_not_waited_for(sender, sent):
    with serving(sender, limits=HASTY) as (server, port), lines(port, 1) as (line,):
        line.sendall(sent)
        found = read_all(line)
        assert found.startswith(b"HTTP/1.1 408 ") if sent else found == b""
        assert b"connection: close" in found or not sent
        eventually(lambda: not server.server_state.connections)


def test_a_head_or_a_body_byte_by_byte_is_408_and_closed(sender):
    key = sender.key("generic")
    event = b'{"summary": "disk full"}'.ljust(2000)
    whole = post("/hooks/generic/", event, bearer(key))
    cut = len(whole) - len(event)
    with serving(sender, limits=HASTY) as (server, port), lines(port, 2) as pair:
        pair[1].sendall(whole[:cut])
        slow = [
            threading.Thread(target=drip, args=(line, part))
            for line, part in zip(pair, (whole, whole[cut:]), strict=True)
        ]
        for thread in slow:
            thread.start()
        answers = [read_all(line) for line in pair]
        for thread in slow:
            thread.join(20)
        assert [answer.split(b"\r\n")[0] for answer in answers] == [
            b"HTTP/1.1 408 Request Timeout"
        ] * 2
        assert b"The head of the request" in answers[0]
        assert b"The body of the request" in answers[1]
        eventually(lambda: not server.server_state.connections)
    assert not Alert.objects.exists()


def test_a_body_on_the_short_way_that_stops_is_408(sender):
    key = sender.key()
    with serving(sender, limits=HASTY) as (_, port):
        line = Line(port)
        request = post(PATH, alertmanager_body("A"), bearer(key))
        assert line.ask(request)[0] == 202
        line.send(request[:-10])
        status, headers, _ = line.answer()
        assert (status, headers["connection"]) == (408, "close")
        assert line.at_end()
        line.close()
    assert Alert.objects.get().count == 1


def test_who_sends_slowly_but_steadily_is_waited_for(sender):
    key = sender.key("generic")
    event = b'{"summary": "disk full"}'.ljust(12_000)
    with serving(sender, limits=HASTY) as (_, port):
        line = Line(port)
        whole = post("/hooks/generic/", event, bearer(key))
        started = time.monotonic()
        for at in range(0, len(whole), 600):
            line.send(whole[at : at + 600])
            time.sleep(0.1)
        assert line.answer()[0] == 202
        assert time.monotonic() - started > 1.5  # longer than a silent body is waited for
        line.close()


@pytest.mark.parametrize(
    "head",
    [
        b"X-Long: " + b"a" * 70_000,
        b"\r\n".join(b"a:%d" % n for n in range(101)),
        b"\r\n".join(b"X-%d: %s" % (n, b"b" * 1000) for n in range(70)),
    ],
    ids=["one long field", "many fields", "much"],
)
@pytest.mark.parametrize("ended", [b"\r\n\r\n", b""], ids=["whole", "endless"])
def test_a_large_head_is_431(sender, head, ended):
    with serving(sender, limits=HASTY) as (_, port), lines(port, 1) as (line,):
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n" + head + ended)
        found = read_all(line)
        assert found.startswith(b"HTTP/1.1 431 "), found[:200]
        assert b"64 KiB and 100 fields" in found


def test_a_long_request_line_is_431_and_a_head_within_bounds_is_not(sender):
    with serving(sender) as (_, port), lines(port, 2) as (long, fair):
        long.sendall(b"GET /" + b"a" * 70_000)
        assert read_all(long).startswith(b"HTTP/1.1 431 ")
        fields = b"".join(b"X-%d: %s\r\n" % (n, b"b" * 600) for n in range(95))
        fair.sendall(b"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields)
        fair.sendall(b"\r\n")
        assert read_all(fair).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize(
    "tail",
    [
        b"1;%s\r\n{\r\n" % (b"x" * 200_000),
        b"0\r\n" + b"a: b\r\n" * 40_000,
    ],
    ids=["chunk extensions", "trailers"],
)
def test_framing_without_end_is_refused(sender, tail):
    key = sender.key("generic")
    head = post("/hooks/generic/", b"", bearer(key), "Transfer-Encoding: chunked")
    with serving(sender) as (_, port), lines(port, 1) as (line,):
        line.sendall(head + tail)
        assert read_all(line).startswith(b"HTTP/1.1 400 ")


def test_trailers_are_no_headers(sender):
    """A proxy in front removes or sets headers; what comes behind the body went past it."""
    key = sender.key("generic")
    head = post("/hooks/generic/", b"", "Transfer-Encoding: chunked", "Connection: close")
    event = b'{"summary":"x"}'
    body = b"%x\r\n%s\r\n0\r\nAuthorization: Bearer %s\r\n\r\n" % (len(event), event, key.encode())
    with serving(sender) as (_, port), lines(port, 1) as (line,):
        line.sendall(head + body)
        assert read_all(line).startswith(b"HTTP/1.1 401 ")


def test_an_answer_that_nobody_reads_is_not_kept(sender):
    with serving(sender, limits=HASTY) as (server, port), lines(port, 1) as (line,):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(0.2)
        ask = post("/hooks/nothing/" + "a" * 3000, b"") * 200
        with pytest.raises(TimeoutError):  # all buffers are full: nobody reads any more
            line.sendall(ask * 500)
        eventually(lambda: not server.server_state.connections)


def test_a_refused_body_does_not_take_the_answer_along(sender):
    """Closing with bytes unread would reset the connection before the 413 is read."""
    key = sender.key("generic")
    head = post("/hooks/generic/", b"", bearer(key)).replace(b"Length: 0", b"Length: 30000000")
    with serving(sender) as (server, port):
        with lines(port, 1) as (line,):
            line.sendall(head)
            for _ in range(30):
                line.sendall(b" " * 1_000_000)  # as a client does that reads only afterwards
            found = read_all(line)
            assert found.startswith(b"HTTP/1.1 413 ")
            assert not found.endswith(b"<reset>")
        eventually(lambda: not server.server_state.connections)


def test_who_asks_for_another_protocol_is_answered_in_this_one(sender):
    """Java's HTTP client offers HTTP/2 with its first request."""
    key = sender.key()
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIA")
    with serving(sender) as (_, port):
        line = Line(port)
        request = post(PATH, alertmanager_body("A"), bearer(key), *offer)
        assert line.ask(request)[0] == 202
        line.send(request[:-20])
        line.send(request[-20:])
        assert line.answer()[0] == 202
        assert line.ask(post(PATH, alertmanager_body("A"), bearer(key)))[0] == 202
        assert line.ask(b"CONNECT andon:80 HTTP/1.1\r\nHost: andon\r\n\r\n")[0] == 405
        line.close()
    assert Alert.objects.get().count == 3


def test_what_follows_a_good_request_and_is_none_does_not_cost_its_answer(sender):
    key = sender.key()
    with serving(sender) as (_, port), lines(port, 1) as (line,):
        line.sendall(post(PATH, alertmanager_body("A"), bearer(key)) + b"\x16\x03\x01 not http\r\n")
        assert read_all(line).startswith(b"HTTP/1.1 202 ")


def test_silent_connections_of_a_peer_give_way_to_its_later_ones(sender):
    key = sender.key()
    limits = Limits(most=400, most_waiting=40)
    with serving(sender, limits=limits) as (server, port), lines(port, 1) as (known,):
        request = post(PATH, alertmanager_body("A"), bearer(key))
        known.sendall(request)
        assert known.recv(4096).startswith(b"HTTP/1.1 202 ")
        with lines(port, 300) as silent:
            eventually(lambda: len(server.server_state.connections) <= 41)
            assert read_all(silent[0]) == b""
            with lines(port, 1) as (late,):
                for line in (late, known):
                    line.sendall(request)
                    assert line.recv(4096).startswith(b"HTTP/1.1 202 ")
    assert Alert.objects.get().count == 3


def test_only_when_all_others_are_talking_is_somebody_refused(sender, monkeypatch):
    key = sender.key()
    go_on, commit = threading.Event(), Writer._commit

    def slow(self, items) -> bool:
        return go_on.wait(20) and commit(self, items)

    request = post(PATH, alertmanager_body("A"), bearer(key))
    with serving(sender, limits=Limits(most=3)) as (server, port), lines(port, 3) as talking:
        for line in talking:
            line.sendall(request)
            assert line.recv(4096).startswith(b"HTTP/1.1 202 ")
        monkeypatch.setattr(Writer, "_commit", slow)
        for line in talking:
            line.sendall(request)
        eventually(lambda: {one.phase for one in server.server_state.connections} == {BUSY})
        with lines(port, 1) as (late,):
            assert read_all(late).startswith(b"HTTP/1.1 503 ")
        go_on.set()
        for line in talking:
            assert line.recv(4096).startswith(b"HTTP/1.1 202 ")


def test_random_bytes_never_hang_never_leak_and_never_fail(sender, caplog):
    """Whatever comes is answered or closed; a good request is answered afterwards."""
    dice = random.Random(20261128)
    key = sender.key("generic")
    good = post("/hooks/generic/", b'{"summary":"x"}', bearer(key))
    parts = [
        *(good[at : at + 7] for at in range(0, len(good), 7)),
        *(b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\n", b"\x00", b"\xff"),
        *(b"Content-Length: 5\r\n", b"ffffffffffffffff\r\n", b"Expect: 100-continue\r\n"),
        *(b"GET / HTTP/1.1\r\n", b"CONNECT a:1 HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n"),
        *(b"Upgrade: websocket\r\nConnection: Upgrade\r\n", b"BREW /%00 HTTP/1.1\r\n", b":\r\n"),
        *(b"GET //[ HTTP/1.1\r\n\r\n", b"GET http://[::1 HTTP/1.1\r\n\r\n", b"Host: \xc3\xbc\r\n"),
    ]
    with serving(sender, limits=HASTY) as (server, port):
        for number in range(150):
            data = b"".join(dice.choices(parts, k=dice.randrange(1, 12)))
            if number % 3 == 0:
                data += dice.randbytes(dice.randrange(1, 300))
            elif number % 3 == 1:
                data = good[: dice.randrange(len(good))] + data
            with lines(port, 1) as (line,):
                line.sendall(data)
                line.shutdown(socket.SHUT_WR) if dice.random() < 0.5 else None
                if number % 10 == 0:
                    found = read_all(line)
                    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", found)
                    assert not [one for one in statuses if one >= b"500"], (data, found)
        eventually(lambda: not server.server_state.connections)
        eventually(lambda: not server.server_state.tasks)
        with lines(port, 1) as (line,):
            line.sendall(good)
            assert line.recv(4096).startswith(b"HTTP/1.1 202 ")
    failed = [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"]
    assert not failed, failed


def eventually(look, *, patience: float = 20.0) -> None:
    deadline = time.monotonic() + patience
    while not look():
        assert time.monotonic() < deadline, "not within patience"
        time.sleep(0.02)


# The choice itself, without sockets.


class Stand:
    """A connection as far as the choice is concerned."""

    def __init__(self, name: str, phase: int, since: float, *, peer: str = "", known: bool = False):
        self.name, self.phase, self.since, self.peer, self.known = name, phase, since, peer, known
        self.dropped = False

    def look(self, now: float) -> None:
        raise AssertionError("nobody looks in these tests")

    def drop(self) -> None:
        self.dropped = True


class Loop:
    def call_later(self, *_: object) -> object:
        return object()


def admitted(limits: Limits, stands: list[Stand]) -> list[bool]:
    held = Connections(limits)
    return [held.admit(stand, Loop()) for stand in stands]  # type: ignore[arg-type]


def test_the_silent_go_first_then_the_idle_and_known_senders_last():
    stands = [
        Stand("known", IDLE, 0, peer="a", known=True),
        Stand("busy", BUSY, 0, peer="b"),
        Stand("body", BODY, 1, peer="c"),
        Stand("idle", IDLE, 2, peer="d"),
        Stand("silent", SILENT, 3, peer="e"),
    ]
    gone = []
    held = Connections(Limits(most=5))
    for stand in stands:
        assert held.admit(stand, Loop())
    for number in range(5):
        came = held.admit(Stand("new", BUSY, 9, peer=f"n{number}"), Loop())
        gone += [s.name for s in stands if s.dropped and s.name not in gone]
        assert came is (number < 4)
    assert gone == ["silent", "idle", "body", "known"]


def test_a_peer_that_talks_on_all_its_connections_is_never_thinned_out():
    """Behind a proxy all senders have one address."""
    stands = [Stand(f"{n}", BUSY, n, peer="proxy") for n in range(100)]
    assert all(admitted(Limits(most=200, most_waiting=10), stands))
    assert not any(stand.dropped for stand in stands)


def test_the_waiting_of_one_peer_do_not_cost_another():
    flood = [Stand(f"{n}", (SILENT, HEAD, BODY)[n % 3], n, peer="flood") for n in range(300)]
    other = Stand("other", SILENT, 0, peer="other")
    assert all(admitted(Limits(most=50, most_waiting=10), [other, *flood]))
    assert not other.dropped
    assert sum(not stand.dropped for stand in flood) <= 10


def test_the_bounds_of_a_head_are_those_the_words_name():
    assert (bounds.MAX_HEAD, bounds.MAX_FIELDS) == (65_536, 100)


def test_a_sender_is_what_the_bounds_know(sender: Sender):
    """`known` is set by an accepted key on either way, and by nothing else."""
    alert, event = sender.key(), sender.key("generic")
    asked = {
        post(PATH, alertmanager_body("A"), bearer(alert)): True,
        post("/hooks/generic/", b'{"summary":"x"}', bearer(event)): True,
        post("/hooks/generic/", b'{"summary":"x"}', bearer("andon_key_wrong")): False,
    }
    with serving(sender) as (server, port):
        for request, known in asked.items():
            with lines(port, 1) as (line,):
                line.sendall(request)
                assert line.recv(4096)
                (one,) = server.server_state.connections
                assert one.known is known
            eventually(lambda: not server.server_state.connections)
