"""The import contracts hold, and each of them bites when somebody breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tree import PACKAGE, ROOT, contracts, packages

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the copy of the package in a folder."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its contracts, to plant violations in."""
    ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
    shutil.copytree(PACKAGE, tmp_path / "src" / "andon", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_keeps_every_contract(copy: Path) -> None:
    result = lint_imports(copy)
    assert result.returncode == 0, result.stdout + result.stderr


PLANTS = [
    ("layers", "core/clock.py", "import andon.people.types"),
    ("layers", "paging/types.py", "import andon.incidents.types"),
    ("layers", "alerts/types.py", "import andon.oncall.types"),
    ("layers", "engine/__init__.py", "import andon.web"),
    ("layers", "gadgets/__init__.py", ""),
    ("shape", "paging/types.py", "import andon.paging.rules"),
    ("shape", "incidents/models.py", "import andon.incidents.queries"),
    ("shape", "paging/rules/planted.py", "import andon.paging.ports"),
    ("shape", "oncall/helpers.py", ""),
    ("pure", "oncall/rules/planted.py", "import random"),
    ("pure", "oncall/rules/planted.py", "import holidays"),
    ("pure", "catalogue/types.py", "from django.conf import settings"),
    ("pure", "paging/ports.py", "import os"),
    ("pure", "core/periods.py", "import time"),
    ("pure", "core/money.py", "import httpx2"),
    ("pure", "alerts/types.py", "import andon.core.ids"),
    ("edges", "incidents/models.py", "import httpx2"),
    ("edges", "paging/models.py", "from twilio import rest"),
    ("edges", "core/audit.py", "import socket"),
    ("web", "web/hooks/__init__.py", "import andon.web.api"),
    ("web", "web/portal/__init__.py", "import andon.web.hooks"),
    ("integrations", "integrations/generic/__init__.py", "import andon.integrations.pagerduty"),
    ("integrations", "integrations/gizmo/__init__.py", "import andon.integrations.generic"),
    ("integrations", "integrations/egress/text.py", "import andon.integrations.ntfy"),
    ("doors", "web/hooks/planted.py", "from andon.alerts import models"),
    ("doors", "costing/queries/planted.py", "from andon.oncall.models import Override"),
    ("doors", "planning/rules/planted.py", "from andon.oncall import ical"),
    ("doors", "paging/models.py", "from andon.people import admin"),
    ("doors", "incidents/rules/planted.py", "def f(): import andon.alerts.pantry"),
    ("cycles", "core/clock.py", "import andon.core.ids\nimport andon.core.periods"),
]


@pytest.mark.parametrize(("contract", "file", "line"), PLANTS)
def test_a_planted_violation_breaks_the_contract(
    copy: Path, contract: str, file: str, line: str
) -> None:
    planted = copy / "src" / "andon" / file
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    if "pantry" in line:  # a room nobody has heard of is shut
        (copy / "src" / "andon" / "alerts" / "pantry.py").touch()
    if contract == "cycles":
        other = copy / "src" / "andon" / "core" / "ids.py"
        other.write_text(other.read_text(encoding="utf-8") + "\nimport andon.core.clock\n", "utf-8")

    result = lint_imports(copy)

    assert result.returncode != 0
    assert f"{contracts()[contract]['name']} BROKEN" in result.stdout, result.stdout + result.stderr
    report = result.stdout.partition("Broken contracts")[2]
    module = "andon." + file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert module in report or contract == "cycles", report


def test_an_exception_to_the_doors_that_nothing_needs_is_an_error(copy: Path) -> None:
    project = copy / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    head, found, tail = text.partition('id = "doors"')
    assert found
    needless = "andon.people.rules -> andon.people.actions"
    listed = tail.replace("ignore_imports = [", f'ignore_imports = ["{needless}",', 1)
    project.write_text(head + found + listed, encoding="utf-8")

    result = lint_imports(copy)

    assert result.returncode != 0
    assert needless in result.stdout + result.stderr


def test_no_import_goes_round_the_doors() -> None:
    assert contracts()["doors"]["ignore_imports"] == []


def test_every_contract_has_a_plant() -> None:
    assert set(contracts()) == {contract for contract, _, _ in PLANTS}


def test_every_domain_package_is_under_the_contracts_for_domain_packages() -> None:
    edges = {"integrations", "engine", "web", "cli", "project"}
    domain = packages() - edges
    assert set(contracts()["shape"]["containers"]) == {
        f"andon.{name}" for name in domain - {"core"}
    }
    assert contracts()["doors"]["packages"] == contracts()["shape"]["containers"]
    assert set(contracts()["edges"]["source_modules"]) == {f"andon.{name}" for name in domain}
