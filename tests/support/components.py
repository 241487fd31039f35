"""Real programs, run for a test: found or skipped by name, started on a free port, stopped, logged.

    with components.alertmanager(folder, config=...) as alertmanager:
        httpx2.get(alertmanager.url + "/api/v2/status")

A program that is missing is a skip that names it; with `CI=true` it is an error.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import signals

HOST = "127.0.0.1"
#: Asks loopback directly, whatever proxy the environment names.
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ComponentFailed(AssertionError):
    """A component did not start or did not stop; carries the end of its log."""


def find(program: str) -> Path | None:
    """Return where a program is, or None. Debian keeps PostgreSQL's own off PATH."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]
    places += sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    found = shutil.which(program, path=os.pathsep.join(places))
    return Path(found) if found else None


def require(program: str) -> Path:
    """Return where a program is. Without it the test is skipped by name; in CI it fails."""
    found = find(program)
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"{program} is not installed; in CI that is an error", pytrace=False)
    pytest.skip(f"{program} is not installed (scripts/components.py says which package has it)")


def free_port() -> int:
    """Return a port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Component:
    """A running program."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    port: int

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://{HOST}:{self.port}"

    def output(self) -> str:
        """Return everything it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def is_running(self) -> bool:
        """Return whether it has not ended."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL to it and its children."""
        self._signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self, *, within: float = 10.0) -> None:
        """Ask it to end; if it will not, kill it and say so."""
        if not self.is_running():
            return
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ComponentFailed(f"{self.name} did not stop\n{self.tail()}") from None

    def tail(self, lines: int = 30) -> str:
        """Return the end of its log."""
        return "\n".join(self.output().splitlines()[-lines:])

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def answers(url: str) -> Callable[[], bool]:
    """Return a check that an address answers 2xx."""

    def check() -> bool:
        try:
            with _LOCAL.open(url, timeout=2) as response:
                return 200 <= response.status < 300
        except (OSError, urllib.error.URLError):
            return False

    return check


