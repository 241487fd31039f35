"""Money for people has one form: `str(amount)`. Pennies are for workings, files and programs."""

import re
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src" / "andon"
#: Where every penny is wanted, and why.
EXACT = {
    "core/money.py": "defines it",
    "core/wire.py": "JSON",
    "catalogue/actions/declared.py": "what is stored is compared with what is declared",
    "catalogue/actions/standing.py": "and the other way round",
    "costing/rules/callout.py": "working of a posting",
    "costing/rules/standby.py": "working of a posting",
    "costing/rules/ledger.py": "working of a posting",
    "costing/queries/drafting.py": "working of a posting",
    "costing/models.py": "lines of the ledger, for operators",
    "planning/rules/comparison.py": "working",
    "planning/rules/cover.py": "working",
    "planning/rules/premium.py": "working",
    "planning/rules/whatif.py": "working, and what is declared otherwise to the penny",
    "planning/rules/optimise/optimiser.py": "working",
    "cli/costs.py": "what a person is paid",
    "cli/costs_shown.py": "lines of the ledger",
    "cli/drill.py": "working of a callout",
    "web/portal/templates/portal/ledger_table.html": "lines of the ledger",
    "web/portal/templates/portal/pay.html": "what a person is paid",
    "web/portal/templates/portal/payroll.html": "what a person is paid",
    "web/portal/templates/portal/incident.html": "lines of a callout's bill",
}
#: `.exact` of an amount; a module and a search of the optimiser are called so too.
PENNIES = re.compile(r"(?<!rules)\.exact\b")
OTHERS = ("planning/rules/optimise/budget.py", "planning/rules/optimise/component.py")
#: Ways to write money past it: a format of an amount, a division into pounds, a sign.
OTHERWISE = re.compile(
    r"\.amount:[^}]*[.,]|\.minor\s*/\s*100\b|intcomma|floatformat|\.currency\}\s*\{"
)


def files():
    found = [path for end in ("*.py", "*.html") for path in SRC.rglob(end)]
    return {str(path.relative_to(SRC)): path.read_text() for path in found}


def test_pennies_are_shown_only_where_they_are_wanted():
    found = {path for path, text in files().items() if PENNIES.search(text)}
    assert found - set(OTHERS) == set(EXACT)


def test_nobody_formats_money_in_another_way():
    found = {path: OTHERWISE.findall(text) for path, text in files().items()}
    found.pop("core/money.py")
    assert {path: ways for path, ways in found.items() if ways} == {}


def test_no_sign_of_a_currency_is_written_out():
    signs = {path for path, text in files().items() if re.search("[\u00a3\u20ac]", text)}
    assert signs == {"core/documents/slips.py"}, "it reads what people write by mistake"
