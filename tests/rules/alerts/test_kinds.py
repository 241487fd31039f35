"""What stands behind an alert, and that what is real never hides behind a rehearsal."""

from datetime import timedelta

import pytest

from andon.alerts import rules
from andon.alerts.types import Action, AlertKind, Severity
from tests.support.alerts import NOW, event

INCIDENT, EXERCISE, TEST = AlertKind
GRAFANA = {"alertname": "TestAlert", "instance": "Grafana"}


@pytest.mark.parametrize(
    ("summary", "labels", "test", "kind"),
    [
        ("checkout is down", {}, False, INCIDENT),
        ("EXERCISE: checkout is down", {}, False, EXERCISE),
        ("EXERCISE: checkout is down", {}, True, TEST),
        ("Exercise videos fail", {}, False, INCIDENT),
        ("An EXERCISE: no", {}, False, INCIDENT),
        ("checkout is down", {"andon_kind": "exercise"}, False, EXERCISE),
        ("checkout is down", {"andon_kind": "test"}, False, TEST),
        ("checkout is down", {"andon_kind": "incident"}, False, INCIDENT),
        ("checkout is down", {"andon_kind": "a mystery"}, False, INCIDENT),
        ("checkout is down", {}, True, TEST),
        ("Notification test", GRAFANA, False, TEST),
        ("TestAlert", GRAFANA, False, TEST),
        ("TestAlert", {"alertname": "TestAlert", "instance": "db1"}, False, INCIDENT),
        ("TestAlert", {"alertname": "TestAlert"}, False, INCIDENT),
        ("[FIRING:1]  (TestAlert Grafana)", {"client": "Grafana"}, False, TEST),
        ("[FIRING:1] TestAlert Grafana ", {"client": "Grafana"}, False, TEST),
        ("[RESOLVED]  (TestAlert Grafana)", {"client": "Grafana"}, False, TEST),
        ("[FIRING:1]  (TestAlert Grafana)", {"client": "Alertmanager"}, False, INCIDENT),
        ("[FIRING:1] TestAlert Grafanated", {"client": "Grafana"}, False, INCIDENT),
        ("[FIRING:2] TestAlert Grafana", {"client": "Grafana"}, False, INCIDENT),
    ],
)
def test_an_alert_is_real_unless_it_says_otherwise_itself(summary, labels, test, kind):
    assert rules.read_kind(summary=summary, labels=labels, test=test)[0] is kind


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("EXERCISE: checkout is down", "checkout is down"),
        ("EXERCISE:checkout is down", "checkout is down"),
        ("EXERCISE:", "EXERCISE:"),
        ("checkout is down", "checkout is down"),
    ],
)
def test_the_word_of_an_exercise_is_no_part_of_what_it_says(told, kept):
    kind, summary = rules.read_kind(summary=told, labels={"andon_kind": "exercise"})
    assert (kind, summary) == (EXERCISE, kept)
    assert rules.read_kind(summary=told, labels={}, test=True) == (TEST, told)


@pytest.mark.parametrize(
    ("kind", "shown"), [(INCIDENT, "down"), (EXERCISE, "EXERCISE: down"), (TEST, "TEST: down")]
)
def test_what_is_no_incident_says_so_first(kind, shown):
    assert rules.marked(kind=kind, text="down") == shown


def stored(kind: AlertKind) -> rules.OpenAlert:
    hour = timedelta(hours=1)
    return rules.OpenAlert(Severity.ERROR, NOW - hour, NOW - hour, acknowledged=True, kind=kind)


@pytest.mark.parametrize("kind", [EXERCISE, TEST])
def test_a_real_alert_of_the_same_identity_ends_a_rehearsal_and_opens_anew(kind):
    folded = rules.fold(stored(kind), [event(), event()], NOW)
    assert folded.resolved
    [opened] = folded.opened
    assert (opened.kind, opened.count, opened.acknowledged) == (INCIDENT, 2, False)
    folded = rules.fold(None, [event(kind=kind), event()], NOW)
    assert [(one.kind, one.resolved) for one in folded.opened] == [(kind, True), (INCIDENT, False)]


@pytest.mark.parametrize("kind", [EXERCISE, TEST])
def test_what_a_rehearsal_says_of_a_real_alert_does_nothing_to_it(kind):
    said = [
        event(kind=kind, severity=Severity.CRITICAL, starts_at=NOW),
        event(Action.ACKNOWLEDGE, kind=kind),
        event(Action.RESOLVE, kind=kind),
    ]
    folded = rules.fold(stored(INCIDENT), said, NOW)
    assert (folded.repeats, folded.stale, folded.opened) == (1, 2, [])
    assert not folded.is_news
    assert folded.fired_at is None


@pytest.mark.parametrize("kind", [EXERCISE, TEST])
def test_whoever_ends_a_rehearsal_need_not_say_again_what_it_was(kind):
    assert rules.fold(stored(kind), [event(Action.RESOLVE)], NOW).resolved
    assert rules.fold(None, [event(kind=kind), event(Action.RESOLVE)], NOW).opened[0].resolved
