"""A throwaway PostgreSQL: a cluster of its own in a temporary folder, on a free port of loopback.

By hand:  python -m tests.support.postgres   prints its URL and runs until interrupted.
fsync stays on: what tests say about durability and speed, they say of a server that keeps its word.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support import components, signals

#: Small and quiet, and on disk at each commit, as PostgreSQL comes.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


@dataclass(slots=True)
class Cluster:
    """A running server, with the means to treat it badly."""

    folder: Path
    port: int
    running: components.Component | None = None

    @property
    def url(self) -> str:
        """Return the URL of its empty database `andon`, over TCP on loopback."""
        return f"postgresql://andon@{components.HOST}:{self.port}/andon"

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        arguments = ["-D", str(self.folder / "data"), "-p", str(self.port)]
        arguments += ["-c", f"listen_addresses={components.HOST}"]
        arguments += ["-c", f"unix_socket_directories={self.folder}"]
        for name, value in SETTINGS.items():
            arguments += ["-c", f"{name}={value}"]
        log = self.folder / "postgres.log"
        with log.open("ab") as output, signals.heard():
            process = subprocess.Popen(
                [*_as_postgres(), str(components.require("postgres")), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running = components.Component("postgres", process, log, self.port)
        components.wait_until(self._ready, within=30, what=f"PostgreSQL, log in {log}")

    def stop(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT drops clients and ends cleanly, SIGQUIT leaves a recovery."""
        if self.running is None or not self.running.is_running():
            return
        self.running.process.send_signal(how)
        self.running.process.wait(30)

    def restart(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server and start it again on the same port and data."""
        self.stop(how=how)
        self.start()

    def _ready(self) -> bool:
        assert self.running is not None
        if not self.running.is_running():
            raise components.ComponentFailed(f"PostgreSQL did not start\n{self.running.tail()}")
        where = ["-h", components.HOST, "-p", str(self.port), "-U", "andon", "-q"]
        return subprocess.call([str(components.require("pg_isready")), *where]) == 0


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Make a cluster with an empty database `andon`, and remove it when the block ends."""
    # Not pytest's tmp_path: PostgreSQL refuses to run as root, and its user could not get in there.
    folder = Path(tempfile.mkdtemp(prefix="andon-postgres-"))
    server = Cluster(folder=folder, port=components.free_port())
    try:
        if _as_postgres():
            shutil.chown(folder, "postgres", "postgres")
        initdb = [str(components.require("initdb")), "-D", str(folder / "data"), "-U", "andon"]
        _run([*initdb, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"], folder)
        server.start()
        where = ["-h", components.HOST, "-p", str(server.port), "-U", "andon"]
        _run([str(components.require("createdb")), *where, "andon"], folder)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres() -> list[str]:
    """Return how to run a program as the user that Debian's package made, when we are root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [str(components.require("setpriv")), *identity, "--"]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        [*_as_postgres(), *command], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise components.ComponentFailed(f"{command[0]} failed\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # shells ignore SIGINT for jobs
        signal.signal(number, signal.default_int_handler)
    with cluster() as by_hand, contextlib.suppress(KeyboardInterrupt):
        print(by_hand.url, flush=True)
        signal.pause()
