"""A quarter of Fruits R Us is played through production's code, and leaves nothing behind."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from andon.alerts.models import Alert
from andon.budgets.models import BudgetPoint, BudgetReading, TargetLoss
from andon.catalogue.models import Revision
from andon.cli.sample import making, replay, story
from andon.core import clock
from andon.core.models import AuditEntry
from andon.costing.models import LedgerMonth, Posting
from andon.engine.run import Engine
from andon.incidents.models import Incident, TimelineEntry
from andon.oncall.models import Override
from andon.paging.models import Attempt, Decision, Notification, Page
from andon.people.models import Person
from andon.slo.models import Change

pytestmark = [pytest.mark.database, pytest.mark.django_db]

STORY = story.read(making.STORY)


@pytest.fixture(scope="module")
def quarter(django_db_setup: None, django_db_blocker: Any) -> Iterator[datetime]:
    """Play the whole story once for this file; the instant it was played at."""
    now = clock.now().replace(microsecond=0)
    with django_db_blocker.unblock(), transaction.atomic():
        began = time.process_time()
        replay.play(story=STORY, folder=making.FOLDER, now=now)
        took = time.process_time() - began
        # Ten seconds is what a newcomer may wait; shared machines count more for the same work.
        assert took < 25, f"playing the quarter took {took:.1f} s of a processor"
        yield now
        transaction.set_rollback(True)


def test_every_state_an_incident_can_be_in_is_there(quarter: datetime) -> None:
    states = Counter(Incident.objects.values_list("state", flat=True))
    assert states["closed"] >= 25
    assert states["restored"] >= 2
    assert states["acknowledged"] + states["open"] == 2, "the two that are going on"
    numbers = sorted(Incident.objects.values_list("number", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert TimelineEntry.objects.filter(kind="note").count() > 20


def test_a_page_waited_for_the_morning_and_one_reached_nobody_at_first(quarter: datetime) -> None:
    kinds = Counter(
        Page.objects.filter(acknowledged_at__isnull=False).values_list("out_of_hours", flat=True)
    )
    assert kinds[True] > 10
    assert kinds[False] > 5
    waited = [
        page.acknowledged_at - page.opened_at
        for page in Page.objects.filter(acknowledged_at__isnull=False)
    ]
    assert max(waited) > timedelta(hours=8), "no page was held over a night"
    assert Decision.objects.filter(kind="unanswered").exists()


def test_nothing_of_the_past_is_left_to_be_sent(quarter: datetime) -> None:
    states = set(Notification.objects.values_list("state", flat=True))
    assert states <= {"sent", "cancelled", "skipped"}, states
    assert set(Attempt.objects.values_list("detail", flat=True)) == {
        "sample data: kept, and sent to nobody"
    }
    assert not Alert.objects.filter(unseen=True).exists()
    assert not Page.objects.filter(next_at__lte=quarter).exists()
    phones = replay.Recorder()
    engine = Engine(node="after", transports={"email": phones}, read_clock=lambda: quarter)
    with transaction.atomic():
        engine.run_until_idle(quarter)
        transaction.set_rollback(True)
    assert phones.kept == []


def test_shifts_and_callouts_are_paid_and_whole_months_are_closed(quarter: datetime) -> None:
    kinds = Counter(Posting.objects.values_list("kind", flat=True))
    assert kinds["standby"] >= 60
    assert kinds["callout"] >= 10
    assert kinds["opportunity"] >= 20
    assert kinds["setup"] == kinds["transition"] == 1
    closed = LedgerMonth.objects.filter(closed_at__isnull=False)
    assert 2 <= closed.count() <= 4
    assert set(closed.values_list("closed_by", flat=True)) == {STORY.closes_books}
    assert Override.objects.count() == len(STORY.overrides)


def test_budgets_were_kept_and_spent_and_read_up_to_now(quarter: datetime) -> None:
    readings = {one.objective.slug: one for one in BudgetReading.objects.select_related()}
    assert readings.keys() == STORY.objectives.keys()
    assert {one.error for one in readings.values()} == {""}
    assert all(quarter - one.read_at <= timedelta(minutes=2) for one in readings.values())
    left = {slug: one.left for slug, one in readings.items() if one.left is not None}
    assert min(left.values()) < 0.05, left
    assert max(left.values()) > 0.75, left
    assert all(one.covered == 1 for one in readings.values())
    oldest = BudgetPoint.objects.order_by("at").values_list("at", flat=True)[0]
    assert quarter - oldest > timedelta(days=80)
    assert TargetLoss.objects.filter(regained_at__isnull=False).count() >= 20
    assert Change.objects.filter(service__slug="checkout", identity="").count() > 60


def test_the_past_is_that_of_the_rules_in_force(quarter: datetime) -> None:
    """Everything is dated by the story, and nobody but its people and the sample acted."""
    begins = Revision.objects.get().applied_at
    assert timedelta(days=90) < quarter - begins < timedelta(days=99)
    for model, field in ((Alert, "received_at"), (Page, "opened_at"), (AuditEntry, "at")):
        at = model.objects.order_by(field).values_list(field, flat=True)
        assert begins <= at[0], model
        assert at.reverse()[0] <= quarter, model
    actors = set(AuditEntry.objects.values_list("actor", flat=True))
    names = set(Person.objects.values_list("name", flat=True))
    assert actors - names <= {replay.BY, "alertmanager", "andon"}, actors - names
