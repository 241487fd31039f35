"""What follows a failed attempt, and what becomes of a notification whose turn has come."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.paging.rules import delivery as rules
from andon.paging.rules.delivery import Fail, Retry, Treatment
from andon.paging.types import Fault, TransportError

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TEMPORARY = TransportError("busy")
UNKNOWN = TransportError("broke after DATA", unknown=True)


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
        ("email", "page", 1, 2),
        ("email", "page", 2, 4),
        ("email", "page", 5, 30),
        ("email", "page", 9, 30),
        ("email", "resolved", 1, 5),
        ("email", "resolved", 9, 300),
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
    error = TransportError("busy", retry_after=retry_after)
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
    assert wait(after(TransportError("429", retry_after=42))) == 42
    too_long = after(TransportError("429", retry_after=3600))
    assert isinstance(too_long, Fail)
    assert not too_long.blames_contact


def test_only_the_recipients_fault_blames_the_address_and_hastens_the_next_step() -> None:
    assert after(TransportError("550 no such user", fault=Fault.RECIPIENT)) == Fail(
        "550 no such user", blames_contact=True, hastens=True
    )
    for fault in (Fault.INSTALLATION, Fault.MESSAGE, Fault.TEMPORARY):
        assert isinstance(after(TransportError("554", fault=fault)), Retry)


@pytest.mark.parametrize(
    ("fault", "longest"), [(Fault.INSTALLATION, 15 * 1.2), (Fault.MESSAGE, 30 * 1.2)]
)
@pytest.mark.parametrize("kind", ["email", "ntfy", "webhook"])
@pytest.mark.parametrize("purpose", ["page", "unanswered"])
def test_what_only_we_can_mend_is_tried_again_for_as_long_as_the_page_is_open(
    kind: str, purpose: str, fault: Fault, longest: float
) -> None:
    """Bounded by nothing but the page, and soon enough to leave within seconds of a recovery."""
    error = TransportError("554 5.7.1 closed", fault=fault)
    for attempts in range(1, 200):
        late = NOW + timedelta(hours=attempts)
        decision = after(error, kind=kind, purpose=purpose, attempts=attempts, now=late)
        assert isinstance(decision, Retry)
        assert 0 < (decision.at - late).total_seconds() <= longest


@pytest.mark.parametrize("fault", [Fault.INSTALLATION, Fault.MESSAGE])
def test_r74_a_notice_of_recovery_is_not_tried_for_ever(fault: Fault) -> None:
    error, now, attempts = TransportError("554", fault=fault), NOW, 1
    while isinstance(
        decision := after(error, kind="email", purpose="resolved", attempts=attempts, now=now),
        Retry,
    ):
        now, attempts = decision.at, attempts + 1
    assert timedelta(minutes=54) < now - NOW <= timedelta(minutes=60)
    assert not decision.blames_contact


def test_a_server_of_ours_may_ask_for_patience_but_not_for_an_hour() -> None:
    def waited(seconds: float) -> float:
        return wait(after(TransportError("429", fault=Fault.INSTALLATION, retry_after=seconds)))

    assert waited(42) == 42
    assert waited(3600) == 300


def test_a_defect_of_ours_is_repeated_once_and_hastens_nobody() -> None:
    broke = TransportError("TypeError", fault=Fault.INSTALLATION, unknown=True)
    assert isinstance(after(broke), Retry)
    given_up = after(broke, unknowns=1)
    assert given_up == Fail(
        "it may have arrived, twice; not sent a third time: TypeError",
        blames_contact=False,
        hastens=False,
    )


@pytest.mark.parametrize(
    ("destination", "server"),
    [
        ("ann@example.org", ""),
        ("https://ntfy.example/topic", "ntfy.example"),
        ("https://u:p@ntfy.example:8443/topic", "ntfy.example:8443"),
        ("https://h.example:x/", ""),
    ],
)
def test_what_a_message_leaves_by(destination: str, server: str) -> None:
    assert rules.server(destination=destination) == server


def test_an_unknown_outcome_is_repeated_once_and_never_a_third_time() -> None:
    assert 1.6 <= wait(after(UNKNOWN)) <= 2.4
    assert isinstance(after(UNKNOWN, unknowns=1), Fail)
    assert isinstance(after(UNKNOWN, purpose="resolved"), Fail)


def ruling(**changes: object) -> Treatment:
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
        ({}, Treatment.SEND),
        ({"page_state": "acknowledged"}, Treatment.CANCEL),
        ({"page_state": "resolved"}, Treatment.CANCEL),
        ({"page_state": "resolved", "purpose": "resolved"}, Treatment.SEND),
        ({"page_state": "acknowledged", "purpose": "unanswered"}, Treatment.CANCEL),
        ({"page_state": "unanswered", "purpose": "unanswered"}, Treatment.SEND),
        ({"state": "sending"}, Treatment.REPEAT),
        ({"unknowns": 1}, Treatment.REPEAT),
        ({"state": "sending", "unknowns": 1}, Treatment.FAIL),
        ({"unknowns": 2}, Treatment.FAIL),
        ({"state": "sending", "page_state": "resolved", "purpose": "resolved"}, Treatment.FAIL),
        ({"now": OLD}, Treatment.AFRESH),
        ({"now": OLD, "page_state": "acknowledged"}, Treatment.CANCEL),
        ({"now": OLD, "page_state": "resolved", "purpose": "resolved"}, Treatment.SEND),
        (
            {"now": NOW + timedelta(hours=2), "page_state": "resolved", "purpose": "resolved"},
            Treatment.CANCEL,
        ),
    ],
)
def test_what_becomes_of_a_notification_whose_turn_has_come(
    changes: dict[str, object], turn: Treatment
) -> None:
    assert ruling(**changes) is turn


@pytest.mark.parametrize(
    ("purpose", "page_state", "life"),
    [
        ("page", "paging", timedelta(minutes=15)),
        ("unanswered", "unanswered", timedelta(minutes=15)),
        ("resolved", "resolved", timedelta(hours=1)),
        (rules.TEST, None, timedelta(minutes=1)),
        (rules.OVERRIDE, None, timedelta(days=1)),
    ],
)
def test_a_message_is_of_use_up_to_the_last_instant_of_its_life(
    purpose: str, page_state: str | None, life: timedelta
) -> None:
    about = {"purpose": purpose, "page_state": page_state}
    assert ruling(**about, now=NOW + life) is Treatment.SEND
    assert ruling(**about, now=NOW + life + timedelta(microseconds=1)) is not Treatment.SEND


def test_an_attempt_may_begin_at_the_last_instant_of_a_messages_life() -> None:
    error = TransportError("429", retry_after=60)
    last = NOW + timedelta(minutes=14)
    assert isinstance(after(error, now=last), Retry)
    assert isinstance(after(error, now=last + timedelta(microseconds=1)), Fail)


@pytest.mark.parametrize(
    ("fault", "attempts", "seconds"),
    [
        (Fault.INSTALLATION, 1, 2),
        (Fault.INSTALLATION, 4, 15),
        (Fault.MESSAGE, 1, 2),
        (Fault.MESSAGE, 5, 30),
    ],
)
def test_what_only_we_can_mend_waits_twice_as_long_each_time_and_never_long(
    fault: Fault, attempts: int, seconds: int
) -> None:
    uid = "0192f3c0-7c1e-7a51-9a0b-6a2f5f0b9d11"
    found = wait(after(TransportError("554", fault=fault), attempts=attempts))
    assert found == pytest.approx(seconds * rules.jitter(uid=uid, attempts=attempts), abs=1e-5)


def test_a_repeat_of_what_may_have_arrived_waits_as_its_own_first_attempt() -> None:
    uid = "0192f3c0-7c1e-7a51-9a0b-6a2f5f0b9d11"
    again = wait(after(UNKNOWN, attempts=3))
    assert again == pytest.approx(2 * rules.jitter(uid=uid, attempts=1), abs=1e-5)


def test_a_server_that_asks_for_less_than_a_second_gets_one() -> None:
    assert wait(after(TransportError("429", retry_after=0.2))) == 1
    assert wait(after(TransportError("429", retry_after=1.5))) == 1.5


def test_waits_differ_by_a_fifth_to_either_side() -> None:
    found = [rules.jitter(uid=str(n), attempts=1) for n in range(200)]
    assert 0.8 <= min(found) < 0.82
    assert 1.18 < max(found) <= 1.2


@pytest.mark.parametrize(("fault", "blames"), [(Fault.RECIPIENT, True), (Fault.TEMPORARY, False)])
def test_a_test_is_one_attempt_and_blames_who_is_to_blame(fault: Fault, blames: bool) -> None:
    decision = after(TransportError("no", fault=fault), purpose=rules.TEST)
    assert decision == Fail("no", blames_contact=blames)


def test_what_is_late_says_by_how_many_whole_minutes() -> None:
    at = NOW + timedelta(minutes=3, seconds=59)
    assert rules.late_note(due_at=NOW, now=at) == (
        "Sent 3 min late: it was due at 2026-11-20 10:00 UTC."
    )
