"""Calendars of bank holidays are checked where they are declared."""

import subprocess
import sys
from pathlib import Path

import pytest

from andon.catalogue.rules.documents import check
from andon.core.calendars import UnableToFindHolidays, bank_holidays
from andon.core.documents import source
from andon.core.documents.problems import Gravity

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
ORGANISATION = (EXAMPLE / "organisation.yaml").read_text()
GROUP = """
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: t}
spec: {type: team, children: [], workingHours: {bankHolidays: CODE}}
"""


def found(text):
    documents, problems = source.read_text(text, file="f.yaml")
    return [
        one
        for one in check.check_documents(documents, problems).problems
        if one.rule == "bank-holidays"
    ]


def organisation(code):
    assert "bankHolidays: GB-ENG" in ORGANISATION
    return ORGANISATION.replace("bankHolidays: GB-ENG", f'bankHolidays: "{code}"')


@pytest.mark.parametrize("code", ["GB-ENG", "GB-SCT", "UK-ENG", "DE-BY", "NL", "NO", ""])
def test_calendars_that_leave_no_day_out_pass(code):
    assert found(organisation(code)) == []


@pytest.mark.parametrize(
    ("code", "near"),
    [
        ("ENG", "`GB-ENG`?"),
        ("GB_ENG", "`GB-ENG`?"),
        ("gb-eng", "`GB-ENG`?"),
        ("England", "`GB-ENG`?"),
        ("GB-England", "`GB-ENG`?"),
        ("GB-ENGL", "`GB-ENG`?"),
        ("Bayern", "`DE-BY`?"),
        ("United Kingdom", "`GB`? With its part, regional days count too: GB-ENG, GB-NIR, GB-"),
        ("Untied Kingdom", "`GB`?"),
        ("Netherlands", "`NL`?"),
        ("GB-", "`GB`?"),
        ("XX", "Write a country by its code"),
        ("X" * 5_000, "Write a country by its code"),
        ("__class__", "Write a country by its code"),
    ],
)
def test_a_calendar_nobody_has_is_an_error_with_the_nearest_code(code, near):
    (one,) = found(organisation(code))
    assert one.gravity is Gravity.ERROR
    assert one.line == 1 + ORGANISATION.splitlines().index("    bankHolidays: GB-ENG")
    assert near in one.fix


def test_a_country_alone_is_a_warning_where_its_parts_have_days_of_their_own():
    (one,) = found(organisation("GB"))
    assert one.gravity is Gravity.WARNING
    assert "Easter Monday" in one.message
    assert "GB-ENG, GB-NIR, GB-SCT, GB-WLS" in one.fix
    (one,) = found(organisation("DE"))
    assert "DE-BB" in one.message


def test_a_teams_own_calendar_is_checked_too():
    (one,) = found(ORGANISATION + GROUP.replace("CODE", "GB_SCT"))
    assert one.fix == "Did you mean `GB-SCT`?"
    assert found(ORGANISATION + GROUP.replace("CODE", '""')) == []


def test_no_word_of_a_file_reaches_into_the_library():
    for code in ("__class__", "registry", "date", "GB-__class__", "utils"):
        with pytest.raises(UnableToFindHolidays):
            bank_holidays(code, 2027)


@pytest.mark.parametrize(("line", "loaded"), [("    bankHolidays: GB-ENG\n", True), ("", False)])
def test_the_library_is_loaded_only_where_the_files_name_a_calendar(tmp_path, line, loaded):
    text = ORGANISATION.replace("    bankHolidays: GB-ENG\n", line)
    (tmp_path / "organisation.yaml").write_text(text)
    code = (
        "import sys; from pathlib import Path; from andon.slo.rules.documents import check_folder;"
        "from andon.core.documents.source import read_folder;"
        "from andon.integrations import gathering; gathering.gather();"
        f"check_folder(read_folder(Path({str(tmp_path)!r}))); print('holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(loaded)
