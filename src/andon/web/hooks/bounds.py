"""Uvicorn's protocol with bounds: what a peer may send before, beside and instead of a request.

Uvicorn waits for ever for a head, a body, or for an answer to be read, keeps a head of any size,
and counts no connections. Here each of them ends, with an answer where it can be read: 408, 431.

Danger: this leans on attributes of uvicorn's `HttpToolsProtocol` that it does not promise to keep.
`tests/web/hooks/test_connections.py` drives a real server through it.
"""

import asyncio
from collections.abc import Iterator

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from andon.web.hooks import answers
from andon.web.hooks.answers import RefusedRequest
from andon.web.hooks.connections import (
    BODY,
    BUSY,
    HEAD,
    IDLE,
    SILENT,
    Connections,
    count_closed,
)

#: Of a request's line and fields.
MAX_HEAD = 64 * 1024
MAX_FIELDS = 100
#: What follows an answer that did not wait for the end of the request.
MAX_UNWANTED = 256 * 1024
_SLICE = 16 * 1024
_OFFER = frozenset({b"connection", b"upgrade", b"http2-settings"})


class WayOut:
    """What uvicorn writes an answer to, instead of the transport itself."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: "BoundedProtocol") -> None:
        self._protocol = protocol

    def write(self, data: bytes) -> None:
        """Pass a part of an answer on. Nothing but the hooks says 202, and only to a good key."""
        if data.startswith(STATUS_LINE[202]):
            self._protocol.known = True
        self._protocol.transport.write(data)

    def is_closing(self) -> bool:
        """Return whether there is nobody left to write to."""
        return self._protocol.transport.is_closing()

    def close(self) -> None:
        """End the connection so that its peer can read what was written."""
        self._protocol.close()


class _Trailers:
    """Where fields go that follow a chunked body: nobody asked for them, nobody keeps them."""

    def append(self, _field: tuple[bytes, bytes]) -> None:
        """Forget a field."""

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(())


class BoundedProtocol(HttpToolsProtocol):
    """One connection. `held` are all of the process; the shape is `connections.Connection`."""

    held: Connections
    peer = ""
    phase = SILENT
    since = 0.0
    known = False
    # Of the head or body under way: when its first incomplete part came, and how much has come.
    _began = 0.0
    _head_bytes = 0
    _wire_bytes = 0
    _body_bytes = 0
    # What the peer has not taken of an answer, and since when it takes nothing.
    _unsent = 0
    _unsent_since = 0.0
    # The peer offers to speak something else than HTTP/1.
    _offered = False
    # Nothing more is listened to; until when the peer may read why.
    _deaf = False
    _lingers_until: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection in, unless there is no room and nobody quiet to make some."""
        super().connection_made(transport)
        self._way_out = WayOut(self)
        self.peer = self.client[0] if self.client else ""
        self.since = self.loop.time()
        if not self.held.admit(self, self.loop):
            self._deaf = True
            self.transport.write(self._refusal(answers.unavailable("Too many connections")))
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection; whatever is at work for it learns that nobody waits."""
        self.held.leave(self)
        self._disconnect()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent, as far as it keeps to HTTP and to the bounds of a head."""
        if self._deaf:
            return
        try:
            if len(data) > _SLICE and self.phase != BODY:
                self._feed_slices(data)
            else:
                self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, RefusedRequest) else _not_http())
        if self.phase in (HEAD, BODY):
            self._wait_for_the_rest(len(data))

    def on_message_begin(self) -> None:
        """Begin a request. Its scope is made later, for those that need one."""
        self.phase = HEAD
        self._began = 0.0
        self._head_bytes = 0
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Check a head, and have its request answered."""
        if self._head_bytes or len(self.headers) > MAX_FIELDS:
            self._check_head()
        self.phase = BODY
        self._began = 0.0
        self._wire_bytes = self._body_bytes = 0
        self._choose_way()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the end of a request."""
        if self._offered:
            return
        self.phase = BUSY
        super().on_message_complete()
        if self.cycle.response_complete:
            self._wait_for_the_next()

    def on_response_complete(self) -> None:
        """Go on with what was pipelined, or wait for the next request."""
        self.server_state.total_requests += 1
        if self._deaf or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._wait_for_the_next()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        self._refuse(RefusedRequest(400, "unreadable", msg))

    def close(self) -> None:
        """End the connection once its peer has read what was written.

        Closing while something that was sent is unread makes the kernel reset the connection, and
        the answer that says why is lost with it. So what still comes is read and forgotten.
        """
        self._deaf = True
        if self.phase not in (HEAD, BODY) or self.transport.is_closing():
            self.transport.close()
        elif self._lingers_until is None:
            self._lingers_until = self.loop.time() + self.held.limits.linger
            self.flow.resume_reading()
            self.transport.write_eof()

    def drop(self) -> None:
        """End it at once: others need its place."""
        self._deaf = True
        self._disconnect()
        self.transport.abort()

    def look(self, now: float) -> None:
        """End it if its peer was waited for too long."""
        why = self._why_end(now)
        if why:
            count_closed(why)
            self.drop()
        elif self.phase in (HEAD, BODY) and not self._deaf:
            self._look_at_request(now)

    def _choose_way(self) -> None:
        """Start the application for a request whose head is complete."""
        if self.parser.should_upgrade():
            self._offered = True
            return
        self._make_scope()
        super().on_headers_complete()
        self.cycle.transport = self._way_out  # type: ignore[assignment]
        self.headers = _Trailers()  # type: ignore[assignment]

    def _make_scope(self) -> None:
        read = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = read
        self.scope["headers"] = self.headers

    def _should_upgrade(self) -> bool:
        return False

    def _feed_slices(self, data: bytes) -> None:
        """Feed a large part so that of an endless head no more than a slice too much is kept."""
        at = 0
        while at < len(data) and not self._deaf:
            end = len(data) if self.phase == BODY else min(at + _SLICE, len(data))
            self.parser.feed_data(data[at:end])
            if self.phase == HEAD:
                self._note_head(end - at)
            at = end

    def _wait_for_the_rest(self, size: int) -> None:
        """Note that a part of a request has come, and that the rest has not."""
        self.since = self.loop.time()
        self._began = self._began or self.since
        if self.phase == HEAD:
            if size <= _SLICE:
                self._note_head(size)
            return
        self._wire_bytes += size
        if self._is_answered():
            if self._wire_bytes > MAX_UNWANTED:
                self.close()
        elif self._wire_bytes - 8 * self._body_bytes > MAX_HEAD:
            self._refuse(
                RefusedRequest(400, "unreadable", "The body is hardly more than its framing")
            )

    def _note_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD or len(self.headers) > MAX_FIELDS:
            self._refuse(_head_too_large())

    def _check_head(self) -> None:
        """Check a complete head that has many fields or came in parts. Raises Refusal."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > MAX_HEAD or len(self.headers) > MAX_FIELDS:
            raise _head_too_large()

    def _decline(self, rest: bytes) -> None:
        """Read a request that offers to speak something else as if it had not offered.

        Java's HTTP client offers HTTP/2 with its first request. The parser takes what follows such
        a head for the other protocol, and is of no use any more.
        """
        self._offered = False
        method, fields = self.parser.get_method(), self.headers
        if method == b"CONNECT":
            self._refuse(RefusedRequest(405, "method", "Andon is no proxy"))
            return
        head = [b"%s %s HTTP/1.1\r\n" % (method, self.url)]
        head += [b"%s: %s\r\n" % field for field in fields if field[0] not in _OFFER]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(b"".join(head) + b"\r\n")
        self._feed_slices(rest)

    def _wait_for_the_next(self) -> None:
        self.since = self.loop.time()
        if self.phase == BUSY:
            self.phase = IDLE
        else:
            self._began = self.since  # the next is on its way, or the rest of what was answered

    def _why_end(self, now: float) -> str:
        """Return why a connection is to be ended on which no request is under way; else nothing."""
        if self._takes_nothing(now):
            return "unread"
        if self._lingers_until is not None:
            return "lingering" if now >= self._lingers_until else ""
        if self.phase == IDLE:
            return "idle" if now - self.since >= self.timeout_keep_alive else ""
        silent = self.phase == SILENT and now - self.since >= self.held.limits.head
        return "silent" if silent else ""

    def _look_at_request(self, now: float) -> None:
        if self.flow.read_paused or (self.phase == HEAD and self._is_answering()):
            self._began = self.since = now  # it waits for us, not we for it
        elif self.phase == HEAD:
            if now - self._began >= self.held.limits.head:
                self._refuse(_too_slow("head"))
        elif self._body_is_late(now):
            self._refuse(_too_slow("body"))

    def _body_is_late(self, now: float) -> bool:
        limits = self.held.limits
        granted = limits.body + self._body_bytes / limits.body_rate
        return now - self.since >= limits.body or now - self._began >= granted

    def _takes_nothing(self, now: float) -> bool:
        """Return whether the peer has left an answer unread for too long."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
        return unsent > 0 and now - self._unsent_since >= self.held.limits.unread

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _is_answered(self) -> bool:
        return self.cycle is not None and self.cycle.response_complete

    def _last_cycle(self) -> RequestResponseCycle:
        return self.pipeline[0][0] if self.pipeline else self.cycle

    def _refuse(self, refused: RefusedRequest) -> None:
        """Answer a request that is not complete, and never will be; end the connection."""
        if self._deaf:
            return
        count_closed(refused.code)
        if self.phase != BODY and self._is_answering():
            # The requests before it are answered first, and say that nothing follows.
            self._last_cycle().keep_alive = False
            self._deaf = True
            return
        if self.phase == BODY and self.cycle is not None and self.cycle.response_started:
            self.drop()  # one answer is enough
            return
        self._disconnect()
        self.transport.write(self._refusal(refused))
        self.phase = HEAD
        self.close()

    def _disconnect(self) -> None:
        """Tell the applications that are at work for this connection that it is gone."""
        for cycle in (self.cycle, *(queued for queued, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()

    def _refusal(self, refused: RefusedRequest) -> bytes:
        status, headers, body = answers.refusal(None, refused)
        headers.append((b"content-length", str(len(body)).encode()))
        headers.append((b"connection", b"close"))
        return head_of(status, self.server_state.default_headers + headers) + b"\r\n" + body


def head_of(status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    """Return the head of an answer, but for the empty line that ends it."""
    return STATUS_LINE[status] + b"".join([b"%s: %s\r\n" % pair for pair in headers])


def _not_http() -> RefusedRequest:
    return RefusedRequest(400, "unreadable", "This is not an HTTP request that can be read")


def _head_too_large() -> RefusedRequest:
    title = f"A request has at most {MAX_HEAD // 1024} KiB and {MAX_FIELDS} fields before its body"
    return RefusedRequest(431, "head_too_large", title)


def _too_slow(part: str) -> RefusedRequest:
    return RefusedRequest(
        408, "slow", f"The {part} of the request did not come in time; send it again"
    )
