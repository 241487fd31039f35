"""Claiming what is due, and writing down what became of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.paging.actions import delivery
from andon.paging.actions.delivery import LEASE, Claimed, SendOutcome
from andon.paging.models import Attempt, Decision, Notification, Page
from andon.paging.types import Fault, Receipt, TransportError
from andon.people.models import ContactMethod, Person
from tests.support import factories
from tests.support.factories import NOW

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SENT = Receipt(provider_id="id-1", detail="took it")
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def ann() -> Person:
    return factories.person("ann")


@pytest.fixture
def page(ann: Person) -> Page:
    return factories.page(factories.service("checkout"), next_at=LATER, step=1)


def due(page: Page, ann: Person, **fields: object) -> Notification:
    method = ContactMethod.objects.get(person=ann, kind="email")
    defaults: dict[str, object] = {
        "state": "pending",
        "sent_at": None,
        "next_at": NOW,
        "contact_method": method,
    }
    return factories.notification(page, to=ann, **(defaults | fields))


def claim(**changes: object) -> list[Claimed]:
    """Claim what is due and start sending it."""
    claimed = take(**changes)
    delivery.start(claimed=claimed, now=changes.get("now", NOW))  # type: ignore[arg-type]
    return claimed


def take(**changes: object) -> list[Claimed]:
    facts: dict[str, object] = {"kinds": ["email", "ntfy"], "now": NOW, "limit": 100}
    return delivery.claim_due(**(facts | changes))  # type: ignore[arg-type]


def finish(outcome: Receipt | TransportError, *claimed: Claimed, at: object = NOW) -> int:
    return delivery.finish(results=[SendOutcome(one, outcome) for one in claimed], now=at)  # type: ignore[arg-type]


def outcomes(row: Notification) -> list[str]:
    return list(
        Attempt.objects.filter(notification=row).order_by("id").values_list("outcome", flat=True)
    )


def test_a_message_carries_the_frozen_text_and_its_own_links(page: Page, ann: Person) -> None:
    row = due(page, ann, subject="checkout is down", body="Since 10:00", data={"service": "x"})
    (claimed,) = claim()
    message = claimed.message
    assert (message.subject, message.body) == ("checkout is down", "Since 10:00")
    assert message.uid == str(row.uid)
    assert "/a/" in message.ack_link
    assert str(page.uid) in message.link
    assert message.data["service"] == "x"
    assert claimed.is_first


def test_what_was_handed_over_is_sent_and_the_page_knows(page: Page, ann: Person) -> None:
    row = due(page, ann)
    assert finish(SENT, *claim()) == 1
    row.refresh_from_db()
    assert (row.state, row.sent_at, row.next_at) == ("sent", NOW, None)
    assert (row.provider_id, row.attempts, row.lease_until) == ("id-1", 1, None)
    before = page.revision
    page.refresh_from_db()
    assert page.first_sent_at == NOW
    assert page.unseen
    assert page.revision > before
    assert outcomes(row) == ["sent"]
    assert claim() == []


def test_the_first_sending_stays_the_first(page: Page, ann: Person) -> None:
    due(page, ann)
    finish(SENT, *claim())
    due(page, ann, destination="other@example.org", next_at=NOW)
    finish(SENT, *claim(now=LATER), at=LATER)
    page.refresh_from_db()
    assert page.first_sent_at == NOW


def test_urgent_first_then_longest_due(page: Page, ann: Person) -> None:
    due(page, ann, destination="c@x.org", priority=2)
    due(page, ann, destination="b@x.org", priority=0)
    due(page, ann, destination="a@x.org", priority=0, next_at=NOW - timedelta(seconds=1))
    due(page, ann, destination="d@x.org", priority=0, next_at=NOW + timedelta(seconds=1))
    assert [one.destination for one in claim()] == ["a@x.org", "b@x.org", "c@x.org"]


def test_what_is_claimed_is_not_claimed_again_until_its_lease_ends(page: Page, ann: Person) -> None:
    row = due(page, ann)
    (first,) = claim()
    assert claim() == []
    (second,) = claim(now=NOW + timedelta(seconds=31))
    assert second.message.body.startswith("[may be repeated] ")
    assert outcomes(row) == ["unknown"]
    assert finish(SENT, first) == 0, "a worker that was too slow changes nothing"
    assert finish(SENT, second) == 1
    assert outcomes(row) == ["unknown", "sent", "sent"]


def test_two_workers_that_died_are_enough(page: Page, ann: Person) -> None:
    row = due(page, ann)
    for seconds in (0, 31, 62):
        claim(now=NOW + timedelta(seconds=seconds))
    row.refresh_from_db()
    assert (row.state, row.next_at) == ("failed", None)
    page.refresh_from_db()
    assert page.next_at == NOW + timedelta(seconds=62), "the next step runs at once"


def test_destinations_can_be_avoided(page: Page, ann: Person) -> None:
    due(page, ann, destination="hangs@x.org", priority=0)
    due(page, ann, destination="works@x.org")
    assert [one.destination for one in claim(avoid={"hangs@x.org"})] == ["works@x.org"]


def test_r32_an_acknowledged_page_sends_nothing_more(page: Page, ann: Person) -> None:
    row = due(page, ann)
    Page.objects.filter(pk=page.pk).update(state="acknowledged")
    assert claim() == []
    row.refresh_from_db()
    assert (row.state, row.next_at) == ("cancelled", None)


def test_r32_an_acknowledgement_after_the_claim_is_found(page: Page, ann: Person) -> None:
    due(page, ann)
    due(page, ann, destination="other@example.org")
    first, other = take()
    Notification.objects.filter(pk=first.id).update(state="cancelled")
    assert delivery.start(claimed=[first, other], now=NOW) == {other.id}
    due(page, ann, destination="third@example.org")
    (third,) = take()
    Page.objects.filter(pk=page.pk).update(state="acknowledged")
    assert delivery.start(claimed=[third], now=NOW) == set()


def test_what_was_claimed_and_not_started_is_taken_over_as_if_nothing_had_been(
    page: Page, ann: Person
) -> None:
    row = due(page, ann)
    (lost,) = take()
    (mine,) = claim(now=NOW + LEASE)
    assert not mine.message.subject.startswith("[may be")
    assert outcomes(row) == []
    assert delivery.start(claimed=[lost], now=NOW) == set(), "its fence has risen"


def test_what_was_started_once_and_only_claimed_since_counts_as_one_unknown_outcome(
    page: Page, ann: Person
) -> None:
    row = due(page, ann)
    claim()
    for turn in (1, 2, 3):
        (mine,) = take(now=NOW + turn * LEASE)
        assert mine.message.subject.startswith("[may be repeated] ")
    assert outcomes(row) == ["unknown"]
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("pending", 1)


def test_a_renewed_lease_is_kept_however_long_the_sending_takes(page: Page, ann: Person) -> None:
    due(page, ann)
    mine = claim()
    for second in range(1, 9):
        now = NOW + timedelta(seconds=second)
        assert delivery.keep(claimed=mine, now=now) == 1
        assert take(now=now + LEASE - timedelta(seconds=1)) == []
    assert finish(SENT, *mine) == 1


def test_a_lapsed_lease_is_renewed_unless_another_has_taken_it(page: Page, ann: Person) -> None:
    due(page, ann)
    mine = claim()
    late = NOW + timedelta(seconds=40)
    assert delivery.keep(claimed=mine, now=late) == 1
    assert take(now=late) == [], "renewed, so nobody else gets it"
    (theirs,) = claim(now=late + LEASE)
    assert delivery.keep(claimed=mine, now=late + LEASE) == 0
    assert finish(SENT, *mine) == 0
    assert finish(SENT, theirs) == 1


def test_after_trouble_what_others_have_leased_is_left_to_them(page: Page, ann: Person) -> None:
    due(page, ann)
    take()
    due(page, ann, destination="other@example.org")
    late = NOW + timedelta(seconds=40)
    assert [one.destination for one in take(now=late, untouched=True)] == ["other@example.org"]
    assert len(take(now=late)) == 1


def test_leases_of_the_dead_are_given_back_at_once(page: Page, ann: Person) -> None:
    due(page, ann)
    take()
    assert delivery.give_all_back() == 1
    assert len(take()) == 1


def test_o03_what_was_sent_although_cancelled_is_recorded_as_sent(page: Page, ann: Person) -> None:
    row = due(page, ann)
    claimed = claim()
    Notification.objects.filter(pk=row.pk).update(state="cancelled", next_at=None)
    finish(SENT, *claimed)
    row.refresh_from_db()
    assert row.state == "sent"


def test_what_failed_after_it_was_cancelled_stays_cancelled(page: Page, ann: Person) -> None:
    row = due(page, ann)
    claimed = claim()
    Notification.objects.filter(pk=row.pk).update(state="cancelled", next_at=None)
    finish(TransportError("busy"), *claimed)
    row.refresh_from_db()
    assert (row.state, row.next_at) == ("cancelled", None)


def test_r38_a_retry_sends_the_same_text(page: Page, ann: Person) -> None:
    row = due(page, ann, body="as it was")
    finish(TransportError("busy"), *claim())
    row.refresh_from_db()
    assert (row.state, row.error) == ("pending", "busy")
    assert row.next_at > NOW
    Page.objects.filter(pk=page.pk).update(summary="as it is now")
    (again,) = claim(now=row.next_at)
    assert (again.message.body, again.attempts) == ("as it was", 2)


def test_a_permanent_refusal_marks_the_address_and_hastens_the_next_step(
    page: Page, ann: Person
) -> None:
    row = due(page, ann)
    finish(TransportError("550 no such user", fault=Fault.RECIPIENT), *claim())
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "550 no such user")
    assert ContactMethod.objects.get(person=ann).fault == "550 no such user"
    page.refresh_from_db()
    assert page.next_at == NOW
    assert page.unseen


@pytest.mark.parametrize("fault", [Fault.INSTALLATION, Fault.MESSAGE])
def test_what_only_we_can_mend_waits_blames_nobody_and_hastens_nothing(
    page: Page, ann: Person, fault: Fault
) -> None:
    row = due(page, ann)
    closed = TransportError("refused the sender: 554 5.7.1 closed", fault=fault)
    finish(closed, *claim())
    row.refresh_from_db()
    assert (row.state, row.fault, row.failing_since) == ("pending", fault, NOW)
    assert NOW < row.next_at <= NOW + timedelta(seconds=3)
    assert ContactMethod.objects.get(person=ann).fault == ""
    page.refresh_from_db()
    assert page.next_at == LATER, "the next step comes at its own time"
    [said] = Decision.objects.filter(page=page, kind="undelivered")
    assert said.reason == (
        "The mail to Ann cannot be sent: refused the sender: 554 5.7.1 closed. No address is "
        "blamed; it is tried again while the page is open"
    )
    finish(closed, *claim(now=row.next_at), at=row.next_at)
    assert Decision.objects.filter(page=page, kind="undelivered").count() == 1, "said once"
    row.refresh_from_db()
    finish(SENT, *claim(now=row.next_at), at=row.next_at)
    row.refresh_from_db()
    assert (row.state, row.fault, row.failing_since) == ("sent", "", None)
    [left] = Decision.objects.filter(page=page, kind="delivered")
    assert left.reason == (
        "The mail to Ann has left; it could not be sent since 2026-11-20 10:00 UTC"
    )


def test_whatever_waited_for_a_server_is_due_once_it_has_taken_one(page: Page, ann: Person) -> None:
    first, second = due(page, ann), due(page, ann, destination="b@x.org")
    other = due(page, ann, kind="ntfy", destination="https://n.example/t", server="n.example")
    refused = due(page, ann, destination="c@x.org")
    closed = TransportError("554", fault=Fault.INSTALLATION)
    spam = TransportError("554 5.6.0 spam", fault=Fault.MESSAGE)
    claimed = {one.id: one for one in claim()}
    results = [SendOutcome(claimed[one.pk], closed) for one in (first, second, other)]
    delivery.finish(results=[*results, SendOutcome(claimed[refused.pk], spam)], now=NOW)
    again = Notification.objects.get(pk=first.pk).next_at
    Notification.objects.exclude(pk=first.pk).update(next_at=LATER)
    finish(SENT, *claim(now=again), at=again)
    assert Notification.objects.get(pk=second.pk).next_at == again
    assert Notification.objects.get(pk=other.pk).next_at == LATER, "another server"
    assert Notification.objects.get(pk=refused.pk).next_at == LATER, "its text is no better"


def test_a_defect_of_ours_hastens_nobody_and_stays_in_sight(page: Page, ann: Person) -> None:
    row = due(page, ann)
    broke = TransportError("TypeError", fault=Fault.INSTALLATION, unknown=True)
    finish(broke, *claim())
    row.refresh_from_db()
    finish(broke, *claim(now=row.next_at), at=row.next_at)
    row.refresh_from_db()
    assert (row.state, row.fault) == ("failed", "installation")
    assert row.failing_since is not None
    page.refresh_from_db()
    assert page.next_at == LATER


@pytest.mark.parametrize("other", ["pending", "sending", "sent"])
def test_the_next_step_waits_while_another_message_may_arrive(
    page: Page, ann: Person, other: str
) -> None:
    due(page, ann)
    claimed = claim()
    factories.notification(page, to=ann, destination="other@example.org", state=other)
    finish(TransportError("gone", fault=Fault.RECIPIENT), *claimed)
    page.refresh_from_db()
    assert page.next_at == LATER


def test_r04_one_failing_recipient_leaves_the_others_untouched(page: Page, ann: Person) -> None:
    bad = due(page, ann, destination="bad@x.org")
    good = due(page, ann, destination="good@x.org")
    claimed = {one.id: one for one in claim()}
    broken = TransportError("gone", fault=Fault.RECIPIENT)
    results = [SendOutcome(claimed[bad.pk], broken), SendOutcome(claimed[good.pk], SENT)]
    delivery.finish(results=results, now=NOW)
    assert Notification.objects.get(pk=good.pk).state == "sent"
    assert Notification.objects.get(pk=bad.pk).state == "failed"


def test_an_unknown_outcome_is_sent_once_more_with_a_mark_and_never_again(
    page: Page, ann: Person
) -> None:
    row = due(page, ann)
    unknown = TransportError("broke after DATA", unknown=True)
    finish(unknown, *claim())
    row.refresh_from_db()
    (again,) = claim(now=row.next_at)
    assert again.message.subject.startswith("[may be repeated] ")
    finish(unknown, again, at=row.next_at)
    row.refresh_from_db()
    assert row.state == "failed"
    assert ContactMethod.objects.get(person=ann).fault == ""


def test_o12_a_stale_message_of_an_open_page_is_written_afresh(page: Page, ann: Person) -> None:
    row = due(page, ann, body="Since 10:00")
    hours_later = NOW + timedelta(hours=3)
    (claimed,) = claim(now=hours_later)
    assert claimed.message.body.startswith("Sent 3 h late: it was due at 2026-11-20 10:00 UTC.")
    assert claimed.message.body.endswith("Since 10:00")
    row.refresh_from_db()
    assert row.created_at == hours_later
    assert outcomes(row) == ["expired"]
    finish(TransportError("busy"), claimed, at=hours_later)
    row.refresh_from_db()
    assert row.state == "pending", "it has a whole useful life again"
    (again,) = claim(now=hours_later + timedelta(hours=1))
    assert again.message.body.startswith("Sent 4 h late: it was due at 2026-11-20 10:00 UTC.")
    assert again.message.body.count("late") == 1, "said once, and how late it really is"


def test_o12_a_stale_message_nobody_needs_is_not_sent(page: Page, ann: Person) -> None:
    row = due(page, ann, purpose="resolved")
    Page.objects.filter(pk=page.pk).update(state="resolved")
    assert claim(now=NOW + timedelta(hours=2)) == []
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_what_was_never_started_is_given_back_without_a_trace(page: Page, ann: Person) -> None:
    row = due(page, ann)
    assert delivery.release(claimed=take()) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease_until) == ("pending", 0, None)
    (again,) = claim()
    assert not again.message.body.startswith("[may be")


def test_the_number_of_statements_does_not_grow(page: Page, ann: Person) -> None:
    def statements(count: int, prefix: str) -> int:
        for n in range(count):
            due(page, ann, destination=f"{prefix}{n}@x.org")
        with CaptureQueriesContext(connection) as seen:
            assert finish(SENT, *claim()) == count
        return len(seen)

    assert statements(2, "few") == statements(40, "many")


def test_text_that_a_database_refuses_is_kept_readable(page: Page, ann: Person) -> None:
    row = due(page, ann)
    finish(TransportError("bad\x00byte", fault=Fault.RECIPIENT), *claim())
    row.refresh_from_db()
    assert row.error == "badbyte"
