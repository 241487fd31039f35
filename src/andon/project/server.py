"""Runs the edges of one process: the web (hooks, API, portal), the engine, or both.

Nothing here decides anything. Start: database, socket, engine, intake; stop in the opposite order,
so that what was answered 202 is on disk and what was claimed is finished or left to its lease.
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol, TypeVar

import structlog
import uvicorn
from django.conf import settings

from andon.core import clock, sample
from andon.engine.run import Engine
from andon.engine.watch import HealthWatch
from andon.integrations import registry
from andon.project import asgi, descriptors, nodes
from andon.project.environment import Environment
from andon.web.hooks import protocol
from andon.web.hooks.app import Intake
from andon.web.hooks.connections import Limits

log = structlog.get_logger(__name__)


class Part(Protocol):
    """Something with threads of its own that runs until it is stopped."""

    def start(self) -> None:
        """Start its threads."""

    def stop(self) -> None:
        """Finish what is under way and return."""


P = TypeVar("P", bound=Part)

#: A connection that rests between two requests: longer than a scrape's interval or a proxy's rest.
KEEP_ALIVE_SECONDS = 75


class PortInUse(SystemExit):
    """The address cannot be listened on; says which variable to change."""


class _Server(uvicorn.Server):
    """Uvicorn, stopped by us: its own handlers would end the process before our clean-up."""

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        self._on_started()

    def _stop(self) -> None:
        self.should_exit = True


def serve(
    env: Environment, *, web: bool, engine: bool, on_ready: Callable[[], None] | None = None
) -> None:
    """Run until SIGTERM or SIGINT. `on_ready` is called once all that was asked for is up.

    Raises SecondNodeRefused, and PortInUse.
    """
    tell = on_ready or (lambda: None)
    settings.ANDON_SAMPLE = bool(sample.kind())
    most, backlog = descriptors.connections(descriptors.raise_limit())
    roles = tuple(role for role, wanted in (("web", web), ("engine", engine)) if wanted)
    with ExitStack() as stack:
        node = stack.enter_context(nodes.running(roles=roles, now=clock.now()))
        listener = stack.enter_context(_listening(env)) if web else None
        worker = stack.enter_context(_started(Engine(node=node))) if engine else None
        if worker is None:
            # The engine's own process watches itself; from here its silence is noticed.
            stack.enter_context(_started(HealthWatch(transports=registry.transports())))
        if listener is None:
            _wait_for_signal(tell)
        else:
            limits = Limits(most=most)
            _serve_web(listener, worker, limits=limits, backlog=backlog, on_ready=tell)
        log.info("stopping", node=node)


def _serve_web(
    listener: socket.socket,
    worker: Engine | None,
    *,
    limits: Limits,
    backlog: int,
    on_ready: Callable[[], None],
) -> None:
    intake = Intake(on_stored=worker.wake if worker else None)
    up = threading.Event()

    def started() -> None:
        up.set()
        on_ready()

    def why_not_ready() -> str:
        return "" if up.is_set() and intake.ready else "starting"

    config = uvicorn.Config(
        asgi.build(intake=intake, ready=why_not_ready, pages=worker is not None),
        loop="uvloop",
        http=protocol.bind(intake, limits),
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        interface="asgi3",
        backlog=backlog,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
    )
    with _started(intake):
        _Server(config, on_started=started).run(sockets=[listener])


@contextmanager
def _started(part: P) -> Iterator[P]:
    part.start()
    try:
        yield part
    finally:
        part.stop()


@contextmanager
def _listening(env: Environment) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in env.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((env.host, env.port))
        except OSError as error:
            raise PortInUse(
                f"Andon cannot listen on {env.host}:{env.port} ({error.strerror}). "
                "Stop what listens there, or choose another port: ANDON_PORT=8001"
            ) from error
        yield listener
    finally:
        listener.close()


def _wait_for_signal(on_ready: Callable[[], None]) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    on_ready()
    stop.wait()