def wait_until(ready: Callable[[], object], *, within: float = 20.0, what: str = "it") -> None:
    """Poll until something holds. Raises ComponentFailed when it does not in time."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not ready():
        if time.monotonic() > deadline:
            raise ComponentFailed(f"waited {within:.0f} s in vain for {what}")
        pause.wait(0.05)


@contextlib.contextmanager
def running(
    command: Sequence[object],
    *,
    port: int,
    ready: Callable[[], bool] | None = None,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    within: float = 20.0,
) -> Iterator[Component]:
    """Run a program until the block ends. `ready` says when it is up; its output goes to a log.

    The program gets a process group of its own, so that stopping it stops its children.
    """
    name = Path(str(command[0])).name
    where = folder or Path(tempfile.mkdtemp(prefix=f"andon-{name}-"))
    log = where / f"{name}-{port}.log"
    with log.open("ab") as output, signals.heard():
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=where,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    component = Component(name=name, process=process, log=log, port=port)
    try:
        if ready is not None:
            _await_start(component, ready, within)
        yield component
    finally:
        component.stop()
        if folder is None:
            shutil.rmtree(where, ignore_errors=True)


def _await_start(component: Component, ready: Callable[[], bool], within: float) -> None:
    def settled() -> bool:
        return not component.is_running() or ready()

    try:
        wait_until(settled, within=within, what=f"{component.name} to be ready")
    except ComponentFailed as error:
        raise ComponentFailed(f"{error}\n{component.tail()}") from None
    if not component.is_running():
        status = component.process.returncode
        raise ComponentFailed(f"{component.name} ended with {status}\n{component.tail()}")


@contextlib.contextmanager
def alertmanager(
    folder: Path,
    *,
    config: str,
    peers: Sequence[int] = (),
    cluster_port: int | None = None,
    beside: Mapping[str, str] | None = None,
) -> Iterator[Component]:
    """Run an Alertmanager with a configuration and the files that stand beside it.

    `peers` are the cluster ports of the others.
    """
    program = require("prometheus-alertmanager")
    port = free_port()
    home = folder / f"alertmanager-{port}"
    home.mkdir(parents=True)
    for name, text in {**(beside or {}), "alertmanager.yml": config}.items():
        (home / name).write_text(text, encoding="utf-8")
    listen = f"{HOST}:{cluster_port}" if cluster_port else ""
    command = [
        program,
        "--config.file=alertmanager.yml",
        f"--storage.path={home / 'data'}",
        f"--web.listen-address={HOST}:{port}",
        f"--cluster.listen-address={listen}",
        # Debian's default interval spreads a gossip in seconds; loopback can do better.
        *(("--cluster.settle-timeout=1s", "--cluster.gossip-interval=50ms") if listen else ()),
        *(f"--cluster.peer={HOST}:{peer}" for peer in peers),
    ]
    ready = answers(f"http://{HOST}:{port}/-/ready")
    with running(command, port=port, ready=ready, folder=home) as component:
        yield component


@contextlib.contextmanager
def victoria_metrics(
    folder: Path, *, scrape: str = "{}", flags: Sequence[str] | None = None
) -> Iterator[Component]:
    """Run VictoriaMetrics with a scrape configuration as Prometheus writes it.

    Without `flags` what was scraped is seen by the next query; `flags=()` is how it comes.
    """
    program = require("victoria-metrics")
    port = free_port()
    home = folder / f"victoria-metrics-{port}"
    home.mkdir(parents=True)
    (home / "scrape.yml").write_text(scrape, encoding="utf-8")
    command = [
        program,
        f"-storageDataPath={home / 'data'}",
        f"-httpListenAddr={HOST}:{port}",
        f"-promscrape.config={home / 'scrape.yml'}",
        *(("-search.latencyOffset=0s", "-search.disableCache") if flags is None else flags),
    ]
    ready = answers(f"http://{HOST}:{port}/health")
    with running(command, port=port, ready=ready, folder=home) as component:
        yield component


@contextlib.contextmanager
def prometheus(folder: Path, *, config: str, flags: Sequence[str] = ()) -> Iterator[Component]:
    """Run a Prometheus with a configuration; it may be reloaded by POST to `/-/reload`."""
    program = require("prometheus")
    port = free_port()
    home = folder / f"prometheus-{port}"
    home.mkdir(parents=True)
    (home / "prometheus.yml").write_text(config, encoding="utf-8")
    command = [
        program,
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address={HOST}:{port}",
        "--web.enable-lifecycle",
        # Its first alert after a start is dropped when Alertmanager is not yet discovered.
        "--rules.alert.resend-delay=2s",
        *flags,
    ]
    ready = answers(f"http://{HOST}:{port}/-/ready")
    with running(command, port=port, ready=ready, folder=home) as component:
        yield component


@contextlib.contextmanager
def vmalert(
    folder: Path,
    *,
    metrics: str,
    notifiers: Sequence[str] = (),
    rules: str = "",
    files: str = "",
    flags: Sequence[str] = ("-evaluationInterval=1s",),
) -> Iterator[Component]:
    """Run vmalert, reading from `metrics`, telling each of `notifiers`.

    Its rules are a text, or what the pattern `files` finds.
    """
    program = require("vmalert")
    port = free_port()
    home = folder / f"vmalert-{port}"
    home.mkdir(parents=True)
    (home / "rules.yml").write_text(rules, encoding="utf-8")
    # It will not start without; port 9 is `discard`, where nobody listens.
    told = [f"-notifier.url={url}" for url in notifiers or (f"http://{HOST}:9",)]
    command = [
        program,
        f"-rule={files or home / 'rules.yml'}",
        f"-datasource.url={metrics}",
        f"-remoteWrite.url={metrics}",
        f"-remoteRead.url={metrics}",
        *told,
        f"-httpListenAddr={HOST}:{port}",
        *flags,
    ]
    ready = answers(f"http://{HOST}:{port}/health")
    with running(command, port=port, ready=ready, folder=home) as component:
        yield component
