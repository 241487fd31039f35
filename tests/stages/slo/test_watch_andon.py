"""With `watchAndon` Andon is one of the services: in the folder's estate and in the live one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from andon.core.documents.source import read_folder
from andon.slo import actions, queries
from andon.slo.rules.documents import check_folder, estate_of
from tests.support.folders import write_folder

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def watched(folder: Path) -> Path:
    made = write_folder(folder, services=2)
    organisation = made / "organisation.yaml"
    text = organisation.read_text()
    assert "telemetry:" not in text
    organisation.write_text(text.replace("\nspec:\n", "\nspec:\n  telemetry: {watchAndon: true}\n"))
    return made


def test_andon_is_in_both_estates(db, tmp_path):
    folder = watched(tmp_path / "folder")
    actions.apply_folder(path=folder, by="test", now=NOW)
    estate = queries.estate()
    assert estate == estate_of(check_folder(read_folder(folder)))
    assert [subject.slug for subject in estate.subjects] == ["andon", "service-000", "service-001"]
    assert "andon-intake" in {objective.slug for objective in estate.objectives}


def test_without_it_andon_is_in_neither(db, tmp_path):
    folder = write_folder(tmp_path / "folder", services=2)
    actions.apply_folder(path=folder, by="test", now=NOW)
    assert [subject.slug for subject in queries.estate().subjects] == ["service-000", "service-001"]
