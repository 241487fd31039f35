"""Rotations on the local clock: hand-overs, changes of the clocks, skipped days."""

from datetime import timedelta
from itertools import pairwise
from zoneinfo import available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.core.periods import Period
from andon.oncall import rules
from tests.rules.oncall.builders import rota, utc, version
from tests.rules.oncall.test_rotation import HOUR

zones = st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"}))


rhythms = st.one_of(
    st.tuples(st.just("hour"), st.integers(1, 48)),
    st.tuples(st.just("day"), st.integers(1, 14)),
    st.tuples(st.just("week"), st.integers(1, 8)),
)


walls = st.times().map(lambda t: t.replace(second=0, microsecond=0))


moments = st.datetimes(
    min_value=utc("2005-01-01 00:00").replace(tzinfo=None),
    max_value=utc("2035-01-01 00:00").replace(tzinfo=None),
).map(lambda t: utc(str(t)))


@settings(max_examples=150, deadline=None)
@given(zone=zones, rhythm=rhythms, wall=walls, at=moments)
def test_r18_who_is_the_shift_that_holds_the_instant(zone, rhythm, wall, at):
    found = rota(
        version(zone, unit=rhythm[0], every=rhythm[1], handover=f"{wall:%H:%M}", people="a b c d e")
    )
    around = rules.shifts(rota=found, period=Period(at - 30 * HOUR, at + 30 * HOUR))
    assert [s for s in around if at in s.period] == [rules.who(rota=found, at=at)]
    for earlier, later in pairwise(around):
        assert earlier.period.ends_at == later.period.starts_at
        assert "abcde".index(later.person) == ("abcde".index(earlier.person) + 1) % 5


@settings(max_examples=60, deadline=None)
@given(zone=zones, every=st.sampled_from([1, 2, 3]), wall=walls, years=st.integers(-3, 3))
def test_counting_from_afar_agrees_with_counting_every_shift(zone, every, wall, years):
    found = rota(
        version(
            zone,
            unit="hour",
            every=every,
            handover=f"{wall:%H:%M}",
            starts_on="2011-12-20",
            people="a b c d e",
        )
    )
    start, away = utc("2011-12-20 00:00"), timedelta(days=30 * years)
    low, high = sorted((start, start + away))
    walked = rules.shifts(rota=found, period=Period(low, high + HOUR))
    assert walked[-1].person == rules.who(rota=found, at=walked[-1].period.starts_at).person
    assert (
        "abcde".index(walked[-1].person) - "abcde".index(walked[0].person) - len(walked) + 1
    ) % 5 == 0
