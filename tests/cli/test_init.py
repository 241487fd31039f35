"""`andon init`: what it writes checks clean, can be applied, and says what to change."""

import os
import subprocess
import sys
from pathlib import Path

from andon.cli.init import FILES
from andon.core.documents.source import read_folder
from andon.slo.rules.documents import check_folder


def andon(*words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: one for name, one in os.environ.items() if not name.startswith("ANDON_")}
    return subprocess.run(
        [sys.executable, "-m", "andon.cli.main", *map(str, words)],
        cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_catalogue_to_begin_with_checks_clean_and_is_applied(tmp_path):
    done = andon("init", "our files", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "andon check 'our files'" in done.stdout
    made = tmp_path / "our files"
    assert sorted(one.name for one in made.iterdir()) == sorted(FILES)
    checked = andon("check", made, folder=tmp_path)
    assert (checked.returncode, checked.stdout) == (
        0,
        "1 service, 1 team, 1 rota: 0 errors, 0 warnings\n",
    )
    applied = andon("apply", made, "--yes", folder=tmp_path)
    assert applied.returncode == 0, applied.stderr
    assert "applied as revision 1" in applied.stdout
    on_call = andon("oncall", folder=tmp_path)
    assert "first-team-rota" in on_call.stdout


def test_what_is_to_be_changed_is_marked_in_every_file(tmp_path):
    assert andon("init", ".", folder=tmp_path).returncode == 0
    for name in FILES:
        assert "CHANGE" in (tmp_path / name).read_text()


def test_with_the_comments_taken_out_as_they_invite_to_it_still_checks_clean(tmp_path):
    assert andon("init", ".", folder=tmp_path).returncode == 0
    for name in FILES:
        path = tmp_path / name
        path.write_text(path.read_text().replace("    # andon.dev/", "    andon.dev/"))
    checked = check_folder(read_folder(tmp_path))
    assert checked.problems == ()
    assert [one.slug for one in checked.objectives] == ["checkout"]


def test_no_file_that_is_there_is_written_over(tmp_path):
    (tmp_path / "team.yaml").write_text("ours")
    done = andon("init", tmp_path, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path} has team.yaml already: nothing was written.\n"
    assert [one.name for one in tmp_path.iterdir()] == ["team.yaml"]
    assert (tmp_path / "team.yaml").read_text() == "ours"
