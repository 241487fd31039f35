"""Answers what takes seconds of an interpreter in a process of its own, so that pages never wait.

Portfolio, planner, review and simulation are arithmetic over everything that is declared. In the
process that pages they would take turns with the engine for one interpreter. So whole requests for
them go to a child with Django of its own, at low priority: one at a time, for a bounded time and
with a bounded answer. It starts with the first such request, remembers the portfolio as any other
process does, and ends with its parent.
"""

import asyncio
import os
import re
import struct
import sys
import threading
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from andon.project.front import App, Receive, Scope, Send, refuse

log = structlog.get_logger(__name__)

#: The addresses whose answers are calculated from the whole portfolio.
HEAVY = re.compile(
    r"/(portfolio|planner|planning|reviews)/|/services/[^/]+/cover/$|/api/v1/planning/"
)
#: Requests that may wait for the one that is calculated, and how long that may take.
MOST_WAITING, SECONDS = 16, 60.0
MOST_ANSWERED = 64 * 1024 * 1024
COMMAND = (sys.executable, "-P", "-m", "andon.project.calculator")
_TOO_MANY = "Andon calculates for others just now. Try again in a few seconds."
_TOO_LONG = "This could not be calculated in time. Ask for less, or try again."
_HEAD = struct.Struct("!I")
_SCOPE = ("method", "scheme", "path", "raw_path", "query_string", "root_path", "http_version")


class HeavyRequest(msgspec.Struct, array_like=True):
    """A request."""

    scope: dict[str, Any]
    headers: list[tuple[bytes, bytes]]
    client: tuple[str, int] | None
    server: tuple[str, int | None] | None
    body: bytes


class HeavyAnswer(msgspec.Struct, array_like=True):
    """What came of it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Calculator:
    """An application that has heavy requests answered by a child, and passes on all others."""

    def __init__(
        self, app: App, *, command: Sequence[str] = COMMAND, seconds: float = SECONDS
    ) -> None:
        self._app = app
        self._command = command
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._child: asyncio.subprocess.Process | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, which has come in whole (`andon.project.front`)."""
        if not HEAVY.match(scope["path"]):
            await self._app(scope, receive, send)
        elif self._waiting >= MOST_WAITING:
            await refuse(503, "busy", _TOO_MANY, scope, send)
        else:
            await self._answer(scope, (await receive()).get("body", b""), send)

    async def _answer(self, scope: Scope, body: bytes, send: Send) -> None:
        asked = HeavyRequest(
            {name: scope[name] for name in _SCOPE if name in scope},
            [(bytes(name), bytes(value)) for name, value in scope["headers"]],
            scope.get("client"),
            scope.get("server"),
            body,
        )
        self._waiting += 1
        try:
            async with self._turn:
                answered = await asyncio.wait_for(self._ask(asked), self._seconds)
        except asyncio.CancelledError:
            await self.stop()
            raise
        except (TimeoutError, OSError, EOFError, msgspec.DecodeError) as error:
            log.warning("not_calculated", path=scope["path"], error=repr(error))
            await self.stop()
            await refuse(503, "not_calculated", _TOO_LONG, scope, send)
            return
        finally:
            self._waiting -= 1
        start = {"type": "http.response.start", "status": answered.status}
        await send({**start, "headers": answered.headers})
        await send({"type": "http.response.body", "body": answered.body})

    async def _ask(self, asked: HeavyRequest) -> HeavyAnswer:
        child = self._child
        if child is None or child.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            child = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe)
            self._child = child
        assert child.stdin is not None  # noqa: S101 - a pipe was asked for
        assert child.stdout is not None  # noqa: S101
        child.stdin.write(_framed(asked))
        await child.stdin.drain()
        (size,) = _HEAD.unpack(await child.stdout.readexactly(_HEAD.size))
        if size > MOST_ANSWERED:
            raise EOFError(f"an answer of {size} bytes")
        return msgspec.msgpack.decode(await child.stdout.readexactly(size), type=HeavyAnswer)

    async def stop(self) -> None:
        """End the child; the next heavy request starts another."""
        child, self._child = self._child, None
        if child is not None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.communicate()


def answer(app: App) -> None:
    """Answer requests from standard input on standard output, until it closes."""
    out = os.dup(1)
    os.dup2(2, 1)  # whatever prints, prints into the log
    asyncio.run(_answer_all(app, out))


async def _answer_all(app: App, out: int) -> None:
    loop, asked = asyncio.get_running_loop(), asyncio.Queue[HeavyRequest]()
    threading.Thread(target=_listen, args=(loop, asked), daemon=True).start()
    with os.fdopen(out, "wb") as stream:
        while True:
            stream.write(_framed(await _answered(app, await asked.get())))
            stream.flush()


def _listen(loop: asyncio.AbstractEventLoop, asked: "asyncio.Queue[HeavyRequest]") -> None:
    """Take requests in; end this process, whatever it calculates, when its parent is gone."""
    while head := sys.stdin.buffer.read(_HEAD.size):
        body = sys.stdin.buffer.read(_HEAD.unpack(head)[0])
        one = msgspec.msgpack.decode(body, type=HeavyRequest)
        loop.call_soon_threadsafe(asked.put_nowait, one)
    os._exit(0)


async def _answered(app: App, one: HeavyRequest) -> HeavyAnswer:
    waiting = asyncio.Event()
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": one.body, "more_body": False}
    ]
    found = HeavyAnswer(500, [], b"")
    parts: list[bytes] = []

    async def receive() -> MutableMapping[str, Any]:
        if not messages:
            await waiting.wait()
        return messages.pop()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            found.status = message["status"]
            found.headers = [(bytes(name), bytes(value)) for name, value in message["headers"]]
        else:
            parts.append(message.get("body", b""))

    known = {"type": "http", "asgi": {"version": "3.0"}, **one.scope}
    scope = {**known, "headers": one.headers, "client": one.client, "server": one.server}
    await app(scope, receive, send)
    found.body = b"".join(parts)
    return found


def _framed(what: HeavyRequest | HeavyAnswer) -> bytes:
    body = msgspec.msgpack.encode(what)
    return _HEAD.pack(len(body)) + body


def main() -> None:
    """Set Django up as a server does, and answer."""
    from andon.project import apart  # noqa: PLC0415 - Django is set up first

    apart.prepare(niceness=apart.NICENESS)
    from django.conf import settings  # noqa: PLC0415
    from django.core.asgi import get_asgi_application  # noqa: PLC0415

    from andon.core import sample  # noqa: PLC0415

    settings.ANDON_SAMPLE = bool(sample.kind())
    answer(get_asgi_application())


if __name__ == "__main__":
    main()
