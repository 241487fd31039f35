"""Every problem of a folder at once, each with its file, its line and its rule."""

import re
from collections import Counter
from pathlib import Path

import pytest

from andon.catalogue.rules.documents import check
from andon.catalogue.rules.documents.rulebook import RULES
from andon.core.documents import source
from andon.core.documents.problems import Gravity
from andon.core.documents.source import read_folder

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BROKEN = HERE / "broken"
EXAMPLE = ROOT / "examples" / "fruits-r-us"
PACKAGE = ROOT / "src" / "andon"
READERS = (PACKAGE / "catalogue" / "rules" / "documents", PACKAGE / "core" / "documents")
TARGETS = PACKAGE / "catalogue" / "types" / "forms.py"


def marked() -> Counter:
    found: Counter = Counter()
    for path in BROKEN.rglob("*.y*ml"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for rule in line.partition("#!")[2].split():
                found[path.relative_to(BROKEN).as_posix(), number, rule] += 1
    return found


def test_every_marked_line_of_the_broken_folder_is_reported_and_no_other():
    found = Counter(
        (one.file, one.line, one.rule) for one in check.check_folder(read_folder(BROKEN)).problems
    )
    wanted = marked()
    assert found - wanted == Counter(), "reported, but not marked"
    assert wanted - found == Counter(), "marked, but not reported"


def test_the_example_has_no_problem():
    assert check.check_folder(read_folder(EXAMPLE)).problems == ()


def test_every_problem_says_what_to_do():
    for one in check.check_folder(read_folder(BROKEN)).problems:
        assert one.fix.endswith((".", "?", '"', "]", ":", "`")) or ": " in one.fix, one
        assert one.message


def test_the_rulebook_holds_the_rules_in_the_code_and_the_page_explains_them():
    read = [path for folder in READERS for path in folder.rglob("*.py")]
    code = "".join(path.read_text() for path in [*read, TARGETS])
    used = set(
        re.findall(r'(?:refuse|warn|Problem|Unread|_note)\(\s*(?:entity, )?"([a-z-]+)"', code)
    )
    used |= set(re.findall(r'\bForm\("([a-z-]+)",', code))
    assert used == set(RULES)
    page = (ROOT / "docs" / "catalogue.md").read_text()
    assert [rule for rule in RULES if f"`{rule}`" not in page] == []


SMALL = """
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: t}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: u}
spec: {memberOf: [t], profile: {email: u@x.example}}
---
apiVersion: andon.dev/v1
kind: Rota
metadata: {name: incident-managers}
spec: {team: t, participants: [u], rotation: {startsOn: 2026-01-05}}
"""
ORGANISATION = (EXAMPLE / "organisation.yaml").read_text().rstrip()


def test_small_rotas_are_a_warning_unless_the_organisation_says_error():
    for extra, gravity in (("", Gravity.WARNING), ("\n  smallRotas: error", Gravity.ERROR)):
        documents, _ = source.read_text(ORGANISATION + extra + SMALL, file="f.yaml")
        found = check.check_documents(documents).problems
        assert [(one.rule, one.gravity) for one in found] == [("rota-small", gravity)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("17:00", "17:00"),
        ("2026-01-05", "2026-01-05"),
        ("true", True),
        ("~", None),
        ("12", 12),
        ("-1.5", -1.5),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("1_000", "1_000"),
    ],
)
def test_plain_values_are_read_by_yaml_1_2(written, read):
    documents, problems = source.read_text(f"key: {written}", file="f.yaml")
    assert problems == []
    assert documents[0].data == {"key": read}


def test_aliases_that_grow_without_end_are_refused():
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    documents, problems = source.read_text("\n".join(layers), file="f.yaml")
    assert documents == []
    assert [one.rule for one in problems] == ["yaml"]


def test_a_file_that_is_not_text_is_a_problem_of_its_own(tmp_path):
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\xfa")
    (tmp_path / "good.yaml").write_text((EXAMPLE / "organisation.yaml").read_text())
    problems = check.check_folder(read_folder(tmp_path)).problems
    assert ("bad.yaml", "yaml") in [(one.file, one.rule) for one in problems]


def test_names_become_addresses_and_dots_and_namespaces_stay_findable():
    text = (
        ORGANISATION
        + """
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: t}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: Web.Shop, namespace: eu, annotations: {andon.dev/availability-target: "99.0"}}
spec: {type: service, lifecycle: production, owner: group:default/t}
"""
    )
    documents, _ = source.read_text(text, file="f.yaml")
    catalogue = check.check_documents(documents).catalogue
    assert catalogue is not None
    assert catalogue.services["eu-web-shop"].aliases == ("web.shop",)


def test_libraries_are_not_services():
    text = (
        (EXAMPLE / "organisation.yaml").read_text()
        + """
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: lib}
spec: {type: library, lifecycle: production, owner: t}
"""
    )
    documents, _ = source.read_text(text, file="f.yaml")
    catalogue = check.check_documents(documents).catalogue
    assert catalogue is not None
    assert catalogue.services == {}


def test_a_text_that_does_not_fit_its_column_is_refused_before_the_database_does():
    text = ORGANISATION.replace("title: Fruits R Us", f"title: {'x' * 201}")
    nul = ORGANISATION.replace("title: Fruits R Us", 'title: "a\\0b"')
    for one in (text, nul):
        assert one != ORGANISATION
        documents, _ = source.read_text(one, file="f.yaml")
        assert "too-long" in [p.rule for p in check.check_documents(documents).errors]
