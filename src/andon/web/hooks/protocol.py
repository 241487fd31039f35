"""The short way from a socket to the writer, for what arrives by the thousand.

Uvicorn's own way builds a scope, an event and a task for each request, which costs more than all we
do with an alert. So its protocol is extended: an ordinary request of a known sender goes from
the HTTP parser straight to the writer, and its answer from the commit straight to the socket.
Whatever is out of the ordinary (a strange key, a compressed or chunked body, pipelining, anything
to refuse) goes uvicorn's way to `Intake.app`, so that there is one place that decides what is
refused, and how.

Danger: this leans on attributes of uvicorn's `HttpToolsProtocol` that it does not promise to keep.
`tests/web/hooks/test_protocol.py` drives a real server through it.
"""

from typing import TYPE_CHECKING

from andon.web.hooks import answers, metrics
from andon.web.hooks.bounds import BoundedProtocol, head_of
from andon.web.hooks.connections import BUSY, Connections, Limits

if TYPE_CHECKING:
    from andon.web.hooks.app import Intake

#: A larger body goes the long way, which counts it while it arrives.
MAX_BODY = 256 * 1024
#: A request with one of these is out of the ordinary.
_UNUSUAL = frozenset({b"content-encoding", b"transfer-encoding", b"upgrade"})


class _NoEvent:
    """What uvicorn sets to wake a task, where there is no task."""

    def set(self) -> None:
        """Do nothing."""


class Exchange:
    """One request on the short way, from its last byte to its answer.

    It stands where uvicorn keeps its own `RequestResponseCycle`, with those attributes of it that
    uvicorn's protocol touches; and in the writer's batch where other requests have a future.
    """

    __slots__ = ("_protocol", "disconnected", "keep_alive", "response_complete")
    message_event = _NoEvent()
    response_started = False

    def __init__(self, protocol: "Protocol") -> None:
        self._protocol = protocol
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False

    def done(self) -> bool:
        """Return whether it was answered."""
        return self.response_complete

    def set_result(self, stored: bool, /) -> None:
        """Answer it."""
        self.response_complete = True
        if not self.disconnected:
            self._protocol.answer(self, stored)


class Protocol(BoundedProtocol):
    """The bounded protocol with the short way beside it. Made for an intake by `bind`."""

    intake: "Intake"
    _short = False
    _body = b""
    _authorization = b""
    # The head of an answer, for the second it is good for: uvicorn makes a new list of default
    # headers each second.
    _head_of: list[tuple[bytes, bytes]] | None = None
    _head = b""

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._short:
            self._body_bytes += len(body)
            self._body = self._body + body if self._body else body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Hand a complete request over."""
        if not self._short:
            super().on_message_complete()
            return
        self.phase = BUSY
        self._short, body = False, self._body
        self._body = b""
        exchange = Exchange(self)
        self.cycle = exchange  # type: ignore[assignment]
        if not self.intake.take(self.loop, self.url, self._authorization, body, exchange):
            self.cycle = None  # type: ignore[assignment]
            super()._choose_way()
            super().on_body(body)
            super().on_message_complete()

    def answer(self, exchange: Exchange, stored: bool) -> None:
        """Write the answer of a request, then wait for the next."""
        keep_alive = exchange.keep_alive
        if stored and keep_alive:
            self.known = True
            defaults = self.server_state.default_headers
            if defaults is not Protocol._head_of:
                Protocol._head_of, Protocol._head = defaults, head_of(202, defaults)
            content = b"%scontent-length: 0\r\nx-request-id: %s\r\n\r\n" % (
                Protocol._head,
                self.intake.next_request_id(),
            )
        else:
            content = self._unusual_answer(stored, keep_alive)
        self.transport.write(content)
        if not keep_alive:
            self.transport.close()
        if self.pipeline or self.flow.read_paused or not keep_alive:
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._wait_for_the_next()

    def _choose_way(self) -> None:
        if self.url.startswith(self.intake.short_paths) and self._is_ordinary():
            self._short, self._body = True, b""
            self.cycle = None  # type: ignore[assignment]
        else:
            super()._choose_way()

    def _unusual_answer(self, stored: bool, keep_alive: bool) -> bytes:
        status, headers, body = 202, answers.Headers(), b""
        if not stored:
            refused = answers.unavailable()
            metrics.REJECTED.labels(refused.code).inc()
            status, headers, body = answers.refusal(None, refused)
        headers.append((b"content-length", str(len(body)).encode()))
        headers.append((b"x-request-id", self.intake.next_request_id()))
        if not keep_alive:
            headers.append((b"connection", b"close"))
        return head_of(status, self.server_state.default_headers + headers) + b"\r\n" + body

    def _is_ordinary(self) -> bool:
        """Return whether the head is one that only has to be authenticated."""
        cycle, parser = self.cycle, self.parser
        if (cycle is not None and not cycle.response_complete) or self.expect_100_continue:
            return False
        if parser.get_method() != b"POST" or not parser.should_keep_alive():
            return False
        authorization, length = b"", b""
        for name, value in self.headers:
            if name == b"authorization":
                authorization = value
            elif name == b"content-length":
                length = value
            elif name in _UNUSUAL:
                return False
        self._authorization = authorization
        return len(length) <= 6 and length.isdigit() and int(length) <= MAX_BODY


def bind(intake: "Intake", limits: Limits | None = None) -> type[Protocol]:
    """Return the protocol class for uvicorn's `http` setting that serves an intake."""
    bound = {"intake": intake, "held": Connections(limits or Limits())}
    return type("BoundProtocol", (Protocol,), bound)
