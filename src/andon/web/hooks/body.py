"""Reading a request's body without letting it grow past its limit, compressed or not."""

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from andon.web.hooks.answers import RefusedRequest

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

#: Members of one gzip body. Senders write one; `cat a.gz b.gz` is still understood.
MAX_MEMBERS = 16
SLICE = 64 * 1024
#: So much of a body that is too large is looked through for its key, a piece at a time.
SEARCHED = 8 * 1024 * 1024
#: More than what is looked for is long, so that it may lie across two pieces.
_OVERLAP = 256


class Gone(Exception):
    """The sender went away before its request was complete."""


class TooLarge(RefusedRequest):
    """A body is larger than its limit; says what was read of it."""

    def __init__(self, limit: int, beginning: bytes = b"", *, more: bool = False) -> None:
        super().__init__(
            413,
            "too_large",
            f"The body is larger than {limit} bytes",
            errors=[("body", f"Event object exceeds {limit // 1024} KB")],
            headers=[(b"connection", b"close")],
        )
        self.limit = limit
        self.beginning = beginning
        #: Whether there is more to receive.
        self.more = more
        #: What was received, if it came packed.
        self.packed = b""


class Turns:
    """Lets only some large bodies be in memory at a time; those of others wait unread."""

    def __init__(self, amount: int) -> None:
        self._amount = amount
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns = asyncio.Semaphore(amount)

    def of(self, size: int | None, free: int) -> AbstractAsyncContextManager[None]:
        """Return the turn of a body; one known to be no larger than `free` needs none."""
        if size is not None and size <= free:
            return nullcontext()
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._turns = loop, asyncio.Semaphore(self._amount)
        return self._turns


async def read(receive: Receive, length: int | None, encoding: bytes, limit: int) -> bytes:
    """Return the whole body, decompressed. Raises TooLarge once it is known to be."""
    if length is not None and length > limit:
        raise TooLarge(limit, more=True)
    is_packed = bool(encoding) and encoding != b"identity"
    try:
        body = await _received(receive, limit)
    except TooLarge as error:
        error.packed = error.beginning if is_packed else b""
        raise
    if not is_packed:
        return body
    try:
        if len(body) > SLICE:
            return await asyncio.to_thread(_decompress, body, encoding, limit)
        return _decompress(body, encoding, limit)
    except TooLarge as error:
        error.packed = body
        raise


async def find_beyond(
    receive: Receive, error: TooLarge, pattern: re.Pattern[bytes]
) -> re.Match[bytes] | None:
    """Return where a pattern is in a body that is too large, reading on but keeping little."""
    if error.packed:
        plain = await asyncio.to_thread(_beginning, error.packed)
        return pattern.search(plain)
    found, tail, size = pattern.search(error.beginning), error.beginning, len(error.beginning)
    more = error.more
    while found is None and more and size < SEARCHED:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        piece = message.get("body", b"")
        more, size = message.get("more_body", False), size + len(piece)
        tail = tail[-_OVERLAP:] + piece
        found = pattern.search(tail)
    return found


async def _received(receive: Receive, limit: int) -> bytes:
    chunks, size, more = list[bytes](), 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        more = message.get("more_body", False)
        if size > limit:
            raise TooLarge(limit, b"".join(chunks), more=more)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _beginning(packed: bytes) -> bytes:
    """Return what can be unpacked of a gzip file, as far as it is looked through."""
    try:
        return zlib.decompressobj(wbits=31).decompress(packed, SEARCHED)
    except zlib.error:
        return b""


def _decompress(body: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding.strip().lower() not in (b"gzip", b"x-gzip"):
        raise RefusedRequest(
            415,
            "unsupported_encoding",
            "Only gzip is understood",
            headers=[(b"accept-encoding", b"gzip")],
        )
    return _gunzip(body, limit)


def _gunzip(body: bytes, limit: int) -> bytes:
    """Return what is packed in one gzip file of a few members.

    A new member costs the same whether anything is in it, so their number is bounded; and the body
    is fed in slices, because zlib copies all that follows a member.
    """
    found, size, at = [], 0, 0
    for _ in range(MAX_MEMBERS):
        inflate = zlib.decompressobj(wbits=31)
        while not inflate.eof:
            if at >= len(body):
                raise _not_gzip("the gzip stream is cut short")
            part, at = _inflate(inflate, body, at, limit + 1 - size)
            found.append(part)
            size += len(part)
            if size > limit:
                raise TooLarge(limit, b"".join(found))
        if at >= len(body):
            return b"".join(found)
    raise _not_gzip(f"more than {MAX_MEMBERS} gzip members")


def _inflate(inflate: Any, body: bytes, at: int, room: int) -> tuple[bytes, int]:
    """Unpack a slice into at most `room` bytes, so that a bomb is never inflated."""
    piece = body[at : at + SLICE]
    try:
        part: bytes = inflate.decompress(piece, room)
    except zlib.error as error:
        raise _not_gzip("not valid gzip") from error
    return part, at + len(piece) - len(inflate.unused_data)


def _not_gzip(why: str) -> RefusedRequest:
    return RefusedRequest(400, "unreadable", "The body is not valid gzip", errors=[("body", why)])
