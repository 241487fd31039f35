"""What the other tests stand on: set-up messages, network guard, real components, bench."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from bench.run import names, table
from bench.table import Row
from tests.support import components, postgres
from tests.support.tree import ROOT

OLD_PYTHON = """
import runpy, sys
sys.version_info = (3, 9, 18, "final", 0)
sys.argv = ["scripts/bootstrap.py"]
runpy.run_path("scripts/bootstrap.py", run_name="__main__")
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what the bootstrap reads."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "bootstrap.py", tmp_path / "scripts")
    for name in ("requirements.lock", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def bootstrap(checkout: Path, *, code: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *(("-c", code) if code else ("scripts/bootstrap.py",))]
    return subprocess.run(
        command,
        cwd=checkout,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_told_what_is_needed_and_what_was_found(checkout: Path) -> None:
    done = bootstrap(checkout, code=OLD_PYTHON, PATH=str(checkout), ANDON_GOAL="test")
    assert done.returncode == 1
    assert f"Andon needs Python >= 3.11; found 3.9.18 at {sys.executable}" in done.stderr
    assert "make test PYTHON=" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreachable_registry_is_named_without_its_password(checkout: Path) -> None:
    index = f"http://user:hunter2@127.0.0.1:{components.free_port()}/simple"
    unconfigured = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_RETRIES": "0"}
    done = bootstrap(checkout, PATH=os.defpath, PIP_INDEX_URL=index, **unconfigured)
    assert done.returncode == 1
    assert "registry cannot be reached" in done.stderr
    assert "***@127.0.0.1" in done.stderr
    assert "export PIP_INDEX_URL=" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_installed_twice(checkout: Path) -> None:
    # What the stamp says is compared, not the folder: so a stamp that fits ends it at once.
    shutil.copy(ROOT / "scripts" / "bootstrap.py", checkout / "scripts" / "bootstrap.py")
    stamp = (
        "import json, sys; sys.path.insert(0, 'scripts'); import bootstrap as b, os;"
        "os.makedirs(b.VENV / 'bin'); (b.VENV / 'bin' / 'python').symlink_to(sys.executable);"
        "b.STAMP.write_text(json.dumps(b.fingerprint()))"
    )
    assert bootstrap(checkout, code=stamp).returncode == 0
    done = bootstrap(checkout, PIP_INDEX_URL="http://127.0.0.1:1/simple", PATH="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_test_may_not_leave_this_machine() -> None:
    with (
        socket.socket() as sock,
        pytest.raises(RuntimeError, match=r"may not talk to 192\.0\.2\.1"),
    ):
        sock.connect(("192.0.2.1", 80))
    with pytest.raises(RuntimeError, match=r"may not look up example\.com"):
        socket.getaddrinfo("example.com", 80)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nowhere.invalid", 80)
    assert socket.getaddrinfo("localhost", 80)


def test_a_missing_component_is_a_named_skip_and_in_ci_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program"):
        components.require("no-such-program")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program"):
        components.require("no-such-program")


def test_a_component_that_dies_at_once_shows_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('out of cheese')"]
    with (
        pytest.raises(components.ComponentFailed, match="out of cheese"),
        components.running(command, port=1, ready=lambda: False, folder=tmp_path),
    ):
        pytest.fail("it must not be said to run")


def test_a_component_is_stopped_with_its_children(tmp_path: Path) -> None:
    port = components.free_port()
    child = ["-m", "http.server", "--bind", "127.0.0.1", str(port)]
    parent = f"import subprocess, sys; subprocess.call([sys.executable, *{child!r}])"
    ready = components.answers(f"http://127.0.0.1:{port}/")
    with components.running(
        [sys.executable, "-c", parent], port=port, ready=ready, folder=tmp_path
    ) as component:
        assert component.is_running()
    components.wait_until(lambda: not ready(), within=5, what="the child to be gone")


@pytest.mark.components
def test_alertmanager_starts_and_stops(tmp_path: Path) -> None:
    config = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
    with components.alertmanager(tmp_path, config=config) as alertmanager:
        assert components.answers(alertmanager.url + "/api/v2/status")()
    assert not alertmanager.is_running()


@pytest.mark.components
def test_victoria_metrics_and_vmalert_start_and_stop(tmp_path: Path) -> None:
    rules = "groups: [{name: g, rules: [{alert: Always, expr: vector(1)}]}]"
    with (
        components.victoria_metrics(tmp_path, scrape="scrape_configs: []") as metrics,
        components.vmalert(
            tmp_path, rules=rules, metrics=metrics.url, notifiers=["http://127.0.0.1:1"]
        ) as vmalert,
    ):
        assert components.answers(vmalert.url + "/api/v1/alerts")()
    assert not metrics.is_running()


@pytest.mark.components
def test_a_throwaway_postgres_keeps_what_it_committed_through_a_crash() -> None:
    with postgres.cluster() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("create table kept (n int)")
            connection.execute("insert into kept values (42)")
        server.restart(how=signal.SIGQUIT)
        with psycopg.connect(server.url) as connection:
            assert connection.execute("show fsync").fetchone() == ("on",)
            assert connection.execute("select n from kept").fetchone() == (42,)
        folder = server.folder
    assert not folder.exists()


def test_the_bench_prints_a_row_for_each_measurement() -> None:
    rows = {"intake": [Row("single", 20_000, "events/s", 26_000, 0.77, ">= 0.75", ok=True)]}
    assert table(rows).row_count == 1
    assert {"run", "table"}.isdisjoint(names())


@pytest.mark.database
@pytest.mark.django_db
def test_the_tests_run_on_the_database_that_was_asked_for() -> None:
    asked = os.environ.get("ANDON_TEST_DATABASE_URL", "")
    assert connection.vendor == ("postgresql" if asked else "sqlite")
    with connection.cursor() as cursor:
        cursor.execute("show fsync" if asked else "pragma journal_mode")
        assert cursor.fetchone() == ("on" if asked else "wal",)
