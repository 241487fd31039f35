"""One ASGI application: the hot path beside Django, and the probes in front of both."""

import warnings
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

from andon.project import probes
from andon.project.calculator import Calculator
from andon.project.front import Front
from andon.web.hooks.app import Intake

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def build(*, intake: Intake, ready: Callable[[], str], pages: bool = False) -> App:
    """Return the application. `ready` says why this process is not ready yet; empty when it is.

    In a process that `pages`, what takes an interpreter for long is calculated apart.
    """
    # WhiteNoise reads files the old way; they are a few small ones, so a thread more does no harm.
    warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")
    desk = get_asgi_application()
    django = Front(Calculator(desk) if pages else desk)
    hooks, is_hook = intake.app, intake.handles
    answer_probe = probes.build(ready=ready)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if is_hook(path):
            await hooks(scope, receive, send)
        elif path in probes.PATHS:
            await answer_probe(scope, receive, send)
        else:
            await django(scope, receive, send)

    return application
