"""What takes an interpreter for long is answered by another process, one at a time and bounded."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from andon.project.calculator import HEAVY, MOST_WAITING, Calculator, HeavyRequest, _framed
from andon.web.api.planning import router
from andon.web.portal.urls import urlpatterns
from tests.support import turns
from tests.support.calculating import ENDLESS

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "tests.support.calculating")
#: Modules whose views read the whole portfolio.
PLANNING = ("andon.web.portal.views.planning", "andon.web.portal.views.forecast")


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


async def inner(scope: Any, _: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


async def ask(app: Any, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """Ask as the front does; return status and body."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"a=b", "headers": [(b"cookie", b"c=d")], "client": ("192.0.2.7", 4711),
        "server": ("127.0.0.1", 80), "scheme": "http", "http_version": "1.1", "root_path": "",
        "extensions": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])


def test_a_child_answers_whole_requests_and_is_kept() -> None:
    async def run() -> None:
        app = Calculator(inner, command=COMMAND)
        assert await ask(app, "/services/") == (200, b"/services/")
        answers = [json.loads((await ask(app, "/planner/", b"x"))[1]) for _ in range(2)]
        first, second = answers
        assert first["pid"] == second["pid"] != os.getpid()
        del first["pid"]
        assert first == {
            "path": "/planner/", "query": "a=b", "client": ["192.0.2.7", 4711], "cookie": "c=d",
            "body": "x",
        }  # fmt: skip
        os.kill(second["pid"], signal.SIGKILL)
        turns.wait_gone([second["pid"]])
        statuses = [(await ask(app, "/reviews/"))[0] for _ in range(2)]
        assert statuses[-1] == 203
        await app.stop()

    asyncio.run(run())


def test_what_takes_too_long_is_ended_and_so_many_wait_for_it() -> None:
    async def run() -> None:
        app = Calculator(inner, command=COMMAND, seconds=3)
        pid = json.loads((await ask(app, "/portfolio/"))[1])["pid"]
        waiting = [asyncio.create_task(ask(app, "/portfolio/", ENDLESS))]
        waiting += [asyncio.create_task(ask(app, "/portfolio/")) for _ in range(MOST_WAITING - 1)]
        await asyncio.sleep(0)
        status, said = await ask(app, "/api/v1/planning/portfolio")
        assert (status, json.loads(said)["code"]) == (503, "busy")
        assert await ask(app, "/services/") == (200, b"/services/")
        statuses = [status for status, _ in await asyncio.gather(*waiting)]
        assert statuses == [503, *[203] * (MOST_WAITING - 1)]
        turns.wait_gone([pid])
        await app.stop()

    asyncio.run(run())


def test_it_ends_with_its_parent_whatever_it_calculates() -> None:
    pipe, scope = subprocess.PIPE, {"path": "/planner/", "query_string": b""}
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, cwd=ROOT) as child:
        assert child.stdin is not None
        child.stdin.write(_framed(HeavyRequest(scope, [], ("192.0.2.7", 1), None, ENDLESS)))
        child.stdin.close()
        assert child.wait(30) == 0


def test_every_page_and_resource_of_planning_is_calculated_apart() -> None:
    pages = [plain(str(one.pattern)) for one in urlpatterns if one.callback.__module__ in PLANNING]
    resources = [f"api/v1{path}" for path in router.path_operations]
    assert (len(pages), len(resources)) >= (6, 6)
    assert [path for path in (*pages, *resources) if not HEAVY.match(f"/{path}")] == []


def plain(path: str) -> str:
    return re.sub(r"<[^>]*>", "x", path)
