"""Time to restore to target: when it is lost, when regained, and what says nothing either way."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.budgets.rules.restoration import Parameters, State, follow, misses
from andon.budgets.types import Sample

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DEFAULT = Parameters()
TARGET = 999_000


def minutes(text, *, start=NOW, total=10.0):
    """Return one sample a minute: `.` meets the target, `x` misses it, `-` is a gap, `0` silent."""
    ratios = {".": 0.0, "x": 0.5, "=": 0.001, "0": 0.0}
    return [
        Sample(start + MINUTE * n, ratios[each] * total, 0.0 if each == "0" else total)
        for n, each in enumerate(text)
        if each != "-"
    ]


def run(text, *, parameters=DEFAULT, state=None, target=TARGET):
    return follow(
        state=state or State(),
        samples=minutes(text),
        target_at=lambda _at: target,
        parameters=parameters,
    )


def said(losses):
    """Return losses as minutes since the start, of the instants their windows end."""
    five = DEFAULT.window
    return [
        (
            (one.lost_at + five - NOW) // MINUTE,
            None if one.regained_at is None else (one.regained_at + five - NOW) // MINUTE,
        )
        for one in losses
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("......", []),
        ("..x...", []),
        ("..x.x.x.", []),
        ("..xx..", [(2, 4)]),
        ("..xx", [(2, None)]),
        ("..xxxxxx....", [(2, 8)]),
        # One good window in between is not enough to have regained it.
        ("..xx.xx..", [(2, 7)]),
        ("..xx..xx..", [(2, 4), (6, 8)]),
        # What just meets the target meets it.
        ("======", []),
        ("xx====", [(0, 2)]),
        # Too few events say nothing: neither do they break a row.
        ("..x0x..", [(2, 5)]),
        ("..xx0000..", [(2, 8)]),
        ("0000", []),
        # Across a gap nothing is in a row.
        ("..x----x..", []),
        ("..xx----.-", [(2, None)]),
        ("..xx-----..", [(2, 9)]),
        # A missing measurement or two is no gap.
        ("..x--x..", [(2, 6)]),
    ],
)
def test_losses(text, wanted):
    _, losses = run(text)
    assert said(losses) == wanted


def test_the_stamp_is_the_start_of_the_first_window():
    [loss] = run("..xx..")[1]
    assert loss.lost_at == NOW + 2 * MINUTE - timedelta(minutes=5)
    assert loss.regained_at - loss.lost_at == 2 * MINUTE


def test_few_events_do_not_count_unless_time_is_counted():
    few = Parameters(least_events=10)
    _, losses = follow(
        state=State(),
        samples=minutes("xxxx", total=9 / 300),
        target_at=lambda _: TARGET,
        parameters=few,
    )
    assert losses == ()
    _, losses = follow(
        state=State(),
        samples=minutes("xxxx", total=1.0 / 300),
        target_at=lambda _: TARGET,
        parameters=Parameters(least_events=0),
    )
    assert len(losses) == 1


def test_the_target_in_force_at_each_instant_decides():
    """A peak's stricter target makes of the same errors a loss."""
    samples = minutes("==========")
    peak = NOW + 5 * MINUTE
    _, losses = follow(
        state=State(),
        samples=samples,
        target_at=lambda at: 999_900 if at >= peak else 999_000,
        parameters=DEFAULT,
    )
    assert said(losses) == [(5, None)]


def test_a_rate_that_is_off_by_rounding_does_not_miss():
    one = Sample(NOW, 0.1 + 0.2, 300.0)
    assert one.bad / one.total > 0.001
    assert not misses(sample=one, target_ppm=999_000)
    assert misses(sample=Sample(NOW, 0.3001, 300.0), target_ppm=999_000)


texts = st.text(alphabet=".x-0=", max_size=60)


@given(text=texts)
@settings(max_examples=200, deadline=None)
def test_losses_follow_one_another_and_only_the_last_may_last(text):
    state, losses = run(text)
    for one, other in pairwise(losses):
        assert one.regained_at is not None
        assert one.lost_at < one.regained_at < other.lost_at + DEFAULT.window
    open_ones = [one for one in losses if one.regained_at is None]
    assert [one.lost_at for one in open_ones] == ([state.lost_at] if state.lost_at else [])
