"""Generated files in a folder that also holds files of others."""

import json
import subprocess
from pathlib import Path

import pytest

from andon.telemetry.actions.files import MANIFEST, UnableToWrite, compare, write
from andon.telemetry.types import File

ONE = File("vmalert/rules/checkout.yml", "groups: [1]\n")
TWO = File("prometheus/rules/checkout.yml", "groups: [2]\n")


def stamps(folder):
    return {
        str(one.relative_to(folder)): (one.stat().st_mtime_ns, one.stat().st_ino)
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


def test_the_first_write_makes_the_folder_and_says_what_it_wrote(tmp_path):
    done = write(files=[ONE, TWO], folder=tmp_path / "out" / "deep")
    assert (done.changed, done.unchanged, done.removed) == ((TWO.path, ONE.path), (), ())
    assert (tmp_path / "out/deep" / ONE.path).read_text() == ONE.text
    assert json.loads((tmp_path / "out/deep" / MANIFEST).read_text())["files"] == [
        TWO.path,
        ONE.path,
    ]


def test_a_second_write_touches_nothing(tmp_path):
    write(files=[ONE, TWO], folder=tmp_path)
    before = stamps(tmp_path)
    done = write(files=[TWO, ONE], folder=tmp_path)
    assert (done.changed, done.removed) == ((), ())
    assert stamps(tmp_path) == before


def test_only_the_changed_file_is_written(tmp_path):
    write(files=[ONE, TWO], folder=tmp_path)
    before = stamps(tmp_path)
    done = write(files=[ONE, File(TWO.path, "groups: [3]\n")], folder=tmp_path)
    assert done.changed == (TWO.path,)
    after = stamps(tmp_path)
    assert {path for path in after if after[path] != before[path]} == {TWO.path}


def test_what_is_generated_no_longer_goes_and_so_does_its_empty_folder(tmp_path):
    write(files=[ONE, TWO], folder=tmp_path)
    (tmp_path / "vmalert/rules/own.yml").write_text("mine")
    done = write(files=[], folder=tmp_path)
    assert done.removed == (TWO.path, ONE.path)
    assert stamps(tmp_path).keys() == {MANIFEST, "vmalert/rules/own.yml"}
    assert not (tmp_path / "prometheus").exists()


def test_a_foreign_file_in_the_way_stops_everything_before_anything_is_written(tmp_path):
    (tmp_path / "vmalert/rules").mkdir(parents=True)
    (tmp_path / ONE.path).write_text("mine")
    with pytest.raises(UnableToWrite, match=r"checkout\.yml is in the way") as refused:
        write(files=[ONE, TWO], folder=tmp_path)
    assert "choose another folder" in refused.value.fix
    assert stamps(tmp_path).keys() == {ONE.path}
    assert (tmp_path / ONE.path).read_text() == "mine"


def test_a_file_that_is_already_right_is_adopted(tmp_path):
    (tmp_path / "vmalert/rules").mkdir(parents=True)
    (tmp_path / ONE.path).write_text(ONE.text)
    assert write(files=[ONE], folder=tmp_path).unchanged == (ONE.path,)
    assert write(files=[], folder=tmp_path).removed == (ONE.path,)


def test_a_manifest_never_leads_out_of_the_folder(tmp_path):
    (tmp_path / "theirs").write_text("precious")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.yml").write_text("precious")
    out = tmp_path / "out"
    out.mkdir()
    (out / "link").symlink_to(tmp_path / "elsewhere")
    listed = ["../theirs", str(tmp_path / "theirs"), "link/x.yml", 7, "a/../../theirs"]
    (out / MANIFEST).write_text(json.dumps({"files": listed}))
    assert write(files=[], folder=out).removed == ()
    assert (tmp_path / "theirs").read_text() == "precious"
    assert (tmp_path / "elsewhere/x.yml").read_text() == "precious"


def test_a_link_out_of_the_folder_is_not_written_through(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/vmalert").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnableToWrite, match="leads out of"):
        write(files=[ONE], folder=tmp_path / "out")
    assert not list((tmp_path / "elsewhere").rglob("*.yml"))


@pytest.mark.parametrize("text", ["no json", "[]", '{"files": 3}', "{}"])
def test_a_manifest_of_somebody_else_is_not_taken_for_ours(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(UnableToWrite, match="is not a manifest of generated files"):
        write(files=[ONE], folder=tmp_path)
    assert (tmp_path / MANIFEST).read_text() == text


def test_a_file_where_a_folder_is_needed_is_named(tmp_path):
    (tmp_path / "vmalert").write_text("mine")
    with pytest.raises(UnableToWrite, match=r"vmalert is a file where a folder is needed"):
        write(files=[ONE], folder=tmp_path)
    with pytest.raises(UnableToWrite, match=r"vmalert is a file where a folder is needed"):
        write(files=[ONE], folder=tmp_path / "vmalert")


def test_a_folder_where_a_file_is_to_be_written_is_named(tmp_path):
    (tmp_path / ONE.path).mkdir(parents=True)
    with pytest.raises(UnableToWrite, match="is a folder where a file is to be written"):
        write(files=[ONE], folder=tmp_path)


def test_a_folder_that_cannot_be_written_is_named_with_the_reason():
    with pytest.raises(UnableToWrite, match=r"/proc/.*choose a folder that this account may write"):
        write(files=[ONE], folder=Path("/proc/andon-cannot-be-here"))


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a//b", "a/./b", "a\\b", MANIFEST, ""])
def test_a_generated_path_outside_the_folder_is_a_defect(tmp_path, path):
    with pytest.raises(ValueError, match="no path for a generated file"):
        write(files=[File(path, "")], folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_write_that_was_cut_short_is_mended(tmp_path):
    write(files=[ONE], folder=tmp_path)
    owned = json.dumps({"files": [ONE.path, TWO.path]})
    (tmp_path / MANIFEST).write_text(owned)
    (tmp_path / "prometheus/rules").mkdir(parents=True)
    (tmp_path / TWO.path).write_text("half of it")
    assert write(files=[ONE, TWO], folder=tmp_path).changed == (TWO.path,)
    assert compare(files=[ONE, TWO], folder=tmp_path).is_empty


def test_modes_are_those_of_ordinary_files_and_are_kept(tmp_path):
    write(files=[ONE], folder=tmp_path)
    plain = tmp_path / "plain"
    plain.write_text("")
    assert (tmp_path / ONE.path).stat().st_mode == plain.stat().st_mode
    (tmp_path / ONE.path).chmod(0o640)
    write(files=[File(ONE.path, "new\n")], folder=tmp_path)
    assert (tmp_path / ONE.path).stat().st_mode & 0o777 == 0o640


def test_compare_says_what_a_write_would_do_and_does_nothing(tmp_path):
    write(files=[ONE, TWO], folder=tmp_path)
    before = stamps(tmp_path)
    new = [File(ONE.path, "groups: [1, 9]\n"), File("grafana/new.json", "{}\n")]
    found = compare(files=new, folder=tmp_path)
    assert [(one.path, str(one.act)) for one in found.changes] == [
        ("grafana/new.json", "added"),
        (MANIFEST, "changed"),
        (TWO.path, "removed"),
        (ONE.path, "changed"),
    ]
    assert stamps(tmp_path) == before
    write(files=new, folder=tmp_path)
    assert compare(files=new, folder=tmp_path).is_empty


def test_the_diff_is_one_that_patch_can_apply(tmp_path):
    """Line ends that only Python knows, a file without an end of line, additions and removals."""
    old = [ONE, File("b.txt", "one\u2028two\nlast"), File("c.txt", "goes\n")]
    new = [File(ONE.path, "groups: [4]\n"), File("b.txt", "one\u2028two\nmore\n"), TWO]
    out = tmp_path / "out"
    write(files=old, folder=out)
    diff = "".join(one.unified() for one in compare(files=new, folder=out).changes)
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=out, check=True)
    assert compare(files=new, folder=out).is_empty


def test_a_folder_that_is_not_there_differs_in_everything(tmp_path):
    found = compare(files=[ONE], folder=tmp_path / "none")
    assert [one.path for one in found.changes] == [MANIFEST, ONE.path]
    assert not (tmp_path / "none").exists()
