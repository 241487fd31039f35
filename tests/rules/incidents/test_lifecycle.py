"""What may be done to an incident, and how it follows its pages."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.alerts.types import AlertKind
from andon.incidents import rules
from andon.incidents.types import Act, IncidentState, PageFacts, Standing
from andon.paging.types import PageSubject, SubjectKind

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
NOW = START + timedelta(hours=1)
OPEN, TAKEN, RESTORED, CLOSED = IncidentState


def minutes(n):
    return START + timedelta(minutes=n)


def page(page_id=1, *, taken=None, ended=None, held=None, past=False, started=0, by="Ann"):
    return PageFacts(
        id=page_id,
        revision=1,
        subject=PageSubject(AlertKind.INCIDENT, SubjectKind.SERVICE, "1"),
        service_id=1,
        summary="checkout is down",
        opened_at=minutes(started),
        started_at=minutes(started),
        is_open=ended is None,
        is_ticket=False,
        is_past=past,
        held_until=minutes(held) if held is not None else None,
        acknowledged_at=minutes(taken) if taken is not None else None,
        acknowledged_by=by if taken is not None else "",
        acknowledged_person_id=None,
        acknowledged_by_sender=by.startswith("the sender"),
        resolved_at=minutes(ended) if ended is not None else None,
        resolved_by="",
    )


def standing(state=OPEN, **fields):
    return Standing(state=state, started_at=START, **fields)


def follow(before, *pages):
    return rules.follow(standing=before, pages=pages, now=NOW)


def kinds(followed):
    return [change.kind for change in followed.changes]


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        (OPEN, {Act.ACKNOWLEDGE, Act.NOTE, Act.RESOLVE}),
        (TAKEN, {Act.ACKNOWLEDGE, Act.NOTE, Act.RESOLVE}),
        (RESTORED, {Act.NOTE, Act.REOPEN, Act.CLOSE}),
        (CLOSED, {Act.NOTE, Act.REOPEN}),
    ],
)
def test_what_may_be_done(state, acts):
    assert set(rules.allowed(state=state)) == acts


@pytest.mark.parametrize(
    ("act", "state", "why"),
    [
        (Act.ACKNOWLEDGE, TAKEN, "it is already acknowledged"),
        (Act.ACKNOWLEDGE, RESTORED, "availability is already restored"),
        (Act.RESOLVE, RESTORED, "availability is already restored"),
        (Act.RESOLVE, CLOSED, "it is closed"),
        (Act.REOPEN, OPEN, "it is still open"),
        (Act.CLOSE, TAKEN, "it is still going on"),
        (Act.CLOSE, CLOSED, "it is closed"),
        (Act.NOTE, CLOSED, None),
        (Act.RESOLVE, OPEN, None),
    ],
)
def test_refusals_say_why(act, state, why):
    assert rules.refusal(act=act, state=state) == why


def test_an_unanswered_later_page_can_still_be_acknowledged():
    assert rules.refusal(act=Act.ACKNOWLEDGE, state=TAKEN, unacknowledged_pages=1) is None


def test_an_acknowledged_page_acknowledges_the_incident():
    found = follow(standing(), page(1), page(2, taken=7), page(3, taken=4, by="Ben"))
    assert found.standing.state is TAKEN
    assert found.standing.acknowledged_at == minutes(4)
    assert found.standing.acknowledged_by == "Ben"
    assert kinds(found) == ["acknowledged"]


def test_it_is_restored_when_the_last_alert_resolved():
    found = follow(standing(), page(1, ended=20), page(2, ended=35))
    assert found.standing.state is RESTORED
    assert found.standing.restored_at == minutes(35)


def test_one_open_page_keeps_it_active():
    assert follow(standing(), page(1, ended=20), page(2)).standing.state is OPEN


def test_acknowledged_and_resolved_between_two_looks():
    found = follow(standing(), page(1, taken=5, ended=20))
    assert kinds(found) == ["acknowledged", "restored"]
    assert found.standing.acknowledged_at == minutes(5)


def test_a_page_that_opens_again_reopens_it_and_the_clock_runs_on():
    found = follow(standing(RESTORED, restored_at=minutes(20)), page(1), page(2, ended=20, taken=3))
    assert found.standing.state is OPEN
    assert found.standing.restored_at is None
    assert found.standing.started_at == START
    assert found.past == {2}


def test_after_a_reopening_what_had_ended_decides_nothing():
    reopened = rules.reopened(standing=standing(RESTORED, restored_at=minutes(20)), now=minutes(30))
    assert follow(reopened, page(1, taken=3, ended=20, past=True)).standing == reopened
    later = follow(reopened, page(1, ended=20, past=True), page(2, ended=50, started=40))
    assert later.standing.state is RESTORED
    assert later.standing.restored_at == minutes(50)


def test_a_second_acknowledgement_does_not_move_the_first():
    before = standing(acknowledged_at=minutes(2), acknowledged_by="Ann")
    found = follow(before, page(1, taken=9, by="Ben"))
    assert found.standing.state is TAKEN
    assert found.standing.acknowledged_at == minutes(2)


def test_held_while_every_open_page_waits():
    found = follow(standing(), page(1, held=90), page(2, held=80))
    assert found.standing.held_until == minutes(80)
    assert kinds(found) == ["held"]
    assert follow(standing(), page(1, held=90), page(2)).standing.held_until is None


def test_the_incident_starts_with_its_earliest_page():
    before = standing()
    found = follow(before, page(1), page(2, started=-30))
    assert found.standing.started_at == minutes(-30)


def test_an_end_outside_the_incident_is_brought_inside():
    assert follow(standing(), page(1, ended=-60)).standing.restored_at == START
    assert follow(standing(), page(1, ended=600)).standing.restored_at == NOW


SENDER = "the sender (PagerDuty key x)"
CLAIMED = {"acknowledged_at": minutes(1), "acknowledged_by": SENDER, "acknowledged_by_sender": True}


def test_what_only_a_sender_had_is_open_again_when_its_page_is_decided_anew():
    followed = follow(standing(TAKEN, **CLAIMED), page())
    assert kinds(followed) == ["unacknowledged"]
    after = followed.standing
    assert (after.state, after.acknowledged_at, after.acknowledged_by) == (OPEN, None, "")


def test_a_person_takes_the_place_of_a_sender():
    followed = follow(standing(TAKEN, **CLAIMED), page(taken=4, by="Ann"))
    after = followed.standing
    assert (after.state, after.acknowledged_at, after.acknowledged_by) == (TAKEN, minutes(4), "Ann")
    assert not after.acknowledged_by_sender
    assert kinds(followed) == ["acknowledged"]


def test_what_a_sender_said_of_a_page_that_is_over_says_nothing_of_another():
    over = page(taken=1, ended=3, by=SENDER)
    followed = follow(standing(TAKEN, **CLAIMED), over, page(2, started=4))
    assert followed.standing.state == OPEN
    assert followed.standing.acknowledged_by == ""
    again = follow(followed.standing, over, page(2, started=4))
    assert again.changes == ()


def test_what_a_sender_has_stays_its_while_that_holds():
    before = standing(TAKEN, **CLAIMED)
    assert follow(before, page(taken=1, by=SENDER)).standing == before
    assert follow(before, page(taken=1, ended=3, by=SENDER)).standing.acknowledged_by == SENDER
