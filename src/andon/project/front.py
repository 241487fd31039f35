"""What stands in front of Django: how large a request may be, and how many it is given at once.

Django keeps any body, on disk, before it asks who sends it; and it gives each request a thread and
a connection to the database, which cost descriptors and the interpreter that intake and engine need
too. The hooks bound their bodies themselves, by the kind of key (`web/hooks/body.py`).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from andon.web import problems

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

#: Bytes of any form, file or document that the portal and the API take.
MOST_BYTES = 1024 * 1024
#: Requests that Django works on, and those that wait for their turn.
AT_ONCE, MOST_WAITING = 16, 256
_TOO_LARGE = f"The request is larger than {MOST_BYTES} bytes, which is the most Andon takes here."
_TOO_MANY = "Andon has too much to do just now. Try again in a few seconds."


class Front:
    """An application that passes on whole requests of a bounded size, a bounded number at once."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._places = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = b"" if _declared(scope) > MOST_BYTES else await _read(receive)
        if body is None:
            return
        if _declared(scope) > MOST_BYTES or len(body) > MOST_BYTES:
            await refuse(413, "too_large", _TOO_LARGE, scope, send)
        elif self._waiting >= MOST_WAITING:
            await refuse(503, "busy", _TOO_MANY, scope, send)
        else:
            await self._pass_on(body, scope, receive, send)

    async def _pass_on(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a place, which a request takes only once it has come in whole."""
        told = False

        async def receive_whole() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            await self._app(scope, receive_whole, send)
        finally:
            self._places.release()


async def _read(receive: Receive) -> bytes | None:
    """Return the body, or the beginning of one that is too large; None when its sender left."""
    parts, size, more = [], 0, True
    while more and size <= MOST_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _accept(scope: Scope) -> str:
    found: dict[bytes, bytes] = dict(scope["headers"])
    return found.get(b"accept", b"").decode("latin-1")


async def refuse(status: int, code: str, words: str, scope: Scope, send: Send) -> None:
    """Answer that a request is not taken now, in the form its sender reads."""
    content_type, body = "text/plain; charset=utf-8", words.encode() + b"\n"
    if problems.is_for_machines(path=scope["path"], accept=_accept(scope)):
        said = problems.document(status, detail=words, code=code)
        content_type, body = problems.CONTENT_TYPE, json.dumps(said).encode()
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
