"""Whatever a folder holds, the check ends with problems: no exception, and no dead interpreter.

The bytes that could end the interpreter are checked in a process of their own.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from andon.core.documents.source import MOST_DEPTH, read_text
from andon.slo.documents import check_documents, check_folder

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "fruits-r-us"
FILES = sorted(EXAMPLE.rglob("*.yaml"))
DEEP = 30_000

#: Prints, for each folder named, how many problems it has.
CHECK = """
import json, sys
from pathlib import Path
from andon.integrations import gathering
from andon.slo.documents import check_folder
gathering.gather()
for folder in sys.argv[1:]:
    problems = check_folder(Path(folder)).problems
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


def damaged(text: bytes, chance: random.Random) -> bytes:
    """Return the bytes of a file with a few of them changed, doubled, moved or gone."""
    data = bytearray(text)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(data) + 1), chance.randint(1, 40)
        kind = chance.randrange(5)
        if kind == 0:
            del data[at : at + length]
        elif kind == 1:
            data[at:at] = bytes(chance.randrange(256) for _ in range(length))
        elif kind == 2:
            data[at:at] = data[at : at + length] * chance.randint(2, 60)
        elif kind == 3:
            data[at:at] = chance.choice((b"[", b"{", b"- ", b"? ", b"&a ", b"*a", b"!x ", b"\t"))
        else:
            data[at : at + length] = chance.choice((b"", b"\n", b": ", b"'", b"\xff", b"\x00"))
    return bytes(data)


@pytest.mark.parametrize("seed", range(3))
def test_a_folder_of_damaged_bytes_is_checked_to_the_end(tmp_path, seed):
    chance = random.Random(seed)
    folders = []
    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        for path in chance.sample(FILES, min(5, len(FILES))):
            (folder / path.name).write_bytes(damaged(path.read_bytes(), chance))
        (folder / "noise.yaml").write_bytes(chance.randbytes(chance.randint(0, 400)))
        folders.append(folder)
    assert len(checked(folders)) == len(folders)


#: What no schema of values would think of, in each place of the example in turn.
EXTREMES = (
    10**20, -(10**20), 10**299, 2**31, 2**63, 1e300, float("inf"), float("nan"), "9" * 5_000,
    "P999999999D", "P9999999999999999999W", "0001-01-01", "9999-12-31", "2026-W53-7",
    "GBP " + "9" * 40, "GBP 9999999999999999999", "9e999999", "1e-999999", "9" * 40 + "%",
    "GB-" + "X" * 5_000, "../" * 2_000, "Europe/", "/", "\u202e", "http://[", "http://a:99999999/",
    "a@b", "@", ":/", "component:", "user:default/" + "x" * 300, "mon-sun 00:00-24:00=" + "9" * 30,
    "01-01/01-01=9", "$window", "sum(" * 300, "{{" * 300, 'x{a=~"("}', "x <= 1e999999",
    "1e999999999999999999", "Inf", {"a": {"b": {}}}, [[[]]], [{}], [None], {}, None, True, "\ud7ff",
)  # fmt: skip


def places(value: object, at: tuple = ()) -> list[tuple]:
    children = value.items() if isinstance(value, dict) else ()
    children = enumerate(value) if isinstance(value, list) else children
    inner = [path for key, one in children for path in places(one, (*at, key))]
    return [at, *inner] if at else inner


def with_value(value: object, path: tuple, new: object) -> object:
    if not path:
        return new
    key, *rest = path
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[key] = with_value(changed[key], tuple(rest), new)
    return changed


@pytest.mark.parametrize(
    "file", ["organisation.yaml", "shopping/checkout.yaml", "shopping/objectives.yaml"]
)
def test_no_value_in_any_place_of_the_example_ends_the_check(file):
    chance = random.Random(file)
    others = [
        document
        for path in FILES
        if path != EXAMPLE / file
        for document in read_text(path.read_bytes(), file=path.name)[0]
    ][:12]
    documents, _ = read_text((EXAMPLE / file).read_bytes(), file=file)
    for number, document in enumerate(documents):
        for path in places(document.data):
            for new in chance.sample(EXTREMES, 4):
                text = json.dumps(with_value(document.data, path, new))
                broken, problems = read_text(text, file=file)
                rest = [one for at, one in enumerate(documents) if at != number]
                found = check_documents([*broken, *rest, *others], problems).problems
                assert all(one.line >= 1 and one.fix for one in found), (path, new)


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
    checked = check_folder(tmp_path)
    assert checked.catalogue is not None
    assert [(one.file, one.rule) for one in checked.errors if one.rule == "yaml"] == [
        ("secret.yaml", "yaml")
    ]


def test_names_of_files_that_are_no_text_can_be_printed(tmp_path):
    folder = tmp_path / os.fsdecode(b"th\xe9")
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9.yaml")).write_text("x: [")
    found = {one.rule: one.file for one in check_folder(folder).problems}
    assert found["yaml"] == "caf\\udce9.yaml"
    assert found["organisation-once"] == f"{tmp_path}/th\\udce9"
