"""One word for how it is: the same on every page, in the API and on the command line."""

from datetime import timedelta
from itertools import product

import pytest

from andon.incidents.rules import condition, headline, service_condition
from andon.incidents.types import Condition, IncidentState

OPEN, TAKEN = IncidentState.OPEN, IncidentState.ACKNOWLEDGED
LEFT, NONE_LEFT = timedelta(minutes=41), timedelta(0)


@pytest.mark.parametrize(
    ("state", "facts", "word"),
    [
        (OPEN, {"allowance_left": LEFT}, "down"),
        (OPEN, {"allowance_left": None}, "down"),
        (OPEN, {"allowance_left": NONE_LEFT}, "lost"),
        (OPEN, {"allowance_left": -LEFT}, "lost"),
        (OPEN, {"is_down": False, "was_down": False, "allowance_left": LEFT}, "degraded"),
        (OPEN, {"is_down": False, "was_down": False, "allowance_left": NONE_LEFT}, "degraded"),
        (OPEN, {"is_down": False, "was_down": True, "allowance_left": LEFT}, "degraded"),
        (OPEN, {"is_down": False, "was_down": True, "allowance_left": NONE_LEFT}, "lost"),
        (TAKEN, {"allowance_left": LEFT}, "acknowledged"),
        (TAKEN, {"is_down": False, "was_down": False}, "acknowledged"),
        (TAKEN, {"allowance_left": NONE_LEFT}, "lost"),
        (OPEN, {"is_held": True, "allowance_left": LEFT}, "held"),
        (OPEN, {"is_held": True, "allowance_left": NONE_LEFT}, "held"),
        (OPEN, {"is_real": False}, "untaken"),
        (OPEN, {"is_real": False, "is_held": True}, "held"),
        (OPEN, {"is_real": False, "allowance_left": NONE_LEFT}, "untaken"),
        (TAKEN, {"is_real": False}, "acknowledged"),
        (IncidentState.RESTORED, {"allowance_left": NONE_LEFT}, "restored"),
        (IncidentState.CLOSED, {"is_down": True}, "closed"),
    ],
)
def test_an_incident_is_called_what_is_known_of_it(
    state: IncidentState, facts: dict[str, object], word: str
) -> None:
    assert condition(state=state, **facts) == word  # type: ignore[arg-type]


def test_a_target_is_lost_only_when_nothing_is_left_of_what_it_allows() -> None:
    for state, held, down, was, real in product(IncidentState, *[(True, False)] * 4):
        for left in (None, LEFT, timedelta(microseconds=1)):
            found = condition(
                state=state,
                is_held=held,
                is_down=down,
                was_down=was,
                is_real=real,
                allowance_left=left,
            )
            assert found is not Condition.LOST


@pytest.mark.parametrize(
    ("active", "heard", "word"),
    [
        ([], True, "ok"),
        ([], False, "unheard"),
        ([Condition.HELD], True, "held"),
        ([Condition.HELD, Condition.DEGRADED], True, "degraded"),
        ([Condition.ACKNOWLEDGED, Condition.DOWN], True, "down"),
        ([Condition.DOWN, Condition.LOST], True, "lost"),
        ([Condition.UNTAKEN], True, "ok"),
    ],
)
def test_a_service_is_called_by_the_worst_of_what_goes_on(
    active: list[Condition], heard: bool, word: str
) -> None:
    assert service_condition(active=active, heard=heard) == word


def test_the_headline_counts_what_goes_on_and_not_what_waits() -> None:
    assert headline(active=[]) == ""
    assert headline(active=[Condition.HELD, Condition.UNTAKEN]) == ""
    assert headline(active=[Condition.DEGRADED]) == "1 degraded"
    assert (
        headline(
            active=[
                Condition.LOST,
                Condition.DOWN,
                Condition.DEGRADED,
                Condition.ACKNOWLEDGED,
                Condition.HELD,
            ]
        )
        == "2 down, 1 degraded, 1 acknowledged"
    )
