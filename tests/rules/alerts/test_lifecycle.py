from datetime import timedelta

import pytest
from hypothesis import given, settings

from andon.alerts import rules
from andon.alerts.types import Action, Severity
from tests.support.alerts import NOW, Life, batches, event, live

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


def test_a_resolve_that_knows_the_start_closes_an_alert_that_did_not():
    start = NOW - timedelta(minutes=9)
    folded = rules.fold(None, [event(), event(RESOLVE, starts_at=start)], NOW)
    assert folded.opened[0].resolved


def test_a_start_far_in_the_future_is_the_time_received():
    assert rules.start_of(event(starts_at=NOW + timedelta(hours=25)), NOW) == NOW
    soon = NOW + timedelta(hours=23)
    assert rules.start_of(event(starts_at=soon), NOW) == soon


@given(batches)
@settings(max_examples=300, deadline=None)
def test_i17_any_interleaving_equals_the_table(all_batches):
    """Folding a batch at once comes to what the table says of its events one by one."""
    expected: list[Life] = []
    lives: list[Life] = []
    for number, batch in enumerate(all_batches):
        now = NOW + timedelta(minutes=number)
        batch = [one for one in batch if one.dedup_key == "a"]
        for one in batch:
            live(expected, one, now)
        _apply(lives, batch, now)
    assert lives == expected


def _apply(lives: list[Life], batch: list, now) -> None:
    last = lives[-1] if lives and not lives[-1].resolved else None
    before = (
        rules.OpenAlert(last.severity, last.starts_at, last.received_at, last.acknowledged)
        if last
        else None
    )
    folded = rules.fold(before, batch, now)
    if last:
        last.count += folded.repeats
        last.severity = folded.severity or last.severity
        last.acknowledged = last.acknowledged or folded.acknowledged
        last.resolved = folded.resolved
    lives.extend(
        Life(a.severity, a.starts_at, now, a.count, a.acknowledged, a.resolved)
        for a in folded.opened
    )
