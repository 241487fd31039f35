"""A command that reads makes nothing: where no Andon is, it says so and what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "examples" / "fruits-r-us"
READING = [
    ("incidents",),
    ("ack", "INC-1"),
    ("keys", "list"),
    ("costs", "all"),
    ("plan", "review"),
    ("telemetry", "apply", "--out", "telemetry"),
    ("admin", "check"),
    ("admin", "createsuperuser", "--noinput"),
    ("drill",),
    ("test-page", "ann"),
]


def run(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: one for name, one in os.environ.items() if not name.startswith("ANDON_")}
    return subprocess.run(
        [sys.executable, "-m", "andon.cli.main", *words],
        cwd=folder, env=kept | environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_where_no_andon_is_a_reading_command_refuses_and_leaves_no_trace(tmp_path, words):
    done = run(tmp_path, *words)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith(f"There is no Andon here: {tmp_path / 'var'} is empty or not")
    assert "set ANDON_HOME to its folder" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_rollout_from_a_folder_is_done_makes_no_andon_and_says_that_none_will_show_it(tmp_path):
    done = run(tmp_path, "telemetry", "apply", str(SAMPLE), "--out", "telemetry")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The portal will not show this" in done.stderr
    assert f"There is no Andon here: {tmp_path / 'var'} is empty or not there" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["telemetry"]


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00" + b"\x00" * 84, b"a text"])
def test_a_file_without_tables_is_no_andon_either(tmp_path, content):
    path = tmp_path / "other.sqlite3"
    path.write_bytes(content)
    done = run(tmp_path, "incidents", ANDON_DATABASE_URL=f"sqlite:///{path}")
    assert done.returncode == 1, done.stdout
    assert done.stderr.splitlines()[-1].startswith("  To begin one:") or (
        "Andon cannot use its database: file is not a database." in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_what_only_tells_leaves_no_trace(tmp_path):
    done = run(tmp_path, "admin", "help")
    assert done.returncode == 0, done.stderr
    assert "replay_intake" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_may_come_first_still_makes_its_database(tmp_path):
    assert run(tmp_path, "keys", "create", "--kind", "generic").returncode == 0
    assert (tmp_path / "var" / "andon.sqlite3").is_file()
    done = run(tmp_path, "incidents")
    assert (done.returncode, done.stdout) == (0, "No active incidents.\n")
