"""A child of `project.calculator` without Django: says what it was asked, or never answers."""

import json
import os
from typing import Any

from andon.project import calculator

ENDLESS = b"endless"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what came in, or hold this interpreter for good."""
    body = (await receive())["body"]
    while body == ENDLESS:
        sum(range(1_000_000))
    print("printed by a view")
    said = {
        "pid": os.getpid(),
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "client": list(scope["client"]),
        "cookie": dict(scope["headers"]).get(b"cookie", b"").decode(),
        "body": body.decode(),
    }
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 203, "headers": headers})
    half = json.dumps(said).encode()
    await send({"type": "http.response.body", "body": half[:9], "more_body": True})
    await send({"type": "http.response.body", "body": half[9:]})


if __name__ == "__main__":
    calculator.answer(echo)
