"""Catalogue and declarations become the database's together, and are read back as checked."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.catalogue.actions import UnableToApply
from andon.catalogue.models import Revision, Service
from andon.core.documents.source import read_folder
from andon.slo import actions, queries
from andon.slo.models import Declaration
from andon.slo.rules.documents import check_folder, estate_of
from tests.support.folders import write_folder

pytestmark = pytest.mark.database

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def apply(folder, now=NOW, **options):
    return actions.apply_folder(path=folder, by="test", now=now, **options)


def changes(plan):
    return {(str(one.act), one.kind, one.slug) for one in plan.changes}


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "folder", services=3)


def test_the_live_estate_is_the_folders_for_the_sample(db):
    apply(EXAMPLE)
    assert queries.estate("https://andon.example") == estate_of(
        check_folder(read_folder(EXAMPLE)), "https://andon.example"
    )


def test_the_live_estate_is_the_folders_for_many_services(db, tmp_path, django_assert_num_queries):
    folder = write_folder(tmp_path / "many", services=200)
    apply(folder)
    wanted = estate_of(check_folder(read_folder(folder)))
    assert len(wanted.objectives) > 200
    with django_assert_num_queries(7):
        found = queries.estate()
    assert found == wanted


def test_a_second_apply_changes_nothing(db, folder):
    first = apply(folder)
    assert ("added", "slo", "service-000") in changes(first)
    again = apply(folder, LATER)
    assert again.changes == ()
    assert Revision.objects.count() == 1


def test_a_dry_run_shows_the_plan_and_writes_nothing(db, folder):
    plan = apply(folder, dry_run=True)
    assert ("added", "slo", "service-000") in changes(plan)
    assert not Declaration.objects.exists()
    assert not Service.objects.exists()


def test_a_change_of_an_objective_alone_is_a_revision_with_its_fields(db, folder):
    apply(folder)
    path = folder / "service-001.yaml"
    path.write_text(path.read_text().replace('code=~"5.."', 'code=~"5..|429"'))
    plan = apply(folder, LATER)
    assert changes(plan) == {
        ("changed", "slo", "service-001"),
        ("changed", "service", "service-001"),
    }
    slo = next(one for one in plan.changes if one.kind == "slo")
    assert set(slo.fields) == {"indicator"}
    assert Revision.objects.count() == 2
    assert queries.estate() == estate_of(check_folder(read_folder(folder)))


def test_a_changed_target_changes_its_objective(db, folder):
    apply(folder)
    path = folder / "service-002.yaml"
    path.write_text(path.read_text().replace('"99.0"', '"99.9"'))
    slo = next(one for one in apply(folder, LATER).changes if one.kind == "slo")
    assert slo.fields == {"target": ("99.0%", "99.9%")}
    assert queries.estate() == estate_of(check_folder(read_folder(folder)))


def test_what_is_gone_is_retired_with_its_history_and_comes_back(db, folder):
    apply(folder)
    row = Declaration.objects.get(kind="slo", slug="service-002")
    path = folder / "service-002.yaml"
    text = path.read_text()
    kept = [line for line in text.splitlines() if "/slo-" not in line]
    path.write_text("\n".join(kept) + "\n")
    assert ("removed", "slo", "service-002") in changes(apply(folder, LATER))
    row.refresh_from_db()
    assert row.retired_at == LATER
    assert "service-002" not in {one.slug for one in queries.objectives()}
    path.write_text(text)
    assert ("restored", "slo", "service-002") in changes(apply(folder, LATER + timedelta(hours=1)))
    row.refresh_from_db()
    assert row.retired_at is None
    assert row.created_at == NOW
    assert queries.estate() == estate_of(check_folder(read_folder(folder)))


def test_a_renamed_service_takes_its_objective_along(db, folder):
    apply(folder)
    row = Declaration.objects.get(kind="slo", slug="service-002")
    path = folder / "service-002.yaml"
    renamed = path.read_text().replace("name: service-002", "name: till")
    path.write_text(
        renamed.replace("annotations:", "annotations:\n    andon.dev/aliases: service-002", 1)
    )
    assert ("renamed", "slo", "till") in changes(apply(folder, LATER))
    row.refresh_from_db()
    assert (row.slug, row.service.slug, row.retired_at) == ("till", "till", None)
    assert queries.estate() == estate_of(check_folder(read_folder(folder)))


def test_an_objective_that_moves_inside_the_files_is_no_change(db, folder):
    apply(folder)
    path = folder / "service-001.yaml"
    path.write_text("# a comment\n\n" + path.read_text())
    assert apply(folder, LATER).changes == ()
    assert queries.estate() == estate_of(check_folder(read_folder(folder)))


def test_an_error_in_an_annotation_keeps_everything_from_being_applied(db, folder):
    path = folder / "service-001.yaml"
    path.write_text(path.read_text().replace('code=~"5.."', "code=~"))
    with pytest.raises(UnableToApply):
        apply(folder)
    assert not Service.objects.exists()
    assert not Declaration.objects.exists()


def test_a_retired_service_has_no_telemetry(db, folder):
    apply(folder)
    (folder / "service-002.yaml").unlink()
    apply(folder, LATER)
    found = queries.estate()
    assert "service-002" not in {one.slug for one in found.subjects}
    assert found == estate_of(check_folder(read_folder(folder)))


def test_the_example_may_be_copied_and_applied_over_itself(db, tmp_path):
    apply(EXAMPLE)
    shutil.copytree(EXAMPLE, tmp_path / "copy")
    assert apply(tmp_path / "copy", LATER).changes == ()
