"""What stands behind an alert, and that what is real never hides behind a rehearsal."""

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.alerts import rules
from andon.alerts.types import Action, AlertKind
from tests.rules.alerts.test_kinds import INCIDENT, stored
from tests.support.alerts import NOW, event

mixed = st.lists(
    st.builds(event, action=st.sampled_from(Action), kind=st.sampled_from(AlertKind)), max_size=8
)


@given(st.sampled_from([None, *AlertKind]), mixed)
@settings(max_examples=300, deadline=None)
def test_after_a_real_trigger_a_real_alert_is_open_until_a_real_end(before, events):
    folded = rules.fold(stored(before) if before else None, events, NOW)
    real = [one for one in events if one.kind.is_real]
    firing = before is INCIDENT
    for one in real:
        firing = one.action is Action.TRIGGER or (firing and one.action is not Action.RESOLVE)
    left = [one.kind for one in folded.opened if not one.resolved]
    if before and not folded.resolved:
        left.append(before)
    assert (INCIDENT in left) == firing
    assert len(left) <= 1
