"""Reading a request's body without letting it grow past its limit, compressed or not."""

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from andon.web.hooks.answers import Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

#: Members of one gzip body. Senders write one; `cat a.gz b.gz` is still understood.
MAX_MEMBERS = 16
SLICE = 64 * 1024


class Gone(Exception):
    """The sender went away before its request was complete."""


async def read(receive: Receive, length: int | None, encoding: bytes, limit: int) -> bytes:
    """Return the whole body, decompressed. Raises Refusal 413 once it is known to be too large."""
    if length is not None and length > limit:
        raise _too_large(limit)
    message = await receive()
    if message["type"] != "http.request":
        raise Gone
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        body = await _rest(receive, body, limit)
    if len(body) > limit:
        raise _too_large(limit)
    if encoding and encoding != b"identity":
        return _decompress(body, encoding, limit)
    return body


async def _rest(receive: Receive, first: bytes, limit: int) -> bytes:
    chunks, size, more = [first], len(first), True
    while more:
        if size > limit:
            raise _too_large(limit)
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _decompress(body: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding.strip().lower() not in (b"gzip", b"x-gzip"):
        raise Refusal(
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
                raise _too_large(limit)
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


def _not_gzip(why: str) -> Refusal:
    return Refusal(400, "unreadable", "The body is not valid gzip", errors=[("body", why)])


def _too_large(limit: int) -> Refusal:
    return Refusal(
        413,
        "too_large",
        f"The body is larger than {limit} bytes",
        errors=[("body", f"Event object exceeds {limit // 1024} KB")],
        headers=[(b"connection", b"close")],
    )
