"""Reading a request's body without letting it grow past its limit, compressed or not."""

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from andon.web.hooks.answers import Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


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
    found, size = [], 0
    while body:
        inflate = zlib.decompressobj(wbits=31)
        try:
            # Stops one byte past the limit: a bomb is never inflated.
            part = inflate.decompress(body, limit + 1 - size)
        except zlib.error as error:
            wrong = [("body", "not valid gzip")]
            raise Refusal(400, "unreadable", "The body is not valid gzip", errors=wrong) from error
        found.append(part)
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        if not inflate.eof:
            wrong = [("body", "the gzip stream is cut short")]
            raise Refusal(400, "unreadable", "The body is not valid gzip", errors=wrong)
        body = inflate.unused_data
    return b"".join(found)


def _too_large(limit: int) -> Refusal:
    return Refusal(
        413,
        "too_large",
        f"The body is larger than {limit} bytes",
        errors=[("body", f"Event object exceeds {limit // 1024} KB")],
        headers=[(b"connection", b"close")],
    )
