"""Time to restore to target: when it is lost, when regained, and what says nothing either way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.budgets.rules.restoration import State, follow
from tests.rules.budgets.test_restoration import DEFAULT, MINUTE, NOW, TARGET, minutes, run, texts


@given(text=texts, cuts=st.lists(st.integers(0, 60), max_size=5))
@settings(max_examples=200, deadline=None)
def test_it_does_not_matter_when_it_is_looked_or_how_often(text, cuts):
    """Restarted at any time, handed the same measurements again: the same losses."""
    whole_state, whole = run(text)
    state, found = State(), {}
    edges = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    samples = minutes(text)
    for end in edges:
        upto = [one for one in samples if one.at < NOW + MINUTE * end]
        state, losses = follow(
            state=state, samples=upto, target_at=lambda _: TARGET, parameters=DEFAULT
        )
        found.update({one.lost_at: one for one in losses})
    assert state == whole_state
    assert sorted(found.values(), key=lambda one: one.lost_at) == list(whole)
