"""Rotas that do not run every day: turns are counted per shift served, so that everybody serves."""

from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from andon.core.periods import Period
from andon.oncall import rules
from tests.rules.oncall.builders import asked, edit, rota, version
from tests.rules.oncall.test_editing import edits, moments, walls, zones
from tests.rules.oncall.test_served import DAY


@settings(max_examples=200, deadline=None)
@given(
    zone=zones,
    unit=st.sampled_from(["hour", "day"]),
    every=st.sampled_from([1, 2, 3, 6]),
    wall=walls,
    at=moments,
    days=st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1),
    working=st.booleans(),
)
def test_turns_tile_time_and_follow_the_order_from_any_instant(
    zone, unit, every, wall, at, days, working
):
    hours = asked(" ".join(days), "08:00", "18:30", working=working)
    found = rota(
        version(zone, unit=unit, every=every, handover=wall, people="a b c d e", asked=hours)
    )
    around = rules.shifts(rota=found, period=Period(at - 9 * DAY, at + 9 * DAY))
    assert [one for one in around if at in one.period] == [rules.who(rota=found, at=at)]
    for earlier, later in pairwise(around):
        assert earlier.period.ends_at == later.period.starts_at
        assert "abcde".index(later.person) == ("abcde".index(earlier.person) + 1) % 5


@settings(max_examples=150, deadline=None)
@given(case=edits(), working=st.booleans())
def test_a_rota_begins_to_count_what_is_served_without_moving_anybody_now(case, working):
    found, at, people = case
    assume(found.versions[-1].period.starts_at < at)
    after = edit(found, at, people=" ".join(people), asked=asked(working=working))
    running = rules.who(rota=found, at=at)
    if running.period.starts_at < at or running.person in people:
        assert rules.who(rota=after, at=at) == running
    ahead = rules.shifts(rota=after, period=Period(at, at + 60 * DAY))
    for earlier, later in pairwise(ahead):
        assert earlier.period.ends_at == later.period.starts_at
        assert earlier.person != later.person or len(people) == 1
