"""In front of Django: a bounded number of whole requests at a time."""

import asyncio
from typing import Any

from andon.project import descriptors
from andon.project.front import AT_ONCE, MOST_BYTES, MOST_WAITING, Front


class Slow:
    """An application that answers nobody until it may."""

    def __init__(self) -> None:
        self.go_on, self.full = asyncio.Event(), asyncio.Event()
        self.bodies: list[bytes] = []
        self.most = self.now = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        if self.now == AT_ONCE:
            self.full.set()
        self.bodies.append((await receive())["body"])
        await self.go_on.wait()
        self.now -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def ask(
    front: Front, *parts: bytes, path: str = "/", after: asyncio.Event | None = None
) -> int:
    """Send a request in parts, the last of them only after something; return the status."""
    left = list(parts or (b"",))
    sent: list[Any] = []

    async def receive() -> Any:
        if len(left) == 1 and after is not None:
            await after.wait()
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    await front({"path": path, "headers": []}, receive, send)
    return int(sent[0]["status"])


def test_django_works_on_so_many_at_once_and_so_many_wait() -> None:
    async def run() -> None:
        app = Slow()
        front = Front(app)
        asked = [asyncio.create_task(ask(front)) for _ in range(AT_ONCE + MOST_WAITING)]
        await app.full.wait()
        assert [await ask(front), await ask(front, path="/api/v1/incidents")] == [503, 503]
        app.go_on.set()
        assert await asyncio.gather(*asked) == [200] * (AT_ONCE + MOST_WAITING)
        assert app.most == AT_ONCE
        assert await ask(front) == 200

    asyncio.run(run())


def test_a_request_that_comes_slowly_takes_nobodys_place() -> None:
    async def run() -> None:
        app, rest = Slow(), asyncio.Event()
        app.go_on.set()
        front = Front(app)
        slow = [
            asyncio.create_task(ask(front, b"a", b"b", after=rest))
            for _ in range(AT_ONCE + MOST_WAITING)
        ]
        assert await ask(front, b"whole") == 200
        assert app.bodies == [b"whole"]
        rest.set()
        assert set(await asyncio.gather(*slow)) == {200}
        assert set(app.bodies) == {b"whole", b"ab"}

    asyncio.run(run())


def test_no_more_is_read_than_makes_it_too_large() -> None:
    async def run() -> None:
        app = Slow()
        app.go_on.set()
        never = asyncio.Event()
        half = b"a" * (MOST_BYTES // 2 + 1)
        assert await ask(Front(app), half, half, b"", after=never) == 413
        assert app.bodies == []

    asyncio.run(run())


def test_connections_never_get_all_descriptors() -> None:
    """What is accepted in one go, before anybody counts, still fits into what is kept back."""
    for limit in (64, 256, 1024, 4096, 20_000, 65_536):
        most, backlog = descriptors.connections(limit)
        kept = limit - most
        assert most > 0
        assert kept >= min(256, limit // 2)
        assert backlog <= kept
    assert descriptors.connections(1024) == (768, 128)
    assert descriptors.connections(65_536) == (8192, 2048)
