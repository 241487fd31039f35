"""Overrides, people who left, versions: what is laid over the rotation."""

from itertools import pairwise

from hypothesis import given, settings

from andon.oncall import rules
from tests.rules.oncall.builders import rota, span
from tests.rules.oncall.test_overrides import overrides


@settings(max_examples=150, deadline=None)
@given(made=overrides())
def test_r18_overrides_never_make_a_gap_or_two_people(made):
    found = rota(overrides=made)
    window = span("2026-01-05 09:00", "2026-02-09 09:00")
    shifts = rules.shifts(rota=found, period=window)
    assert shifts[0].period.starts_at == window.starts_at
    assert shifts[-1].period.ends_at == window.ends_at
    for earlier, later in pairwise(shifts):
        assert earlier.period.ends_at == later.period.starts_at
    for shift in shifts:
        assert rules.who(rota=found, at=shift.period.starts_at) == shift
        valid = [o for o in made if o.replaces is None and o.period.overlaps(shift.period)]
        newest = max(valid, key=lambda o: (o.created_at, o.id), default=None)
        if newest is not None:
            winner = next((o for o in made if o.id == shift.override), newest)
            assert (winner.created_at, winner.id) >= (newest.created_at, newest.id)
