#!/usr/bin/env python3
"""Run every test on SQLite, then those marked `database` again on PostgreSQL. Runs inside .venv.

What is given on the command line goes to pytest: `make test ARGS="tests/rules -x"`; then only that
runs, on SQLite.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support import components, postgres  # noqa: E402 - after the path is known

#: pytest's status when a selection holds no test.
NOTHING_COLLECTED = 5


def main() -> int:
    """Run the tests; return the exit status."""
    if sys.argv[1:]:
        return subprocess.call([sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=ROOT)
    print("== Every test, on SQLite", flush=True)
    status, sqlite = pytest({})
    if components.find("initdb") is None:
        print("== PostgreSQL is not here: its run is skipped", flush=True)
        return status or int(os.environ.get("CI") == "true")
    print("== The tests marked `database` again, on PostgreSQL", flush=True)
    with postgres.cluster() as server:
        again, on_postgres = pytest({"ANDON_TEST_DATABASE_URL": server.url}, "-m", "database")
    if again == NOTHING_COLLECTED:
        again = 0
    print(f"\nPostgreSQL: {on_postgres}\nSQLite, every test: {sqlite}", flush=True)
    return status or again


def pytest(env: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run pytest, passing through what it prints; return its status and its closing line."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    command = [sys.executable, "-m", "pytest", "--durations=10", *colour, *arguments]
    closing = "no closing line"
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if re.search(r" in \d+\.\d+s", line):
                closing = line.rstrip()
    return process.returncode, closing


if __name__ == "__main__":
    sys.exit(main())
