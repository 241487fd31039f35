from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


#: Seconds of a firing and of the pause after it.
spans = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), min_size=1, max_size=4)


@given(spans, st.data())
@settings(max_examples=300, deadline=None)
def test_r38_whatever_order_two_alertmanagers_deliver_in(firings, data):
    """Each tells its own start of a firing, in order; how the two interleave is anybody's guess."""
    at, told = NOW - timedelta(hours=2), []
    for lasts, pause in firings:
        began, at = at, at + timedelta(seconds=lasts)
        told.append((began, at))
        at += timedelta(seconds=pause)
    members = [_deliveries(told, data) for _ in range(2)]
    current, fired, ended = None, -1, -1
    while any(members):
        member = data.draw(st.sampled_from([one for one in members if one]))
        number, one = member.pop(0)
        before = current
        folded = rules.fold(before, [one], NOW)
        current = _after(before, folded)
        if one.action is TRIGGER:
            fired = max(fired, number)
        else:
            ended = max(ended, number)
        if fired > ended:
            assert current is not None, "an old resolution closed a newer firing"
    assert current is None, "after the last resolve something stays open"


def _deliveries(told, data) -> list:
    """Return what one member sends: it may have heard of a firing late, and may skip old ones."""
    found = []
    for number, (began, ended) in enumerate(told):
        late = timedelta(
            seconds=data.draw(st.integers(0, int((ended - began).total_seconds()) - 1))
        )
        both = [
            event(starts_at=began + late),
            event(RESOLVE, starts_at=began + late, ends_at=ended),
        ]
        if number < len(told) - 1:
            both = data.draw(st.sampled_from([both, both[:1], both[1:], []]))
        found += [(number, one) for one in both]
    return found


def _after(before, folded):
    if folded.opened:
        last = folded.opened[-1]
        received = NOW - timedelta(days=1)
        return rules.OpenAlert(last.severity, last.starts_at, received, fired_at=last.fired_at)
    if before is None or folded.resolved:
        return None
    return rules.OpenAlert(
        before.severity,
        before.starts_at,
        before.received_at,
        fired_at=folded.fired_at or before.fired_at,
    )


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
        rules.OpenAlert(
            last.severity,
            last.starts_at,
            last.received_at,
            last.acknowledged,
            max(last.told) if last.told and max(last.told) > last.starts_at else None,
        )
        if last
        else None
    )
    folded = rules.fold(before, batch, now)
    if last:
        last.count += folded.repeats
        last.severity = folded.severity or last.severity
        if folded.acknowledged is not None:
            last.acknowledged = folded.acknowledged
        last.resolved = folded.resolved
        last.told += [folded.fired_at] if folded.fired_at else []
    lives.extend(
        Life(
            a.severity, a.starts_at, now, a.count, a.acknowledged, a.resolved,
            [a.fired_at] if a.fired_at else [],
        )
        for a in folded.opened
    )  # fmt: skip
