"""One name, one thing: no class name stands twice in `src` without a reason."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.tree import PACKAGE, sources

#: Names that may stand several times, each with its reason. A table and its value in one package
#: need no entry: models are private, so that outside there is only the value (decision 28).
SHARED = {
    "Command": "Django finds the commands of manage.py by this name",
    "Rota": "a table of the catalogue, which stays inside, and what oncall makes of its rows",
}


def classes(paths: Iterable[Path], root: Path) -> dict[str, list[str]]:
    """Return where each public class name is defined, as paths from the root."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(root).as_posix())
    return found


def is_table_and_value(places: list[str]) -> bool:
    """Return whether a name is a table and the value read from it, in one package."""
    rooms = sorted(Path(place).with_suffix("").parts[:2] for place in places)
    packages = {package for package, _ in rooms}
    return len(packages) == 1 and [room for _, room in rooms] == ["models", "types"]


def doubled(found: dict[str, list[str]]) -> set[str]:
    """Return the names that stand more than once and are not a table and its value."""
    return {
        name for name, places in found.items() if len(places) > 1 and not is_table_and_value(places)
    }


def test_no_class_name_stands_twice_without_a_reason() -> None:
    assert doubled(classes(sources(), PACKAGE)) == SHARED.keys()


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (["shop/models.py", "shop/types.py"], set()),
        (["shop/models/sales.py", "shop/types/sales.py"], set()),
        (["shop/models.py", "shop/models.py"], {"Sale"}),
        (["shop/models.py", "shop/queries.py"], {"Sale"}),
        (["shop/models.py", "market/types.py"], {"Sale"}),
        (["shop/models.py", "shop/types.py", "market/types.py"], {"Sale"}),
        (["shop/rules/one.py"], set()),
    ],
)
def test_a_planted_second_class_is_found(
    tmp_path: Path, planted: list[str], found: set[str]
) -> None:
    for place in planted:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as source:
            source.write("class Sale: ...\nclass _Own: ...\n")
    paths = sorted({tmp_path / place for place in planted})
    assert doubled(classes(paths, tmp_path)) == found


def test_every_shared_name_says_why() -> None:
    assert all(len(why) > 10 for why in SHARED.values())
