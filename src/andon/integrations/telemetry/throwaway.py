"""A VictoriaMetrics of one's own, on loopback: there for a few seconds, then without a trace."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import urlencode

HOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_ANSWER_SECONDS = 60.0
#: Another program may take a free port before VictoriaMetrics does.
_TRIES = 3
_FLAGS = (
    "-retentionPeriod=100y",
    "-search.disableCache",
    "-search.latencyOffset=0s",
    "-search.maxPointsPerTimeseries=1000000",
    "-memory.allowedPercent=20",
    "-loggerLevel=ERROR",
)


class UnableToReplay(Exception):
    """VictoriaMetrics or vmalert did not do what a replay needs."""

    @property
    def message(self) -> str:
        """Return what went wrong, and what the program said."""
        return str(self)


class ThrowawayStore:
    """A running VictoriaMetrics."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://{HOST}:{port}"

    def write(self, lines: Iterable[str]) -> None:
        """Write samples in Prometheus's text form, each with its time in milliseconds."""
        self._ask("POST", "/api/v1/import/prometheus", "\n".join(lines).encode())
        self.flush()

    def flush(self) -> None:
        """Make all that was written visible to the next query."""
        self._ask("GET", "/internal/force_flush")

    def read(self, selector: str, *, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Return raw series: `metric`, `values` and `timestamps` in milliseconds."""
        span = {"start": since.timestamp(), "end": until.timestamp()}
        query = urlencode({"match[]": selector, **span})
        answer = self._ask("GET", f"/api/v1/export?{query}")
        return [json.loads(line) for line in answer.splitlines()]

    def is_ready(self) -> bool:
        """Return whether it answers."""
        try:
            self._ask("GET", "/health")
        except UnableToReplay:
            return False
        return True

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        # Loopback, straight: no proxy of the environment's has a say in it.
        connection = HTTPConnection(HOST, self.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, HTTPException) as error:
            raise UnableToReplay(f"VictoriaMetrics does not answer: {error}") from error
        finally:
            connection.close()
        if answer.status >= 300:
            words = said.decode(errors="replace")[:500]
            raise UnableToReplay(f"VictoriaMetrics answers {answer.status}: {words}")
        return said


@contextmanager
def throw_away(program: str) -> Iterator[ThrowawayStore]:
    """Run an empty VictoriaMetrics until the block ends, however it ends.

    Raises UnableToReplay when it does not start.
    """
    with _orderly_end(), tempfile.TemporaryDirectory(prefix="andon-replay-") as name:
        for number in range(_TRIES):
            folder = Path(name, str(number))
            folder.mkdir()
            process, store = _start(program, folder)
            try:
                if _is_up(process, store):
                    yield store
                    return
                log = (folder / "log").read_text(encoding="utf-8", errors="replace")
            finally:
                _stop(process)
            shutil.rmtree(folder, ignore_errors=True)
        raise UnableToReplay(f"{program} does not start:\n{log[-2000:]}")


def _start(program: str, folder: Path) -> tuple[subprocess.Popen[bytes], ThrowawayStore]:
    port = _free_port()
    command = [
        program,
        f"-storageDataPath={folder / 'data'}",
        f"-httpListenAddr={HOST}:{port}",
        *_FLAGS,
    ]
    with (folder / "log").open("wb") as log:
        # A session of its own: Ctrl-C is for this process, which then ends the other.
        process = subprocess.Popen(  # noqa: S603 - a program found on PATH, our own arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process, ThrowawayStore(port)


def _is_up(process: subprocess.Popen[bytes], store: ThrowawayStore) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if store.is_ready():
            return True
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        return False
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Let SIGTERM unwind the stack, as Ctrl-C does, so that nothing is left running."""
    if threading.current_thread() is not threading.main_thread() or os.name == "nt":
        yield
        return

    def leave(number: int, _: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
