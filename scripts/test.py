#!/usr/bin/env python3
"""Run every test on SQLite, then those marked `database` again on PostgreSQL. Runs inside .venv.

Tests with real components wait more than they compute: they run beside the others, and what they
print follows at the end. What is given on the command line goes to pytest, and then only that runs,
on SQLite: `make test ARGS="tests/rules -x"`.
"""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support import components, postgres  # noqa: E402 - after the path is known

WAITING = ("tests/pipeline", "tests/chaos", "tests/browser")


class Run:
    """One pytest: its status, what it printed, and its closing line."""

    def __init__(self, title: str, *arguments: str, **env: str) -> None:
        self.title = title
        self.status = 0
        self.closing = "no closing line"
        self._arguments = arguments
        self._env = env
        self._thread: threading.Thread | None = None
        self._kept: list[str] = []

    def run(self) -> None:
        """Run it, passing through what it prints."""
        print(f"== {self.title}", flush=True)
        self._call(lambda line: print(line, end="", flush=True))

    def start(self) -> None:
        """Run it beside others, keeping what it prints."""
        self._thread = threading.Thread(target=self._call, args=(self._kept.append,))
        self._thread.start()

    def finish(self) -> None:
        """Wait for it and print what it printed."""
        if self._thread is not None:
            self._thread.join()
        print(f"== {self.title}\n{''.join(self._kept)}", flush=True)

    def _call(self, say: Callable[[str], object]) -> None:
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        command = [sys.executable, "-m", "pytest", "--durations=10", *colour, *self._arguments]
        env = {**os.environ, **self._env}
        with subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, bufsize=1
        ) as process:
            for line in process.stdout or ():
                say(line)
                if re.search(r" in \d+\.\d+s", line):
                    self.closing = line.rstrip()
        self.status = process.returncode


def verdict(runs: Sequence[Run]) -> int:
    """Return the status of all: a run that was killed has a negative one, and has not passed."""
    return int(any(one.status for one in runs))


def main() -> int:
    """Run the tests; return the exit status."""
    if sys.argv[1:]:
        return subprocess.call([sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=ROOT)
    waiting = Run("Tests with real components, a browser, kills", *WAITING)
    sqlite = Run("All others, on SQLite", *(f"--ignore={path}" for path in WAITING))
    runs = [sqlite, waiting]
    waiting.start()
    sqlite.run()
    if components.find("initdb") is None:
        print("== PostgreSQL is not here: its run is skipped", flush=True)
        sqlite.status = sqlite.status or int(os.environ.get("CI") == "true")
    else:
        with postgres.cluster() as server:
            title = "The tests marked `database` again, on PostgreSQL"
            runs.append(Run(title, "-m", "database", ANDON_TEST_DATABASE_URL=server.url))
            runs[-1].run()
    waiting.finish()
    print(flush=True)
    for one in runs:
        print(f"{one.title}: {one.closing}", flush=True)
    return verdict(runs)


if __name__ == "__main__":
    sys.exit(main())
