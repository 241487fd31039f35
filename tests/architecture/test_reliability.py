"""The page about reliability and the tests it names agree."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
ROW = re.compile(r"^\| (R-\d\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
#: Failures that the table must not forget: all that are known, by their numbers.
NUMBERS = (
    *range(1, 24), *range(30, 43), *range(50, 61), *range(70, 90),
)  # fmt: skip


def known_tests() -> set[str]:
    """Return the names of all tests, without running any."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
    return found


def rows() -> dict[str, str]:
    """Return what shows that each failure is kept away, by its number."""
    return {row[0]: row[3] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def test_every_failure_stands_in_the_table_once() -> None:
    found = [row[0] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    assert found == [f"R-{number:02}" for number in NUMBERS]


def test_every_test_that_the_table_names_exists() -> None:
    known = known_tests()
    named = {name: row for row, cell in rows().items() for name in re.findall(r"`(\w+)`", cell)}
    assert {name: row for name, row in named.items() if name not in known} == {}


def test_every_row_names_a_test_or_what_it_comes_with() -> None:
    empty = [row for row, cell in rows().items() if not re.search(r"`test_|^comes with ", cell)]
    assert empty == []


def test_every_numbered_test_stands_in_its_row() -> None:
    table = rows()
    for name in known_tests():
        for number in re.findall(r"(?<=_)r(\d\d)(?=_)", name):
            assert f"`{name}`" in table.get(f"R-{number}", ""), name
