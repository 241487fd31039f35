"""Whatever a folder holds, the check ends with problems: no exception, and no dead interpreter.

The bytes that could end the interpreter are checked in a process of their own.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from andon.core.documents.source import MOST_DEPTH, read_folder, read_text
from andon.slo.rules.documents import check_documents, check_folder

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "fruits-r-us"
DEEP = 30_000

#: Prints, for each folder named, how many problems it has.
CHECK = """
import json, sys
from pathlib import Path
from andon.core.documents.source import read_folder
from andon.integrations import gathering
from andon.slo.rules.documents import check_folder
gathering.gather()
for folder in sys.argv[1:]:
    problems = check_folder(read_folder(Path(folder))).problems
    for one in problems:
        assert one.line >= 1 and one.message and one.fix, one
    print(len(problems), sorted({one.rule for one in problems}), flush=True)
"""

NESTED = {
    "brackets": "[" * DEEP,
    "brackets that are closed": "[" * DEEP + "]" * DEEP,
    "braces": "{a: " * DEEP,
    "dashes": "- " * DEEP,
    "question marks": "? " * DEEP,
    "brackets among annotations": "metadata: {annotations: " + "[" * DEEP,
    "an alias of itself": "&a [*a]",
    "a key that is a list": "? " + "[" * DEEP + "\n: x",
}


def checked(folders: list[Path]) -> list[str]:
    """Return one line per folder, from a process of its own. Raises when the process dies."""
    command = [sys.executable, "-W", "error", "-c", CHECK, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout.splitlines()


def test_nesting_without_end_is_a_problem_and_not_the_end_of_the_interpreter(tmp_path):
    folders = []
    for number, text in enumerate(NESTED.values()):
        for suffix, more in ((".yaml", ""), (".json", "# openslo\n")):
            folder = tmp_path / f"{number}{suffix}"
            folder.mkdir()
            (folder / f"x{suffix}").write_text(more + text)
            folders.append(folder)
    found = checked(folders)
    assert found == ["2 ['organisation-once', 'yaml']"] * len(folders)


@pytest.mark.parametrize("opens", ["[", "{a: "])
def test_nesting_that_people_write_is_read(opens):
    shut = {"[": "]", "{a: ": "}"}[opens]
    for depth, problems in ((MOST_DEPTH, 0), (MOST_DEPTH + 2, 1)):
        text = opens * depth + "x" + shut * depth
        assert len(read_text(text, file="f.yaml")[1]) == problems


ORGANISATION = (EXAMPLE / "organisation.yaml").read_text()
ROTA = """---
apiVersion: andon.dev/v1
kind: Rota
metadata: {name: incident-managers}
spec: {team: t, participants: [u], rotation: {startsOn: 2026-01-05, every: 1}}
"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("every: 1", "every: 99999999999999999999", "type"),
        ("every: 1", f"every: {2**31 - 1}", "rotation"),
        ("every: 1", "unit: hour, every: 1345", "rotation"),
        ("2026-01-05", "0001-01-01", "date"),
        ("2026-01-05", "9999-12-31", "date"),
        ("retirementGrace: P90D", "retirementGrace: P999999999D", "duration"),
        ("GBP 60", f"GBP {'9' * 40}", "money"),
        ("currency: GBP", "currency: GBP\n  planning: {sigma: 9e999999}", "number"),
    ],
)
def test_what_no_calendar_and_no_ledger_can_hold_is_refused_where_it_stands(old, new, rule):
    text = f"{ORGANISATION}{ROTA}"
    assert old in text
    documents, problems = read_text(text.replace(old, new, 1), file="f.yaml")
    before = check_documents(*read_text(text, file="f.yaml")).problems
    found = {one.rule for one in check_documents(documents, problems).problems}
    assert rule in found - {one.rule for one in before}


def test_a_file_that_may_not_be_read_is_a_problem_and_the_others_are_checked(tmp_path, monkeypatch):
    (tmp_path / "organisation.yaml").write_text(ORGANISATION)
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    (tmp_path / "secret.yaml").write_text(ROTA)
    # Superusers may read everything, so permissions alone would not refuse them.
    opened = Path.read_bytes

    def refused(path):
        if path.name == "secret.yaml":
            raise PermissionError(13, "Permission denied")
        return opened(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    checked = check_folder(read_folder(tmp_path))
    assert checked.catalogue is not None
    assert [(one.file, one.rule) for one in checked.errors if one.rule == "yaml"] == [
        ("secret.yaml", "yaml")
    ]


def test_names_of_files_that_are_no_text_can_be_printed(tmp_path):
    folder = tmp_path / os.fsdecode(b"th\xe9")
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9.yaml")).write_text("x: [")
    found = {one.rule: one.file for one in check_folder(read_folder(folder)).problems}
    assert found["yaml"] == "caf\\udce9.yaml"
    assert found["organisation-once"] == f"{tmp_path}/th\\udce9"
