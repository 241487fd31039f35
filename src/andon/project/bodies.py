"""Bounds what may be sent to Django: it would keep any body, on disk, before it asks who sends it.

The hooks bound their bodies themselves, by the kind of key (`web/hooks/body.py`); probes read none.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

#: Bytes of any form, file or document that the portal and the API take.
MOST = 1024 * 1024
_WORDS = f"The request is larger than {MOST} bytes, which is the most Andon takes here."


def bounded(app: App) -> App:
    """Return the application, answering 413 as soon as a body is known to be too large."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0

        async def receive_bounded() -> Message:
            """Pass on what comes; of what is too much, say that the sender has gone."""
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return message if taken <= MOST else {"type": "http.disconnect"}

        if (declared := _declared(scope)) <= MOST:
            await app(scope, receive_bounded, send)
        if max(declared, taken) > MOST:
            await _refuse(scope["path"], send)

    return application


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _refuse(path: str, send: Send) -> None:
    content_type, body = "text/plain; charset=utf-8", _WORDS.encode() + b"\n"
    if path.startswith("/api/"):
        content_type, body = "application/problem+json", json.dumps(_problem()).encode()
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _problem() -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": "Content Too Large",
        "status": 413,
        "detail": _WORDS,
        "code": "too_large",
    }
