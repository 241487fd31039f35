"""What may be done to an incident, and how it follows its pages."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.incidents.types import IncidentState
from tests.rules.incidents.test_lifecycle import CLOSED, RESTORED, follow, minutes, page, standing

_PAGES = st.lists(
    st.builds(
        page,
        page_id=st.integers(1, 5),
        taken=st.none() | st.integers(0, 60),
        ended=st.none() | st.integers(0, 60),
        held=st.none() | st.integers(60, 90),
        past=st.booleans(),
    ),
    unique_by=lambda p: p.id,
    max_size=5,
)


@settings(max_examples=150)
@given(_PAGES, st.sampled_from(IncidentState))
def test_following_twice_changes_nothing_the_second_time(pages, state):
    ended = minutes(10) if state in (RESTORED, CLOSED) else None
    first = follow(standing(state, restored_at=ended), *pages)
    again = [replace(p, is_past=p.id in first.past) for p in pages]
    second = follow(first.standing, *again)
    assert second.standing == first.standing
    assert second.changes == ()
