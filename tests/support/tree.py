"""The project's own tree, for tests that read it."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "andon"
DOCS = ROOT / "docs"


def pyproject() -> dict[str, Any]:
    """Return what pyproject.toml says."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def contracts() -> dict[str, dict[str, Any]]:
    """Return the import contracts by id."""
    return {each["id"]: each for each in pyproject()["tool"]["importlinter"]["contracts"]}


def layers() -> list[set[str]]:
    """Return the layers of packages, topmost first; siblings stand in one set."""
    return [
        {name.strip(" ()") for name in line.split("|")} for line in contracts()["layers"]["layers"]
    ]


def packages() -> set[str]:
    """Return the packages of Andon that are there."""
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def sources() -> list[Path]:
    """Return every module that people write, so without migrations."""
    return sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
