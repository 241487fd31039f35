#!/usr/bin/env python3
"""Run every check that needs no test: all of them, even after one failed. Runs inside .venv."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "-W", "error", "manage.py"]

CHECKS = {
    "lint": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "."],
    "types": [BIN / "mypy"],
    "imports": [BIN / "lint-imports"],
    "names": [sys.executable, "-W", "error", "scripts/names.py"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "django": [*MANAGE, "check", "--fail-level", "WARNING"],
    "templates: lint": [BIN / "djlint", "--lint", "src"],
    "templates: format": [BIN / "djlint", "--check", "src"],
}


def main() -> int:
    """Run the checks; return the exit status."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="andon-check-") as home:
        env = {**os.environ, "ANDON_HOME": home, "ANDON_DATABASE_URL": ""}
        for name, command in CHECKS.items():
            started = time.perf_counter()
            done = subprocess.run(
                [str(part) for part in command],
                cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            verdict = "failed" if done.returncode else "ok"
            print(f"{name:20}{verdict:8}{time.perf_counter() - started:5.1f} s", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout + done.stderr, flush=True)
    if failed:
        print(f"Not clean: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
