"""A load generator over raw keep-alive sockets.

`python bench/load.py URL KEY SHAPE SIZE FRESH SECONDS CONNECTIONS`

Prints requests a second, the 50th and 99th percentile of latency in milliseconds, and how many
requests were answered in all, warming up included.
"""

import asyncio
import itertools
import sys
from functools import partial
from time import perf_counter
from urllib.parse import urlsplit

import uvloop

#: One alert; the number has a fixed width, so that every body of a shape has the same length.
LABELS = (
    '"labels":{"alertname":"HighErrorRate","instance":"i-%010d","service":"checkout",'
    '"severity":"critical"},"annotations":{"runbook_url":"https://rb.example/checkout",'
    '"summary":"5xx above 1%% of requests"},"startsAt":"2026-11-20T20:51:19.507085Z",'
    '"generatorURL":"http://prometheus.example:9090/graph"'
)
PEER = "{" + LABELS + "}"
OURS = '{"status":"firing",' + LABELS + ',"endsAt":"0001-01-01T00:00:00Z","fingerprint":"%016x"}'
ENVELOPE = (
    '{"receiver":"andon","status":"firing","alerts":[%s],"groupLabels":{"alertname":"HighErrorRate"},'
    '"commonLabels":{"alertname":"HighErrorRate","service":"checkout","severity":"critical"},'
    '"commonAnnotations":{},"externalURL":"http://alertmanager.example:9093","version":"4",'
    '"groupKey":"{}:{alertname=\\"HighErrorRate\\"}","truncatedAlerts":0}'
)


class Requests:
    """Makes requests: the same few alerts again and again, or every alert new."""

    def __init__(self, url: str, key: str, shape: str, size: int, fresh: bool) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self._shape, self._size, self._fresh = shape, size, fresh
        # Runs that follow one another must not meet: the clock moves on faster than any load.
        self._numbers = itertools.count(int(perf_counter() * 2e5) // size)
        length = len(self._body(0))
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "User-Agent: Alertmanager/0.25.0\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {key}\r\nContent-Length: {length}\r\n\r\n"
        ).encode()
        self._fixed = [self._head + self._body(n * size) for n in range(1, 65)]

    def next(self, connection: int) -> bytes:
        """Return the next request of a connection."""
        if not self._fresh:
            return self._fixed[connection % 64]
        return self._head + self._body(next(self._numbers) * self._size)

    def _body(self, first: int) -> bytes:
        numbers = range(first, first + self._size)
        if self._shape == "peer":
            return ("[" + ",".join([PEER % n for n in numbers]) + "]").encode()
        return (ENVELOPE % ",".join([OURS % (n, n) for n in numbers])).encode()


class Connection(asyncio.Protocol):
    """Sends a request, waits for its answer, sends the next."""

    def __init__(self, number: int, requests: Requests, took: list[float]) -> None:
        self._number, self._requests, self._took = number, requests, took
        self._buffer = b""
        self._sent = 0.0
        self.stopped = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take an answer without a body, and go on."""
        data = self._buffer + data
        if not data.endswith(b"\r\n\r\n"):
            self._buffer = data
            return
        self._buffer = b""
        if not data.startswith(b"HTTP/1.1 20"):
            raise SystemExit(f"unexpected answer: {data[:300]!r}")
        self._took.append(perf_counter() - self._sent)
        if not self.stopped:
            self._send()

    def _send(self) -> None:
        request = self._requests.next(self._number)
        self._sent = perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]


def _same(connection: Connection) -> Connection:
    return connection


async def run(requests: Requests, seconds: float, connections: int) -> None:
    """Drive all connections for some seconds, then print what was reached."""
    loop = asyncio.get_running_loop()
    took: list[float] = []
    open_ones = []
    for number in range(connections):
        connection = Connection(number, requests, took)
        await loop.create_connection(partial(_same, connection), requests.host, requests.port)
        open_ones.append(connection)
    await asyncio.sleep(0.3)
    before = len(took)
    took.clear()
    started = perf_counter()
    await asyncio.sleep(seconds)
    elapsed, done = perf_counter() - started, sorted(took)
    for protocol in open_ones:
        protocol.stopped = True
    await asyncio.sleep(0.2)
    total = before + len(took)
    p50, p99 = (done[int(len(done) * share)] * 1000 for share in (0.5, 0.99))
    print(f"{len(done) / elapsed:.1f} {p50:.3f} {p99:.3f} {total}")


if __name__ == "__main__":
    url, key, shape, size, fresh, seconds, connections = sys.argv[1:]
    uvloop.run(
        run(
            Requests(url, key, shape, int(size), fresh == "fresh"), float(seconds), int(connections)
        )
    )
