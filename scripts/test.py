#!/usr/bin/env python3
"""Run every test on SQLite, then those marked `database` again on PostgreSQL. Runs inside .venv.

The tests of rules come first, in seconds, and it is counted which lines of the rules they run: the
share may not fall under the floor in `pyproject.toml`.

Tests with real components wait more than they compute: they run beside the others, and what they
print follows at the end. What is given on the command line goes to pytest, and then only that runs,
on SQLite: `make test ARGS="tests/rules -x"`.

Tests that read the clock run again at other dates and in other zones (`tests/support/clocks.py`):
one of them each time, chosen by the commit, so that a commit is red or green on every day alike;
all of them, on both databases, by `make test DATES=all`, some by `DATES=year-end,leap-day`.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support import components, postgres  # noqa: E402 - after the path is known
from tests.support.dates import DATES  # noqa: E402

WAITING = ("tests/pipeline", "tests/chaos", "tests/browser")
NOT_WAITING = [f"--ignore={path}" for path in WAITING]
RULES = "tests/rules"
#: At other dates: not with real components, which keep the machine's time; the code is no other.
ELSEWHEN = [*NOT_WAITING, "--ignore=tests/architecture", "-m", "not components"]
SAMPLE = 1


class Run:
    """One pytest: its status, what it printed, and its closing line."""

    def __init__(self, title: str, *arguments: str, counted: bool = False, **env: str) -> None:
        self.title = title
        self.status = 0
        self.closing = "no closing line"
        self._runner = ["coverage", "run", "-m", "pytest"] if counted else ["pytest"]
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
        command = [sys.executable, "-m", *self._runner, "--durations=10", *colour]
        command += self._arguments
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


def cover() -> Run:
    """Return the verdict on the lines of rules that their tests ran, as if it were a run."""
    report = Run("Lines of the rules that the tests of rules run")
    command = [sys.executable, "-m", "coverage", "report"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    report.status, lines = done.returncode, (done.stdout + done.stderr).splitlines()
    totals = [line for line in lines if line.startswith("TOTAL")]
    report.closing = totals[0] if totals else "nothing was counted"
    if report.status:
        print("\n".join(lines), flush=True)
    return report


def dates(asked: str) -> list[str]:
    """Return the dates of a run: all, those asked for by name, or one chosen by the commit."""
    if asked == "all":
        return list(DATES)
    if asked:
        unknown = set(asked.split(",")) - DATES.keys()
        if unknown:
            raise SystemExit(f"DATES={asked}: there is all, {', '.join(DATES)}")
        return asked.split(",")
    git = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=False)
    order = sorted(DATES, key=lambda name: hashlib.sha256(git.stdout + name.encode()).digest())
    print(f"== Date of this commit: {', '.join(order[:SAMPLE])}; DATES=all for all {len(DATES)}")
    return order[:SAMPLE]


def elsewhen(name: str, readers: str, **env: str) -> Run:
    """Return the run of the tests that read the clock at another date, in another zone."""
    title = f"At another date: {name}, {DATES[name]}"
    env |= {"ANDON_TEST_DATE": name, "ANDON_TEST_READERS": readers, "TZ": DATES[name].machine}
    env["ANDON_TEST_PARENTS"] = "1" if os.environ.get("DATES") else ""
    return Run(title, *ELSEWHEN, **env)


def on_postgres(readers: str) -> list[Run]:
    """Run the tests on tables again, and all dates again where all are asked for."""
    with postgres.cluster() as server:
        url = {"ANDON_TEST_DATABASE_URL": server.url}
        title = "The tests marked `database` again, on PostgreSQL"
        runs = [Run(title, "-m", "database", **url)]
        if os.environ.get("DATES") == "all":
            runs += [elsewhen(name, readers, **url) for name in DATES]
        for one in runs:
            one.run()
    return runs


def main() -> int:
    """Run the tests; return the exit status."""
    if sys.argv[1:]:
        return subprocess.call([sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=ROOT)
    waiting = Run("Tests with real components, a browser, kills", *WAITING)
    runs = [waiting]
    waiting.start()
    with tempfile.TemporaryDirectory(prefix="andon-test-") as folder:
        readers = str(Path(folder) / "readers")
        read = {"ANDON_TEST_READERS": readers}
        runs.append(Run("The rules, without a database", RULES, counted=True, **read))
        runs[-1].run()
        runs.append(cover())
        rest = [*NOT_WAITING, f"--ignore={RULES}"]
        runs.append(Run("All others, on SQLite", *rest, **read))
        runs[-1].run()
        others = [elsewhen(name, readers) for name in dates(os.environ.get("DATES", ""))]
        runs += others
        for one in others[:-1]:
            one.run()
        # The last one beside PostgreSQL's: by now the tests that wait leave a processor free.
        others[-1].start()
        here = components.find("initdb") is not None
        if here:
            runs += on_postgres(readers)
        else:
            print("== PostgreSQL is not here: its run is skipped", flush=True)
        others[-1].finish()
    waiting.finish()
    print(flush=True)
    for one in runs:
        print(f"{one.title}: {one.closing}", flush=True)
    return verdict(runs) or int(not here and os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main())
