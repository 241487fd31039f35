"""ANDON_HOME: who on this machine may read it, and what a full disk leaves behind.

Real processes in folders of their own; a disk that is full is one that a process may write nothing
to (RLIMIT_FSIZE).
"""

import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.test import Client, override_settings

from andon.core import files
from andon.project import environment
from andon.project import home as homes
from tests.support import factories
from tests.support.installation import Installation, installation

#: A command that may be the first of all: it makes what is not there yet.
MAKE = ("keys", "create", "--kind", "generic")
FULL = (
    "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
    "sys.argv = ['andon', *sys.argv[1:]]; runpy.run_module('andon.cli.main', run_name='__main__')"
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes(home: Path) -> dict[str, int]:
    """Return the modes of what Andon keeps, by name; the logs beside it are the test's own."""
    found = {one.name: mode(one) for one in home.iterdir() if one.suffix != ".log"}
    return {".": mode(home), **found}


def run(home: Path, *args: str, full: bool = False, **environ: str) -> subprocess.CompletedProcess:
    """Run `andon` as an account with the usual mask would."""
    command = [sys.executable, *(("-c", FULL) if full else ("-m", "andon.cli.main")), *args]
    return subprocess.run(
        command,
        env={**Installation(home=home).env(), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        umask=0o022,
    )


def read(home: Path, **environ: str) -> environment.Environment:
    return environment.read({"ANDON_HOME": str(home), **environ})


class TestModes:
    def test_nobody_else_reads_what_a_running_andon_keeps(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        old = os.umask(0o022)
        try:
            assert run(home, *MAKE).returncode == 0
            with installation(home) as andon:
                andon.start("up")
                found = modes(home)
        finally:
            os.umask(old)
        assert found.pop(".") == 0o700
        assert {"andon.sqlite3", "andon.sqlite3-wal", "andon.sqlite3-shm", "secret_key"} <= set(
            found
        )
        assert any(name.endswith(".lock") for name in found)
        assert {name: oct(one) for name, one in found.items() if one & 0o077} == {}

    def test_what_an_older_andon_left_open_is_closed_and_said(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        assert run(home, *MAKE).returncode == 0
        home.chmod(0o755)
        for path in home.iterdir():
            path.chmod(0o644)
        done = run(home, *MAKE)
        assert done.returncode == 0
        assert done.stderr.count("made_private") >= 3
        assert {one & 0o077 for one in modes(home).values()} == {0}

    def test_a_folder_that_holds_other_things_is_left_alone_and_told_of(
        self, tmp_path: Path
    ) -> None:
        home = tmp_path / "srv"
        home.mkdir(mode=0o755)
        (home / "website").mkdir()
        assert run(home, *MAKE).returncode == 0
        assert mode(home) == 0o755
        assert mode(home / "andon.sqlite3") == mode(home / "secret_key") == 0o600
        [trouble] = homes.troubles(read(home))
        assert f"chmod 700 {home}" in trouble

    def test_a_file_of_somebody_else_is_told_of(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        homes.prepare(read(home))
        home.chmod(0o755)
        (home / "andon.sqlite3").chmod(0o644)
        found = homes.troubles(read(home))
        assert [f"chmod 700 {home}" in found[0], f"{home}/andon.sqlite3" in found[1]] == [True] * 2

    def test_the_group_may_be_let_in(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        assert run(home, *MAKE, ANDON_HOME_GROUP="yes").returncode == 0
        assert (mode(home), mode(home / "andon.sqlite3")) == (0o770, 0o660)
        assert homes.troubles(read(home, ANDON_HOME_GROUP="yes")) == []
        with pytest.raises(environment.UnusableEnvironment, match="write yes or no"):
            read(home, ANDON_HOME_GROUP="maybe")

    def test_tools_pass_through_to_telemetry_that_lies_inside(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        env = read(home, ANDON_TELEMETRY_DIR=str(home / "telemetry"))
        (home / "telemetry").mkdir(parents=True, mode=0o755)
        home.chmod(0o755)
        homes.prepare(env)
        assert mode(home) == 0o711
        assert mode(home / "telemetry") == 0o755
        assert homes.troubles(env) == []

    def test_a_database_elsewhere_is_private_too(self, tmp_path: Path) -> None:
        place = tmp_path / "data" / "my.sqlite3"
        place.parent.mkdir()
        url = f"sqlite:///{place}"
        assert run(tmp_path / "home", *MAKE, ANDON_DATABASE_URL=url).returncode == 0
        assert mode(place) == 0o600
        assert mode(place.parent) == 0o755

    @pytest.mark.database
    @pytest.mark.django_db
    def test_staff_are_told_on_the_page_of_the_engine(self) -> None:
        ann, sam = factories.person("ann"), factories.person("sam", staff=True)
        client = Client()
        with override_settings(ANDON_OPEN_TO_OTHERS=["Other accounts can reach /srv/andon"]):
            for who, told in ((ann, False), (sam, True)):
                client.force_login(who)
                page = client.get("/engine/").content.decode()
                assert ("Other accounts can reach /srv/andon" in page) is told


class TestSecretKey:
    def test_a_first_start_on_a_full_disk_leaves_no_half_key(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        done = run(home, *MAKE, full=True)
        assert done.returncode != 0
        assert "secret_key cannot be read or written" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (home / "secret_key").exists()
        assert run(home, *MAKE).returncode == 0
        assert len((home / "secret_key").read_text(encoding="ascii")) > 60

    def test_an_empty_key_has_signed_nothing_and_is_made_anew(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir()
        (home / "secret_key").touch()
        made = homes.secret_key(read(home))
        assert len(made) > 60
        assert homes.secret_key(read(home)) == made

    @pytest.mark.parametrize("content", [b"short", b"\xff" * 67, b"half of a key\x00\x00\x00" * 4])
    def test_a_damaged_key_is_refused_in_words(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "secret_key").write_bytes(content)
        with pytest.raises(environment.UnusableEnvironment, match="Put back the copy"):
            homes.secret_key(read(tmp_path))
        assert (tmp_path / "secret_key").read_bytes() == content

    def test_processes_that_start_together_make_one_key(self, tmp_path: Path) -> None:
        code = (
            "import sys; from andon.project import environment, home; "
            "env = environment.read({'ANDON_HOME': sys.argv[1]}); "
            "home.prepare(env); sys.stdin.read(); print(home.secret_key(env))"
        )
        started = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(tmp_path / "home")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(6)
        ]
        keys = {one.communicate("", timeout=60)[0] for one in started}
        assert len(keys) == 1
        assert len(keys.pop().strip()) > 60

    def test_a_key_that_may_not_be_read_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "secret_key").mkdir()
        with pytest.raises(environment.UnusableEnvironment, match="cannot be read or written"):
            homes.secret_key(read(tmp_path))


class TestWholeFiles:
    def test_a_full_disk_leaves_the_old_file(self, tmp_path: Path) -> None:
        path = tmp_path / "report.html"
        path.write_text("old", encoding="ascii")
        path.chmod(0o640)
        done = _child(
            "import resource, sys, pathlib; from andon.core import files; "
            "resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4)); "
            "files.write_whole(pathlib.Path(sys.argv[1]), b'much longer')",
            path,
        )
        assert "OSError" in done.stderr
        assert path.read_text(encoding="ascii") == "old"
        assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
        files.write_whole(path, b"new")
        assert (path.read_bytes(), mode(path)) == (b"new", 0o640)

    def test_a_link_is_written_through_and_a_pipe_is_written_into(self, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"old")
        (tmp_path / "link").symlink_to("real")
        files.write_whole(tmp_path / "link", b"new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "real").read_bytes() == b"new"
        done = _child(
            "import sys, pathlib; from andon.core import files; "
            "files.write_whole(pathlib.Path(sys.argv[1]), b'said')",
            "/dev/stdout",
        )
        assert (done.stdout, done.stderr) == ("said", "")


def _child(code: str, *args: object) -> subprocess.CompletedProcess:
    command: Sequence[str] = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
