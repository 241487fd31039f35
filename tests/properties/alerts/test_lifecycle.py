""""""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.alerts import rules
from tests.rules.alerts.test_lifecycle import RESOLVE, TRIGGER
from tests.support.alerts import NOW, Life, batches, event, live

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
