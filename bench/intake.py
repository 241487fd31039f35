"""Intake against Debian's Alertmanager: the same load, the same machine, one run, in turns.

Alertmanager keeps what it takes in memory only; every answer of ours comes after the fsync that
holds it. Rates suffer from whatever else the machine does, and so does their ratio: Alertmanager
spreads over all cores. So the load average is shown, and the CPU time each process spent on a
request, which suffers least.
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
    pid: int

    def cpu_seconds(self) -> float:
        """Return the CPU time its process has used."""
        fields = (
            Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run against one server came to: requests a second, and what one of them took."""

    rate: float
    p99_ms: float
    cpu_us: float


def main() -> list[Row]:
    """Return rows for each kind of load, and two that show what group commit is worth."""
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(_alertmanager())
        ours = stack.enter_context(_andon("group"))
        rows = [row for case in CASES for row in _compare(case, ours, peer)]
        single = stack.enter_context(_andon("single"))
        nothing = stack.enter_context(_andon("nothing"))
        rows.append(_against(ours, single, "one commit per request", ">= 1.0", 1.0))
        rows.append(_against(ours, nothing, "plain ASGI without storage", ">= 0.45", 0.45))
    return rows


def _compare(case: Case, ours: Server, peer: Server) -> list[Row]:
    load = os.getloadavg()[0]
    pairs = _pairs(case, ours, peer)
    mine, other = (_median([run.rate for run in column]) for column in zip(*pairs, strict=True))
    # Each round's ratio is of two runs side by side in time, so drift of the machine cancels out.
    ratios = [a.rate / b.rate for a, b in pairs]
    ratio = _median(ratios)
    p99 = _median([a.p99_ms for a, _ in pairs])
    spread = f"p99 {p99:.0f} ms; {min(ratios):.2f} to {max(ratios):.2f}; load {load:.1f}"
    per_alert = [[run.cpu_us / case.size for run in column] for column in zip(*pairs, strict=True)]
    mine_cpu, other_cpu = (_median(column) for column in per_alert)
    return [
        Row(
            f"{case.name} ({spread})",
            mine * case.size,
            "alerts/s",
            other * case.size,
            ratio,
            f">= {case.target}",
            ratio >= case.target,
        ),
        Row(
            f"{case.name}: CPU of an alert",
            mine_cpu,
            "us",
            other_cpu,
            mine_cpu / other_cpu,
            "shown",
            True,
        ),
    ]


def _against(ours: Server, other: Server, name: str, target: str, least: float) -> Row:
    pairs = _pairs(CASES[1], ours, other)
    mine, theirs = (_median([run.rate for run in column]) for column in zip(*pairs, strict=True))
    ratio = _median([a.rate / b.rate for a, b in pairs])
    name = f"new events, against {name}"
    return Row(name, mine, "alerts/s", theirs, ratio, target, ratio >= least)


def _pairs(case: Case, ours: Server, other: Server) -> list[tuple[Run, Run]]:
    pairs = []
    for _ in range(ROUNDS):
        theirs = _load(other, case)
        pairs.append((_load(ours, case), theirs))
    return pairs


def _median(values: list[float]) -> float:
    return statistics.median(values)


def _load(server: Server, case: Case) -> Run:
    command = [sys.executable, str(FOLDER / "load.py"), server.url, server.key, server.shape]
    command += [str(case.size), case.fresh, str(SECONDS), str(case.connections)]
    before = server.cpu_seconds()
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    rate, _p50, p99, total = (float(word) for word in out.split())
    return Run(rate, p99, 1e6 * (server.cpu_seconds() - before) / total)


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
        with _running([*command, "--log.level=error"], port) as process:
            url = f"http://127.0.0.1:{port}/api/v2/alerts"
            yield Server("peer", url, "x", "peer", process.pid)


@contextlib.contextmanager
def _andon(mode: str) -> Iterator[Server]:
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as folder:
        environ = {**os.environ, "ANDON_HOME": folder, "PYTHONPATH": str(FOLDER.parent)}
        command = [sys.executable, str(FOLDER / "intake_server.py"), str(port), mode]
        with _running(command, port, environ) as process:
            key = (process.stdout or sys.stdin).readline().strip()
            url = f"http://127.0.0.1:{port}/hooks/alertmanager/"
            yield Server(mode, url, key, "ours", process.pid)


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
    raise SystemExit(f"{process.args!r} did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    for line in main():
        print(line)
