"""Intake as it runs: its application, its writing thread, a real database; no server in front."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from andon.alerts import actions, queries
from andon.core import clock
from andon.web.hooks.app import Intake
from andon.web.hooks.receivers import parse
from tests.support.alerts import NOW


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Sender:
    """Posts to an intake in process; several posts at once share one event loop."""

    intake: Intake
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, kind: str = "alertmanager", **more: Any) -> str:
        secret = actions.create_key(name=kind, kind=kind, by="ann", now=NOW, **more)
        return secret.plain

    def replay(self) -> Any:
        """Read all that was ever stored once more; the clock is the one intake read."""
        ever = datetime.min.replace(tzinfo=UTC)
        return actions.replay(parse=parse, keys=queries.all_keys(), since=ever, now=clock.now())

    def post(self, path: str, body: bytes = b"{}", **more: Any) -> Answer:
        return self.all([self.request(path, body, **more)])[0]

    def all(self, requests: list[Callable[[], Awaitable[Answer]]]) -> list[Answer]:
        async def run() -> list[Answer]:
            return list(await asyncio.gather(*[request() for request in requests]))

        return asyncio.run(run())

    def request(
        self,
        path: str,
        body: bytes = b"{}",
        *,
        method: str = "POST",
        headers: dict[str, str] | None = None,
        bearer: str = "",
        chunks: int = 1,
        packed: bool = False,
    ) -> Callable[[], Awaitable[Answer]]:
        body = gzip.compress(body) if packed else body
        named = dict(headers or {})
        if bearer:
            named["authorization"] = f"Bearer {bearer}"
        if packed:
            named["content-encoding"] = "gzip"
        step = max(1, -(-len(body) // chunks))
        parts = [body[at : at + step] for at in range(0, len(body), step)] or [b""]

        async def go() -> Answer:
            messages = [
                {"type": "http.request", "body": part, "more_body": at < len(parts) - 1}
                for at, part in enumerate(parts)
            ]
            sent: list[Any] = []

            async def receive() -> Any:
                return messages.pop(0) if messages else {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                sent.append(message)

            raw = [(name.encode(), value.encode()) for name, value in named.items()]
            scope = {"type": "http", "path": path, "method": method, "headers": raw}
            await self.intake.app(scope, receive, send)
            start, end = sent
            pairs = {name.decode(): value.decode() for name, value in start["headers"]}
            return Answer(start["status"], pairs, end["body"])

        return go


@pytest.fixture
def stored() -> list[int]:
    """One entry for each time the engine would have been woken."""
    return []


@pytest.fixture
def sender(transactional_db, stored):
    intake = Intake(lambda: stored.append(1))
    intake.start()
    yield Sender(intake)
    intake.stop()
    connection.close()
