"""Whatever a folder holds, the check ends with problems: no exception, and no dead interpreter."""

import json
import random

import pytest

from andon.core.documents.source import read_text
from andon.slo.rules.documents import check_documents
from tests.rules.catalogue.test_robustness import EXAMPLE, checked

FILES = sorted(EXAMPLE.rglob("*.yaml"))


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
