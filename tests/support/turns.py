"""Turns of duties for `engine.apart`, which runs functions by their names in another process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from andon.core.errors import Refusal
from andon.engine.duty import DutyTurn


def counts(turn: DutyTurn) -> int:
    """Remember, say how it runs, and print: what is printed is no answer."""
    print("printed by a turn")
    turn.memory["turns"] = turn.memory.get("turns", 0) + 1
    turn.memory["niceness"] = os.nice(0)
    turn.memory["at"] = turn.now.isoformat()
    turn.figures["seen"] = 3
    return 7


def refuses(turn: DutyTurn) -> int:
    """Refuse, having remembered why."""
    turn.memory["problem"] = "no room"
    raise Refusal("there is no room")


def breaks(_: DutyTurn) -> int:
    """Be a defect."""
    raise KeyError("gone")


def dies(_: DutyTurn) -> int:
    """Be killed, as by a system without memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def never_ends(turn: DutyTurn) -> int:
    """Hold this interpreter for good, having started a program that does not end either."""
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    place = Path(turn.memory["place"])
    place.with_suffix(".new").write_text(f"{os.getpid()} {started.pid}", encoding="ascii")
    place.with_suffix(".new").rename(place)
    while True:
        sum(range(1_000_000))


def is_running(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_gone(pids: list[int]) -> None:
    """Wait until processes are gone."""
    until = time.monotonic() + 20
    while any(map(is_running, pids)):
        if time.monotonic() > until:
            raise TimeoutError(f"of {pids} some still run")
        time.sleep(0.05)
