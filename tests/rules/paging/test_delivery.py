"""What follows a failed attempt, and what becomes of a notification whose turn has come."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.paging.rules import delivery as rules
from andon.paging.rules.delivery import Fail, InstallationFault, Retry, Turn
from andon.paging.types import TransportError

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TEMPORARY = TransportError("busy", permanent=False)
UNKNOWN = TransportError("broke after DATA", permanent=False, unknown=True)


def after(error: TransportError, **changes: object) -> Retry | Fail:
    facts: dict[str, object] = {
        "uid": "0192f3c0-7c1e-7a51-9a0b-6a2f5f0b9d11",
        "kind": "ntfy",
        "purpose": "page",
        "attempts": 1,
        "unknowns": 0,
        "error": error,
        "now": NOW,
        "created_at": NOW,
    }
    return rules.next_attempt(**(facts | changes))  # type: ignore[arg-type]


def wait(decision: Retry | Fail) -> float:
    assert isinstance(decision, Retry), decision
    return (decision.at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("kind", "purpose", "attempts", "seconds"),
    [
        ("ntfy", "page", 1, 2),
        ("ntfy", "page", 2, 5),
        ("webhook", "page", 3, 15),
        ("webhook", "unanswered", 3, 15),
        ("email", "page", 1, 10),
        ("email", "page", 2, 20),
        ("email", "page", 5, 160),
        ("email", "page", 9, 300),
        ("ntfy", "resolved", 1, 5),
        ("ntfy", "resolved", 5, 80),
    ],
)
def test_a_temporary_failure_waits_by_kind_and_attempt(
    kind: str, purpose: str, attempts: int, seconds: float
) -> None:
    waited = wait(after(TEMPORARY, kind=kind, purpose=purpose, attempts=attempts))
    assert seconds * 0.8 <= waited <= seconds * 1.2


@pytest.mark.parametrize(
    ("kind", "purpose", "attempts"), [("ntfy", "page", 4), ("webhook", "resolved", 6)]
)
def test_r74_attempts_end(kind: str, purpose: str, attempts: int) -> None:
    decision = after(TEMPORARY, kind=kind, purpose=purpose, attempts=attempts)
    assert isinstance(decision, Fail)
    assert not decision.blames_contact


@given(
    kind=st.sampled_from(["email", "ntfy", "webhook"]),
    purpose=st.sampled_from(["page", "resolved", "unanswered"]),
    retry_after=st.one_of(st.none(), st.floats(0, 10_000)),
)
def test_r74_nothing_retries_for_ever(kind: str, purpose: str, retry_after: float | None) -> None:
    now, attempts = NOW, 1
    error = TransportError("busy", permanent=False, retry_after=retry_after)
    while isinstance(
        decision := after(error, kind=kind, purpose=purpose, attempts=attempts, now=now), Retry
    ):
        assert decision.at > now
        now, attempts = decision.at, attempts + 1
        assert now - NOW <= rules.useful_life(purpose=purpose)
        assert attempts < 1000


def test_jitter_is_the_same_for_the_same_attempt_and_differs_between_notifications() -> None:
    waits = {wait(after(TEMPORARY, uid=f"{n}")) for n in range(50)}
    assert len(waits) > 40
    assert wait(after(TEMPORARY)) == wait(after(TEMPORARY))


def test_retry_after_is_obeyed_within_the_useful_life_only() -> None:
    assert wait(after(TransportError("429", permanent=False, retry_after=42))) == 42
    too_long = after(TransportError("429", permanent=False, retry_after=3600))
    assert isinstance(too_long, Fail)
    assert not too_long.blames_contact


def test_a_permanent_failure_blames_the_address_unless_the_installation_is_at_fault() -> None:
    assert after(TransportError("550 no such user", permanent=True)) == Fail(
        "550 no such user", blames_contact=True
    )
    assert after(InstallationFault("no SMTP server")) == Fail("no SMTP server")


def test_an_unknown_outcome_is_repeated_once_and_never_a_third_time() -> None:
    assert 1.6 <= wait(after(UNKNOWN)) <= 2.4
    assert isinstance(after(UNKNOWN, unknowns=1), Fail)
    assert isinstance(after(UNKNOWN, purpose="resolved"), Fail)


def ruling(**changes: object) -> Turn:
    facts: dict[str, object] = {
        "purpose": "page",
        "page_state": "paging",
        "state": "pending",
        "unknowns": 0,
        "created_at": NOW,
        "now": NOW,
    }
    return rules.rule(**(facts | changes)).turn  # type: ignore[arg-type]


OLD = NOW + timedelta(minutes=16)


@pytest.mark.parametrize(
    ("changes", "turn"),
    [
        ({}, Turn.SEND),
        ({"page_state": "acknowledged"}, Turn.CANCEL),
        ({"page_state": "resolved"}, Turn.CANCEL),
        ({"page_state": "resolved", "purpose": "resolved"}, Turn.SEND),
        ({"page_state": "acknowledged", "purpose": "unanswered"}, Turn.CANCEL),
        ({"page_state": "unanswered", "purpose": "unanswered"}, Turn.SEND),
        ({"state": "sending"}, Turn.REPEAT),
        ({"unknowns": 1}, Turn.REPEAT),
        ({"state": "sending", "unknowns": 1}, Turn.FAIL),
        ({"unknowns": 2}, Turn.FAIL),
        ({"state": "sending", "page_state": "resolved", "purpose": "resolved"}, Turn.FAIL),
        ({"now": OLD}, Turn.AFRESH),
        ({"now": OLD, "page_state": "acknowledged"}, Turn.CANCEL),
        ({"now": OLD, "page_state": "resolved", "purpose": "resolved"}, Turn.SEND),
        (
            {"now": NOW + timedelta(hours=2), "page_state": "resolved", "purpose": "resolved"},
            Turn.CANCEL,
        ),
    ],
)
def test_what_becomes_of_a_notification_whose_turn_has_come(
    changes: dict[str, object], turn: Turn
) -> None:
    assert ruling(**changes) is turn
