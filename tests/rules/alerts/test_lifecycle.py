from datetime import timedelta

import pytest

from andon.alerts import rules
from andon.alerts.types import Action, Severity
from tests.support.alerts import NOW, event

TRIGGER, ACKNOWLEDGE, RESOLVE = Action.TRIGGER, Action.ACKNOWLEDGE, Action.RESOLVE


def stored(*, acknowledged: bool = False, severity: Severity = Severity.ERROR) -> rules.OpenAlert:
    return rules.OpenAlert(severity, NOW - timedelta(hours=1), NOW, acknowledged)


def test_nothing_open_and_a_trigger_opens():
    (opened,) = rules.fold(None, [event()], NOW).opened
    assert (opened.count, opened.starts_at, opened.resolved) == (1, NOW, False)


@pytest.mark.parametrize("action", [ACKNOWLEDGE, RESOLVE])
def test_nothing_open_and_the_end_of_something_has_no_effect(action):
    folded = rules.fold(None, [event(action)], NOW)
    assert (folded.opened, folded.unknown, folded.is_news) == ([], 1, False)


def test_a_repeat_only_counts():
    folded = rules.fold(stored(), [event(), event(severity=Severity.INFO)], NOW)
    assert (folded.repeats, folded.is_news, folded.opened) == (2, False, [])


def test_a_rise_of_severity_is_news():
    folded = rules.fold(stored(acknowledged=True), [event(severity=Severity.CRITICAL)], NOW)
    assert (folded.severity, folded.is_news, folded.repeats) == (Severity.CRITICAL, True, 1)


def test_an_acknowledgement_is_news_once():
    assert rules.fold(stored(), [event(ACKNOWLEDGE)], NOW).is_news
    assert not rules.fold(stored(acknowledged=True), [event(ACKNOWLEDGE)], NOW).is_news


def test_an_acknowledgement_does_not_outlive_a_rise_of_severity():
    worse = event(severity=Severity.CRITICAL)
    assert rules.fold(stored(acknowledged=True), [worse], NOW).acknowledged is False
    assert rules.fold(stored(), [event(ACKNOWLEDGE), worse], NOW).acknowledged is False
    assert rules.fold(stored(), [worse, event(ACKNOWLEDGE)], NOW).acknowledged is True
    assert rules.fold(stored(acknowledged=True), [event()], NOW).acknowledged is None
    (opened,) = rules.fold(None, [event(), event(ACKNOWLEDGE), worse], NOW).opened
    assert not opened.acknowledged


def test_r14_alert_fires_again_after_a_resolve():
    folded = rules.fold(stored(), [event(RESOLVE), event(), event(), event(RESOLVE), event()], NOW)
    assert folded.resolved
    assert [(alert.count, alert.resolved) for alert in folded.opened] == [(2, True), (1, False)]


def test_r38_a_stale_resolve_does_not_close_a_newer_alert():
    old, new = NOW - timedelta(minutes=9), NOW - timedelta(minutes=2)
    folded = rules.fold(None, [event(starts_at=new), event(RESOLVE, starts_at=old)], NOW)
    assert (folded.opened[0].resolved, folded.stale) == (False, 1)
    same = rules.fold(None, [event(starts_at=new), event(RESOLVE, starts_at=new)], NOW)
    assert same.opened[0].resolved


def test_r38_a_resolve_that_began_earlier_and_ended_later_is_no_stale_one():
    """Two Alertmanagers of a pair tell different starts of one firing."""
    start, earlier = NOW - timedelta(minutes=10), NOW - timedelta(minutes=10, seconds=15)
    end = event(RESOLVE, starts_at=earlier, ends_at=NOW - timedelta(minutes=5))
    assert rules.fold(None, [event(starts_at=start), end], NOW).opened[0].resolved


@pytest.mark.parametrize(
    ("starts", "ends", "stale"),
    [
        (9, 5, True),
        (9, 4, True),  # ended in the instant in which the newer one began
        (9, 3, False),
        (4, 3, False),
        (4, 4, False),  # began and ended in that instant: the same firing
        (None, 5, True),
        (None, 4, False),  # a sender that repeats the time of its trigger
        (None, 3, False),
        (5, None, True),
        (4, None, False),
        (None, None, False),
    ],
)
def test_a_resolve_is_stale_only_if_it_ended_before_the_open_alert_began(starts, ends, stale):
    def ago(minutes):
        return None if minutes is None else NOW - timedelta(minutes=minutes)

    resolve = event(RESOLVE, starts_at=ago(starts), ends_at=ago(ends))
    folded = rules.fold(None, [event(starts_at=ago(4)), resolve], NOW)
    assert (folded.stale, folded.opened[0].resolved) == (int(stale), not stale)


def test_an_old_resolve_does_not_close_a_firing_that_only_counted_as_a_repeat():
    """The resolve of the first was late, the second firing came before it."""
    first, end, second = (NOW - timedelta(minutes=ago) for ago in (9, 6, 3))
    late = event(RESOLVE, starts_at=first, ends_at=end)
    now = event(RESOLVE, starts_at=second, ends_at=NOW)
    folded = rules.fold(None, [event(starts_at=first), event(starts_at=second), late], NOW)
    assert (folded.stale, folded.opened[0].resolved) == (1, False)
    before = rules.OpenAlert(Severity.ERROR, first, first)
    folded = rules.fold(before, [event(starts_at=second), late], NOW)
    assert (folded.fired_at, folded.stale, folded.resolved) == (second, 1, False)
    before = rules.OpenAlert(Severity.ERROR, first, first, fired_at=second)
    assert rules.fold(before, [late], NOW).stale == 1
    assert rules.fold(before, [now], NOW).resolved


def test_a_resolve_that_knows_the_start_closes_an_alert_that_did_not():
    start = NOW - timedelta(minutes=9)
    folded = rules.fold(None, [event(), event(RESOLVE, starts_at=start)], NOW)
    assert folded.opened[0].resolved


def test_a_start_far_in_the_future_is_the_time_received():
    assert rules.start_of(event(starts_at=NOW + timedelta(hours=25)), NOW) == NOW
    soon = NOW + timedelta(hours=23)
    assert rules.start_of(event(starts_at=soon), NOW) == soon
