"""One incident's timeline and figures, merged from what every stage kept."""

from datetime import timedelta

import pytest

from andon.alerts.models import Alert
from andon.incidents import actions, queries
from andon.paging.models import Attempt
from andon.slo.models import Change
from tests.support import factories as make

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = make.NOW


def minutes(n):
    return NOW + timedelta(minutes=n)


def story():
    ann = make.person("ann", name="Ann")
    page = make.page(make.service("checkout"))
    sent = make.notification(page, to=ann, at=NOW + timedelta(seconds=1), attempts=2)
    Attempt.objects.create(
        notification=sent, at=NOW + timedelta(seconds=1.5), outcome="failed", detail="421 try later"
    )
    actions.follow_pages(now=NOW + timedelta(seconds=3))
    actions.acknowledge(number=1, by="Ann", person_id=ann.pk, now=minutes(4))
    actions.add_note(number=1, text="restarting", by="Ann", now=minutes(5))
    actions.resolve(number=1, by="Ann", now=minutes(12))
    actions.follow_pages(now=minutes(13))
    return queries.find(number=1)


def test_everything_is_there_in_order_of_time():
    found = [(one.source, one.kind) for one in queries.timeline(incident=story())]
    assert found[:6] == [
        ("alert", "fired"),
        ("decision", "route"),
        ("notification", "queued"),
        ("notification", "attempt"),
        ("notification", "sent"),
        ("incident", "opened"),
    ]
    assert ("incident", "acknowledged") in found
    assert ("decision", "acknowledged") in found
    assert ("incident", "note") in found
    assert ("alert", "resolved") in found
    assert ("incident", "restored") in found


def test_times_do_not_go_backwards():
    at = [one.at for one in queries.timeline(incident=story())]
    assert at == sorted(at)


def test_a_repeated_alert_is_one_line_with_its_count():
    incident = story()
    Alert.objects.update(count=40_000, last_received_at=minutes(11))
    repeated = [one for one in queries.timeline(incident=incident) if one.kind == "repeated"]
    assert [one.text for one in repeated] == ["checkout is down: received 40000 times so far"]


def test_questions_are_constant_in_its_length(django_assert_num_queries):
    incident = story()
    for n in range(50):
        actions.add_note(number=1, text=f"note {n}", by="Ann", now=minutes(14 + n))
    with django_assert_num_queries(7):
        assert len(queries.timeline(incident=incident)) > 55


def test_figures_of_the_story():
    found = queries.figures(incident=story(), now=minutes(60))
    assert found.time_to_acknowledge == timedelta(minutes=4)
    assert found.time_to_restore == timedelta(minutes=12)
    assert found.loss.exact == "GBP 40,000.00"
    assert found.loss_per_minute.exact == "GBP 3,333.33"
    assert found.allowance_used is not None


def test_what_changed_shortly_before_is_in_the_timeline_and_what_changed_long_before_is_not():
    incident = story()
    at = {"long before": minutes(-25 * 60), "before": minutes(-5), "after": minutes(30)}
    for summary, when in at.items():
        Change.objects.create(
            service_id=incident.service_id, at=when, identity=summary, summary=summary,
            source="jenkins",
        )  # fmt: skip
    entries = queries.timeline(incident=queries.find(number=1))
    assert entries[0].source == "change"
    assert [(one.text, one.actor) for one in entries if one.kind == "changed"] == [
        ("before", "jenkins")
    ]
