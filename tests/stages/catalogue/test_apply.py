"""Applying a folder: the plan, one transaction, idempotence, retirement, renames, peak windows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.catalogue import actions, models, queries, rules
from andon.catalogue.types import Cover

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
pytestmark = [pytest.mark.database, pytest.mark.django_db]


def apply(path: Path, now: datetime = NOW) -> actions.Plan:
    return actions.apply_folder(path=path, by="test", now=now)


def test_the_example_applies_and_a_second_apply_has_nothing_to_change():
    first = apply(EXAMPLE)
    assert first.counts() == {"added": 10 + 11 + 42 + 3 + 2 + 11 + 1 + 0 + 1}
    assert apply(EXAMPLE, NOW + timedelta(days=1)).is_empty
    assert models.Revision.objects.count() == 1
