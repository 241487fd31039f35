"""Whoever counts incidents starts from `incidents.queries.real`, which leaves out exercises."""

import ast
import re
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src" / "andon"
#: Who may read incidents of every kind, and what for.
EVERY = {
    "costing/queries/callouts.py": "one incident's bill, which says why an exercise is not paid",
}
#: Whose sums may hold exercises: those that the organisation pays.
OF_KINDS = {"costing/queries/responders.py": "paid_kinds(pay="}
#: Who lists incidents: of which kind, or why of every kind.
LISTS = {
    "costing/queries/protection.py": "list_active(kind=AlertKind.INCIDENT)",
    "web/portal/reads/budgets.py": "list_incidents(kind=AlertKind.INCIDENT",
    "web/api/services.py": 'state="active", kind=AlertKind.INCIDENT',
    # Lists that show a badge; what they add up is of those that are real.
    "web/portal/reads/fires.py": "kind.is_real",
    "web/portal/reads/own.py": "fires.fire(",
    "web/portal/views/incidents.py": "fires.fire(",
    "web/api/incidents.py": "kind: AlertKind = Field(",
}
#: Who counts pages beside the packages that own their life, and how exercises are left out.
PAGES = {"costing/queries/load.py": "kinds = rules.paid_kinds(pay=pay)"}
#: Who shows pages in the portal, and which badge each has; the API's has a field of its own.
SHOWN_PAGES = {
    "home.html": "{% kind page.kind %}",
    "own.html": "{% kind page.kind %}",
}


def sources():
    return {str(path.relative_to(SRC)): path.read_text() for path in SRC.rglob("*.py")}


def callers(pattern, but=()):
    return {
        path
        for path, text in sources().items()
        if re.search(pattern, text) and not path.startswith(tuple(but))
    }


def test_incidents_are_counted_through_the_one_query():
    assert callers(r"\bIncident\.objects\b", but=["incidents/"]) == set()
    assert callers(r"\bIncident\.objects\b") <= {
        "incidents/queries/finding.py",
        "incidents/queries/responses.py",
        "incidents/actions/acts.py",
        "incidents/actions/bulk.py",
        "incidents/actions/follow.py",
    }
    assert callers(r"\b(?:incidents|queries)\.(?:every|list_keyed)\(") == set(EVERY)
    found = callers(r"\bincidents\.(?:of_kinds|list_restored)\(")
    assert found == set(OF_KINDS)
    assert all(OF_KINDS[path] in sources()[path] for path in found)
    assert callers(r"\bincidents\.real\(") == {
        "planning/queries/live.py",
        "planning/queries/remembered.py",
    }


def test_lists_of_incidents_leave_out_exercises_or_mark_them():
    lists = r"list_(?:active|incidents|own_active|to_close)|rows_of_incidents"
    found = callers(rf"\b(?:incidents|queries)\.(?:{lists})\(", but=["incidents/"])
    assert found == set(LISTS)
    assert all(LISTS[path] in sources()[path] for path in found)


def test_pages_are_counted_by_their_kind():
    assert callers(r"\bPage\.objects\b", but=["paging/"]) == set()
    found = callers(r"\bpaging\.list_taken_out_of_hours\(")
    assert found == set(PAGES)
    assert all(PAGES[path] in sources()[path] for path in found)


def test_pages_are_shown_with_their_kind():
    portal = SRC / "web" / "portal" / "templates" / "portal"
    found = {
        path.name: len(re.findall(r"{{ page\.summary", path.read_text()))
        for path in portal.glob("*.html")
    }
    shown = {name: count for name, count in found.items() if count}
    assert set(shown) == set(SHOWN_PAGES)
    for name, count in shown.items():
        assert (portal / name).read_text().count(SHOWN_PAGES[name]) == count
    assert "kind: AlertKind = Field(" in sources()["web/api/pages.py"]


def test_the_one_query_asks_for_the_kind():
    text = sources()["incidents/queries/finding.py"]
    [real] = [
        one
        for one in ast.parse(text).body
        if isinstance(one, ast.FunctionDef) and one.name == "real"
    ]
    assert "AlertKind.INCIDENT" in ast.unparse(real)
