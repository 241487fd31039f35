"""Kinds of contact and of senders are known by name in their folders only."""

import ast
from collections.abc import Iterable
from pathlib import Path

from andon.alerts.types import KEY_KINDS
from andon.people.types import CONTACT_KINDS, EMAIL
from tests.support.tree import PACKAGE, sources

#: Where a kind is named outside its folder, and why.
NAMED = {
    ("cli/drill.py", "alertmanager"): "the drill is a sender: it posts as an Alertmanager does",
    ("cli/sample/replay.py", "alertmanager"): "the sample's alerts come as an Alertmanager's do",
    ("web/portal/reads/telemetry.py", "alertmanager"): "the program that routes, not a key for it",
}


def texts(paths: Iterable[Path], root: Path, names: set[str]) -> set[tuple[str, str]]:
    """Return which of some names stand as texts of their own in files, and where."""
    return {
        (path.relative_to(root).as_posix(), node.value)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
    }


def outside() -> list[Path]:
    """Return the files that may know no kind: migrations tell of the past."""
    return [
        path
        for path in sources()
        if "migrations" not in path.parts and not path.is_relative_to(PACKAGE / "integrations")
    ]


def test_no_kind_is_named_outside_its_folder_without_a_reason() -> None:
    # Mail is a field of people and teams as well, whose name is the same.
    names = {*CONTACT_KINDS.names(), *KEY_KINDS.names()} - {EMAIL}
    assert len(names) >= 5
    assert texts(outside(), PACKAGE, names) == set(NAMED)


def test_a_planted_name_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text('LOUD = {"ntfy": 16}\n"""About ntfy."""\n', encoding="utf-8")
    assert texts([planted], tmp_path, {"ntfy"}) == {("planted.py", "ntfy")}
