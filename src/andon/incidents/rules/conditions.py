"""How an incident, and how a service, is now: one word, and no more than is known."""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from andon.incidents.types import Condition, IncidentState

#: The worst first: what a service with several incidents is called by, and what is counted first.
_WORST = (
    Condition.LOST,
    Condition.DOWN,
    Condition.DEGRADED,
    Condition.ACKNOWLEDGED,
    Condition.HELD,
)
_COUNTED = {
    Condition.DEGRADED: "degraded",
    Condition.ACKNOWLEDGED: "acknowledged",
}


def condition(
    *,
    state: IncidentState,
    is_real: bool = True,
    is_held: bool = False,
    is_down: bool = True,
    was_down: bool = True,
    allowance_left: timedelta | None = None,
) -> Condition:
    """Return the word for an incident.

    `is_down`: something worse than a warning says so now; `was_down`: or did at some time.
    `allowance_left` is what the target still allows, None where there is no target. A target is
    lost when nothing is left of that, and by what was down: warnings use nothing up. Nothing is
    down in an exercise.
    """
    if state in (IncidentState.RESTORED, IncidentState.CLOSED):
        return Condition(state.value)
    if is_held and state is IncidentState.OPEN:
        return Condition.HELD
    if is_real and was_down and allowance_left is not None and allowance_left <= timedelta(0):
        return Condition.LOST
    if state is IncidentState.ACKNOWLEDGED:
        return Condition.ACKNOWLEDGED
    if not is_real:
        return Condition.UNTAKEN
    return Condition.DOWN if is_down else Condition.DEGRADED


def service_condition(*, active: Collection[Condition], heard: bool = True) -> Condition:
    """Return the word for a service, from its incidents that go on.

    `heard` is whether any alert ever came: without one nothing is known, and nothing called well.
    """
    found = next((one for one in _WORST if one in active), None)
    return found or (Condition.OK if heard else Condition.UNHEARD)


def headline(*, active: Collection[Condition]) -> str:
    """Return how much goes on, the worst first: `2 down, 1 degraded`. Empty when nothing does."""
    counts = Counter(active)
    down = counts[Condition.LOST] + counts[Condition.DOWN]
    said = [f"{down} down"] if down else []
    said += [f"{counts[one]} {word}" for one, word in _COUNTED.items() if counts[one]]
    return ", ".join(said)
