"""Sizes, pages, links, settings and the lock: what people trust to be in step."""

import ast
import os
import re
from pathlib import Path

import pytest

from tests.support.tree import DOCS, PACKAGE, ROOT, packages, pyproject, sources

#: Which pages explain a package. A package without an entry is explained by the page of its name.
PAGES = {
    "people": ["catalogue"],
    "alerts": ["intake"],
    "budgets": ["slo"],
    "paging": ["paging", "delivery"],
    "integrations": ["integrations"],
    "web": ["intake", "api", "portal"],
    "cli": ["commands"],
    "project": ["configuration"],
}
MARKDOWN = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *PACKAGE.rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("package", sorted(packages()))
def test_every_package_has_its_page(package: str) -> None:
    for page in PAGES.get(package, [package]):
        assert (DOCS / f"{page}.md").is_file(), f"docs/{page}.md is not there"


@pytest.mark.parametrize("package", sorted(packages()))
def test_every_package_says_what_it_owns_and_nothing_else(package: str) -> None:
    module = ast.parse((PACKAGE / package / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(module)
    assert len(module.body) == 1, "a package's __init__ holds one docstring; code has its own file"


def test_the_index_leads_to_every_page() -> None:
    linked = set(links(DOCS / "README.md"))
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert pages - linked == set()


def test_the_decisions_are_numbered_and_listed() -> None:
    records = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert [name[:4] for name in records] == [f"{n:04d}" for n in range(len(records))]
    listed = set(links(DOCS / "decisions" / "README.md"))
    assert set(records) - listed == set()


def links(path: Path) -> list[str]:
    """Return the targets of a page's links, without those inside code."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [first or second for first, second in LINK.findall(text)]


def anchors(path: Path) -> set[str]:
    """Return the anchors a page offers, as code forges make them from headings."""
    found = set()
    for heading in re.findall(r"(?m)^#+ +(.+?) *$", path.read_text(encoding="utf-8")):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
        found.add(plain.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", MARKDOWN, ids=name_of)
def test_every_local_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file) if file else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


ENVIRONMENT = (PACKAGE / "project" / "environment.py").read_text(encoding="utf-8")
KNOWN = set(re.findall(r'environ(?:\.get\(|, )"(ANDON_\w+)"', ENVIRONMENT))
#: For developers only, so not among the settings of an installation.
DEVELOPERS = {
    "ANDON_TEST_DATABASE_URL",
    "ANDON_TEST_DATE",
    "ANDON_SCREENSHOTS",
    "ANDON_BROWSER_MATRIX",
}


def test_every_environment_variable_is_documented_and_every_documented_one_exists() -> None:
    documented = re.findall(
        r"^\| `(ANDON_\w+)`", (DOCS / "configuration.md").read_text(), re.MULTILINE
    )
    assert sorted(documented) == sorted(KNOWN)


@pytest.mark.parametrize("page", MARKDOWN, ids=name_of)
def test_no_page_names_a_variable_that_does_not_exist(page: Path) -> None:
    named = set(re.findall(r"\bANDON_[A-Z][A-Z_]+\b", page.read_text(encoding="utf-8")))
    assert named - KNOWN - DEVELOPERS == set()


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_the_environment_is_read_in_one_place(path: Path) -> None:
    if path == PACKAGE / "project" / "environment.py":
        return
    text = path.read_text(encoding="utf-8")
    read = re.findall(r"environ(?:\.get\(|\[)[\"'](ANDON_\w+)[\"'][\])](?!\s*=[^=])", text)
    assert read == []


def test_the_lock_holds_every_declared_dependency() -> None:
    project = pyproject()["project"]
    extras = project["optional-dependencies"].values()
    declared = [*project["dependencies"], *(each for extra in extras for each in extra)]
    names = {normal(re.match(r"[\w.-]+", each)[0]) for each in declared}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {normal(name) for name in re.findall(r"(?m)^([\w.-]+)==", lock)}
    assert names - locked == set()


def test_the_lock_has_a_hash_for_everything_and_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=[\w.-]+==)", lock)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)
    assert "://" not in lock


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_an_old_python_can_read_the_bootstrap() -> None:
    ast.parse((ROOT / "scripts" / "bootstrap.py").read_text("utf-8"), feature_version=(3, 8))


def test_ci_runs_what_the_readme_tells_people_to_run() -> None:
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
