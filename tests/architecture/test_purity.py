"""What import-linter cannot see: calls, imports of parts of a package, and ruff's banned names."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tree import PACKAGE, ROOT, contracts, sources

#: Calls that read something other than their arguments, or do something other than return.
CALLS = {
    "open", "print", "input", "exec", "eval", "__import__", "import_module",
    "now", "utcnow", "today", "monotonic", "perf_counter", "time_ns",
}  # fmt: skip
#: Parts of packages that import-linter sees only as a whole.
PURE_IMPORTS = {"urllib.request", "importlib", "django", "ctypes"}
DOMAIN_IMPORTS = {
    "django.http", "django.views", "django.urls", "django.shortcuts", "django.dispatch",
    "django.db.models.signals", "django.core.mail", "urllib.request", "http.client",
}  # fmt: skip


def faults(source: str, *, imports: set[str], calls: set[str] = frozenset()) -> Iterator[str]:
    """Yield what a module does that it must not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in calls:
                yield f"line {node.lineno}: calls {name}()"
        for name in imported(node):
            if any(name == banned or name.startswith(banned + ".") for banned in imports):
                yield f"line {node.lineno}: imports {name}"


def imported(node: ast.AST) -> list[str]:
    """Return the dotted names an import statement brings in."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def is_pure(path: Path) -> bool:
    """Return whether a module is one of those that decide without looking at the world."""
    package, *rest = path.relative_to(PACKAGE).with_suffix("").parts
    first = rest[0] if rest else ""
    return first in ("rules", "types", "ports") or (
        package == "core" and first in ("periods", "money")
    )


PURE = [path for path in sources() if is_pure(path)]
DOMAIN_PACKAGES = {name.removeprefix("andon.") for name in contracts()["edges"]["source_modules"]}
DOMAIN = [path for path in sources() if path.relative_to(PACKAGE).parts[0] in DOMAIN_PACKAGES]


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_decisions_look_at_nothing_but_their_arguments(path: Path) -> None:
    found = list(faults(path.read_text(encoding="utf-8"), imports=PURE_IMPORTS, calls=CALLS))
    assert found == []


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_domain_packages_know_no_web_and_no_signals(path: Path) -> None:
    # An operator's screen is a page of Django's own.
    allowed = {"django.http", "django.urls", "django.shortcuts"} if path.stem == "admin" else set()
    assert list(faults(path.read_text(encoding="utf-8"), imports=DOMAIN_IMPORTS - allowed)) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import datetime\nx = datetime.datetime.now()",
        "from datetime import date\nx = date.today()",
        "x = open('/etc/passwd').read()",
        "import urllib.request",
        "from urllib import request",
        "from django.utils import timezone",
        "import importlib\nx = importlib.import_module('os')",
        "x = __import__('os').environ",
    ],
)
def test_a_planted_impurity_is_found(planted: str) -> None:
    assert list(faults(planted, imports=PURE_IMPORTS, calls=CALLS))


@pytest.mark.parametrize(
    "planted",
    [
        "from django.http import HttpResponse",
        "from django import http",
        "import django.dispatch",
        "from django.db.models.signals import post_save",
        "from django.db.models import signals",
        "from django.core.mail import send_mail",
    ],
)
def test_a_planted_web_import_is_found(planted: str) -> None:
    assert list(faults(planted, imports=DOMAIN_IMPORTS))


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import UTC, datetime\n\nx = datetime.now(UTC)",
        "import datetime\n\nx = datetime.datetime.utcnow()",
        "from django.utils import timezone\n\nx = timezone.now()",
        "import time\n\nx = time.time()",
        "import uuid\n\nx = uuid.uuid4()",
        "from django.db.models.signals import post_save",
        "from django.db.models import signals",
        "from django.dispatch import receiver",
    ],
)
def test_ruff_refuses_a_banned_name(planted: str) -> None:
    assert "TID251" in ruff(planted)


def test_ruff_accepts_time_as_an_argument() -> None:
    assert "TID251" not in ruff("from andon.core import clock\n\nx = clock.now()")


def ruff(source: str) -> str:
    """Return what ruff says about a module of a domain package."""
    command = [
        str(Path(sys.executable).with_name("ruff")),
        "check",
        "--no-cache",
        "--select=TID251",
    ]
    command += ["--stdin-filename", "src/andon/paging/planted.py", "-"]
    return subprocess.run(
        command, cwd=ROOT, input=source, capture_output=True, text=True, check=False
    ).stdout


def test_the_clock_is_excused_from_the_ban_in_one_place() -> None:
    excused = [path for path in sources() if "noqa: TID251" in path.read_text(encoding="utf-8")]
    assert [name_of(path) for path in excused] == ["core/clock.py"]


#: Who sends to addresses, and so may ask a query for whole ones.
SENDERS = {"paging/actions/desk.py", "paging/actions/notices.py", "engine/watch.py"}


def asks_for_addresses(path: Path) -> bool:
    """Return whether a module asks a query for addresses that are not masked."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return any(
        getattr(call.func, "attr", "") in ("organisation", "contacts", "members")
        and any(keyword.arg == "whole" for keyword in call.keywords)
        for call in calls
    )


def test_only_who_sends_reads_whole_addresses() -> None:
    asking = {path for path in sources() if asks_for_addresses(path)}
    assert {str(path.relative_to(PACKAGE)) for path in asking} == SENDERS


#: What is said of tables is said by the package they belong to; these compose what it answers.
EDGES = ("web", "cli", "engine", "project", "integrations")


def asks_tables(source: str) -> bool:
    """Return whether a module asks tables itself: by a manager, or with parts of queries."""
    nodes = list(ast.walk(ast.parse(source)))
    parts = [one for one in nodes if isinstance(one, ast.ImportFrom)]
    return any(isinstance(one, ast.Attribute) and one.attr == "objects" for one in nodes) or any(
        (one.module or "").startswith("django.db.models") for one in parts
    )


def test_no_edge_asks_tables_itself() -> None:
    edges = [path for name in EDGES for path in (PACKAGE / name).rglob("*.py")]
    asking = [str(path.relative_to(PACKAGE)) for path in edges if asks_tables(path.read_text())]
    assert (len(edges) > 200, asking) == (True, [])


@pytest.mark.parametrize(
    "planted",
    ["from django.db.models import Q", "def f():\n    from django.db.models.functions import Lower",
     "Person.objects.update(name='x')", "rows = people.Person.objects"],
)  # fmt: skip
def test_a_planted_question_to_a_table_is_found(planted: str) -> None:
    assert asks_tables(planted)
