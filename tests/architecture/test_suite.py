"""The tests as a whole: none hangs the others, none is passed over in silence."""

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import test as runner
from tests.support import signals
from tests.support.tree import ROOT

HANGING = """
import subprocess
import sys

def test_that_waits_for_a_child_for_ever():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        process.wait()

def test_that_comes_after():
    pass
"""
UNSEEN = "def check_that_is_named_wrongly():\n    assert False\n"


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a folder's tests as ours are run, by the same settings."""
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml")]
    command += ["-p", "tests.support.collecting", "-p", "no:django", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *options, str(folder)],
        cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": ""}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


def test_a_test_that_hangs_fails_alone_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "test_hanging.py").write_text(HANGING)
    done = run(tmp_path, "--timeout=2")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert "process.wait()" in done.stdout


def test_every_test_has_a_deadline_before_which_the_run_is_not_given_up(
    pytestconfig: pytest.Config,
) -> None:
    deadline = float(pytestconfig.getini("timeout"))
    assert 0 < deadline < float(pytestconfig.getini("faulthandler_timeout"))
    assert pytestconfig.getini("timeout_method") == "signal"


@pytest.mark.parametrize("text", ["", UNSEEN, "class TestIt:\n    pass\n"])
def test_a_test_file_that_holds_no_test_fails_the_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "test_other.py").write_text("def test_it():\n    pass\n")
    (tmp_path / "test_unseen.py").write_text(text)
    done = run(tmp_path)
    assert done.returncode != 0
    assert "test_unseen.py" in done.stdout
    assert "holds no test" in done.stdout


def test_a_file_that_was_skipped_has_said_so(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text("def test_it():\n    pass\n")
    skip = "import pytest\npytest.skip('no such program here', allow_module_level=True)\n"
    (tmp_path / "test_skipped.py").write_text(skip)
    assert run(tmp_path).returncode == 0


def test_no_test_stands_in_a_file_that_pytest_does_not_read() -> None:
    unread = [
        f"{path.relative_to(ROOT)}: {one.name}"
        for path in (ROOT / "tests").rglob("*.py")
        if not path.name.startswith("test_")
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")
    ]
    assert unread == []


KILLED = "import os\n\ndef test_it():\n    os.kill(os.getpid(), 9)\n"


@pytest.mark.parametrize(
    "text",
    ["", KILLED, "def test_it():\n    assert 0\n"],
    ids=["nothing collected", "killed", "failed"],
)
def test_a_run_that_did_not_pass_fails_make_test(tmp_path: Path, text: str) -> None:
    (tmp_path / "test_it.py").write_text(text)
    own = ("-c", os.devnull, "-p", "no:django", "--rootdir", str(tmp_path))
    one = runner.Run("one", *own, str(tmp_path))
    one.run()
    assert one.status != 0
    assert runner.verdict([one]) == 1


def test_what_a_deaf_run_starts_hears_the_signals_all_the_same() -> None:
    child = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        deaf = subprocess.check_output([sys.executable, "-c", child], text=True)
        with signals.heard():
            hears = subprocess.check_output([sys.executable, "-c", child], text=True)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert (deaf.strip(), hears.strip()) == ("False", "True")
