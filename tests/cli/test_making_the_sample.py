"""The sample is made once, in an empty database, by production's code, and is always the same."""

import ast
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import transaction

from andon.budgets.models import BudgetReading
from andon.catalogue.models import Organisation, Revision
from andon.cli import sample as newcomer
from andon.cli.sample import making, replay, sign_ins, story
from andon.core import clock, sample
from andon.core.errors import Refusal
from andon.incidents.models import Incident
from andon.paging.models import Notification, Page
from andon.people.models import Person
from andon.slo import actions as slo

pytestmark = pytest.mark.database

STORY = story.read(making.STORY)


def test_nothing_of_the_sample_is_inserted() -> None:
    """The sample's code calls what everybody's calls: it writes no row of its own."""
    writes = {"create", "bulk_create", "get_or_create", "update_or_create", "update", "save"}
    for path in Path(newcomer.__file__).parent.glob("*.py"):
        called = {
            node.func.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert not called & writes, path


def test_the_same_story_at_the_same_instant_gives_the_same_quarter(db: None) -> None:
    outages = tuple(one for one in STORY.outages if one.when.week is None)
    short = msgspec.structs.replace(STORY, weeks=2, outages=outages, postings=(), overrides=())
    now = clock.now()

    def played() -> list[Any]:
        with transaction.atomic():
            replay.play(story=short, folder=making.FOLDER, now=now)
            found = [
                *Incident.objects.order_by("number").values_list("number", "started_at", "state"),
                *Page.objects.order_by("pk").values_list("opened_at", "reason", "acknowledged_by"),
                *BudgetReading.objects.order_by("objective__slug").values_list("left", "bad"),
                *Notification.objects.order_by("pk").values_list("destination", "sent_at"),
            ]
            transaction.set_rollback(True)
            return found

    first = played()
    assert len(first) > 40
    assert first == played()


def test_a_quarter_that_breaks_off_leaves_nothing(db: None) -> None:
    postings = tuple(msgspec.structs.replace(one, service="nowhere") for one in STORY.postings)
    broken = msgspec.structs.replace(STORY, outages=(), overrides=(), postings=postings)
    with pytest.raises(Refusal, match="nowhere"):
        replay.play(story=broken, folder=making.FOLDER, now=clock.now())
    assert not Revision.objects.exists()
    assert not Person.objects.exists()


def test_a_real_organisation_is_never_touched(db: None) -> None:
    Organisation.objects.create(slug="shop", title="The Shop", document={"currency": "GBP"})
    Person.objects.create(slug="ann", name="Ann")
    for kind in newcomer.SampleKind:
        with pytest.raises(making.NotASample, match="not the sample, and nothing was changed"):
            making.make(kind=kind, say=print)
    assert sample.kind() == ""
    assert not Revision.objects.exists()
    assert Person.objects.count() == 1


def test_the_empty_sample_is_its_catalogue_alone_and_is_marked(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    making.make(kind="empty", say=print)
    assert sample.kind() == sample.EMPTY
    assert Revision.objects.count() == 1
    assert not Incident.objects.exists()
    assert making.measuring() is None
    making.make(kind="living", say=print)
    assert "is there (empty)" in capsys.readouterr().out
    assert Revision.objects.count() == 1
    password = sign_ins.prepare(home=tmp_path)
    assert sign_ins.prepare(home=tmp_path) == password
    for slug, _ in sign_ins.PEOPLE:
        assert Person.objects.get(slug=slug).check_password(password), slug
    assert Person.objects.get(slug="admin").is_superuser
    assert not Person.objects.get(slug="rowan").is_staff


def test_a_sample_of_an_older_version_is_taken_for_what_it_is(db: None) -> None:
    slo.apply_folder(path=making.FOLDER, by=replay.BY, now=clock.now())
    making.make(kind="living", say=print)
    assert sample.kind() == sample.EMPTY
