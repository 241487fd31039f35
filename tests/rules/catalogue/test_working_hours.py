"""Working hours from the file to the question whether somebody is at work."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from andon.catalogue.rules.documents.check import check_folder
from andon.catalogue.rules.documents.organisation import stored_hours, working_hours_document
from andon.catalogue.types import WorkingHours
from andon.core.documents.source import read_folder
from andon.oncall import queries as oncall

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
TEAM = """
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: watch}
spec:
  type: team
  children: []
  workingHours: {days: [sun, mon, tue, wed, thu], starts: "22:00", ends: "06:00"}
"""


def hours_of(tmp_path: Path, **changes: str) -> tuple[WorkingHours, WorkingHours]:
    """The organisation's hours and those of a team on watch, by way of files and of the database's
    documents.
    """
    text = (EXAMPLE / "organisation.yaml").read_text()
    for key, value in changes.items():
        old = next(line for line in text.splitlines() if line.strip().startswith(f"{key}:"))
        text = text.replace(old, f'    {key}: "{value}"', 1)
    (tmp_path / "organisation.yaml").write_text(text + TEAM)
    checked = check_folder(read_folder(tmp_path))
    assert [one for one in checked.errors if one.rule == "working-hours"] == []
    found = (
        checked.catalogue.organisation.working_hours,
        checked.catalogue.teams["watch"].working_hours,
    )
    for one in found:
        assert stored_hours(working_hours_document(one), WorkingHours()) == one
    return found


def at_work(hours: WorkingHours, at: str) -> bool:
    moment = datetime.fromisoformat(f"{at}:00").replace(tzinfo=UTC)
    return oncall.hours_at(working_hours=hours, at=moment).working


@pytest.mark.parametrize(
    ("at", "working"),
    [
        ("2027-01-08 21:30", False),
        ("2027-01-08 22:30", True),  # Friday night, which belongs to Friday
        ("2027-01-09 05:30", True),
        ("2027-01-09 06:30", False),
        ("2027-01-09 23:00", False),  # Saturday is no working day
        ("2027-01-11 05:00", False),  # nor did one begin on Sunday
        ("2027-05-03 22:30", False),  # a night that would begin on a bank holiday, BST
        ("2027-05-04 02:00", False),
        ("2027-05-04 21:30", True),
    ],
)
def test_an_organisation_may_work_at_night(tmp_path, at, working):
    hours, _ = hours_of(tmp_path, starts="22:00", ends="06:00")

    assert at_work(hours, at) == working


@pytest.mark.parametrize(
    ("at", "working"),
    [
        ("2027-01-10 22:30", True),  # Sunday
        ("2027-01-11 05:30", True),
        ("2027-01-11 12:00", False),
        ("2027-01-08 22:30", False),  # Friday
    ],
)
def test_a_team_may_work_at_night(tmp_path, at, working):
    _, hours = hours_of(tmp_path)

    assert at_work(hours, at) == working


def test_midnight_twice_is_the_whole_day(tmp_path):
    hours, _ = hours_of(tmp_path, starts="00:00", ends="00:00")

    assert at_work(hours, "2027-01-08 03:00")
    assert at_work(hours, "2027-01-08 23:59")
    assert not at_work(hours, "2027-01-09 00:00")


def test_work_that_ends_when_it_starts_is_refused_with_its_line(tmp_path):
    text = (EXAMPLE / "organisation.yaml").read_text().replace('ends: "17:00"', 'ends: "09:00"')
    (tmp_path / "organisation.yaml").write_text(text)

    [one] = [
        one for one in check_folder(read_folder(tmp_path)).errors if one.rule == "working-hours"
    ]

    assert (one.file, one.line) == ("organisation.yaml", 15)
    assert "00:00" in one.fix
