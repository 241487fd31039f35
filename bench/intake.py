"""Intake against Debian's Alertmanager: the same load, the same machine, one run, in turns.

Alertmanager keeps what it takes in memory only; every answer of ours comes after the fsync that
holds it.
"""

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.table import Row

FOLDER = Path(__file__).resolve().parent
ROUNDS = 3
SECONDS = 1.5
CONFIG = """
route: {receiver: nobody, group_wait: 1h, group_interval: 1h, repeat_interval: 1h}
receivers: [{name: nobody}]
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of load."""

    name: str
    size: int
    fresh: str
    connections: int
    target: float


CASES = (
    Case("single events, repeats", 1, "same", 64, 0.75),
    Case("single events, every one new", 1, "fresh", 64, 0.75),
    Case("batches of 100, repeats", 100, "same", 16, 1.0),
    Case("batches of 100, every alert new", 100, "fresh", 16, 1.0),
)


@dataclass(frozen=True, slots=True)
class Server:
    """Something that takes alerts."""

    name: str
    url: str
    key: str
    shape: str


def main() -> list[Row]:
    """Return a row for each kind of load, and two that show what group commit is worth."""
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(_alertmanager())
        ours = stack.enter_context(_andon("group"))
        rows = [_compare(case, ours, peer) for case in CASES]
        single = stack.enter_context(_andon("single"))
        nothing = stack.enter_context(_andon("nothing"))
        rows.append(_against(ours, single, "one commit per request", ">= 1.0", 1.0))
        rows.append(_against(ours, nothing, "no storage at all", ">= 0.45", 0.45))
    return rows


def _compare(case: Case, ours: Server, peer: Server) -> Row:
    results: dict[str, list[tuple[float, float]]] = {ours.name: [], peer.name: []}
    for _ in range(ROUNDS):
        for server in (peer, ours):
            results[server.name].append(_load(server, case))
    mine = statistics.median(rate for rate, _ in results[ours.name]) * case.size
    other = statistics.median(rate for rate, _ in results[peer.name]) * case.size
    # Each round's ratio is of two runs side by side in time, so drift of the machine cancels out.
    ratios = [a[0] / b[0] for a, b in zip(results[ours.name], results[peer.name], strict=True)]
    ratio = statistics.median(ratios)
    p99 = statistics.median(p99 for _, p99 in results[ours.name])
    name = f"{case.name} (p99 {p99:.0f} ms; {min(ratios):.2f} to {max(ratios):.2f})"
    return Row(name, mine, "alerts/s", other, ratio, f">= {case.target}", ratio >= case.target)


def _against(ours: Server, other: Server, name: str, target: str, least: float) -> Row:
    case = CASES[1]
    pairs = [(_load(ours, case)[0], _load(other, case)[0]) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return Row(
        f"new events, against {name}",
        mine,
        "alerts/s",
        theirs,
        ratio,
        target,
        ratio >= least,
    )


def _load(server: Server, case: Case) -> tuple[float, float]:
    command = [sys.executable, str(FOLDER / "load.py"), server.url, server.key, server.shape]
    command += [str(case.size), case.fresh, str(SECONDS), str(case.connections)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    rate, _p50, p99 = (float(word) for word in out.split())
    return rate, p99


@contextlib.contextmanager
def _alertmanager() -> Iterator[Server]:
    binary = shutil.which("prometheus-alertmanager")
    if binary is None:
        raise SystemExit("prometheus-alertmanager is missing: make test installs it")
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as folder:
        config = Path(folder, "config.yml")
        config.write_text(CONFIG)
        command = [binary, f"--config.file={config}", f"--storage.path={folder}"]
        command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
        with _running([*command, "--log.level=error"], port):
            yield Server("peer", f"http://127.0.0.1:{port}/api/v2/alerts", "x", "peer")


@contextlib.contextmanager
def _andon(mode: str) -> Iterator[Server]:
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as folder:
        environ = {**os.environ, "ANDON_HOME": folder, "PYTHONPATH": str(FOLDER.parent)}
        command = [sys.executable, str(FOLDER / "intake_server.py"), str(port), mode]
        with _running(command, port, environ) as process:
            key = (process.stdout or sys.stdin).readline().strip()
            yield Server(mode, f"http://127.0.0.1:{port}/hooks/alertmanager/", key, "ours")


@contextlib.contextmanager
def _running(
    command: list[str], port: int, environ: dict[str, str] | None = None
) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
    try:
        _wait(process, port)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: "subprocess.Popen[str]", port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise SystemExit(f"{process.args} did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    for line in main():
        print(line)
